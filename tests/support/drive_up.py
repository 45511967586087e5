"""`treaty` with its child processes replaced by the stub servers, as a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

from registry.cli import processes, supervise
from registry.cli.app import run

STUB = Path(__file__).with_name("stub_servers.py")


def start(module, arguments, *, stdout=None, stderr=None):
    return subprocess.Popen(
        [sys.executable, str(STUB), module, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )


processes.start = start
patience = json.loads(os.environ["STUB_TROUBLE"]).get("patience", 60)
ready = supervise.Supervisor.wait_ready
supervise.Supervisor.wait_ready = lambda self, *a: ready(self, *a, seconds=patience)
stop = supervise.Supervisor.stop
supervise.Supervisor.stop = lambda self: stop(self, seconds=0.3)
sys.exit(run(sys.argv[1:]))
