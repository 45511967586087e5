"""The blocks of docs/flows.md, run as they stand in an empty directory."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from newcomer import wait_for
from ports import free_ports

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "flows.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^```sh (\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))


class Reader:
    """Somebody who reads the page and types what stands there, at a place with other ports."""

    def __init__(self, folder):
        self.ports = dict(
            zip(("8800", "8801", "8804", "9010"), map(str, free_ports(4)), strict=True)
        )
        tools = folder / "tools"
        tools.mkdir()
        (tools / "treaty").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m registry.cli "$@"\n')
        (tools / "treaty").chmod(0o755)
        self.work = folder / "empty"
        self.work.mkdir()
        self.environment = {
            "PATH": f"{tools}:/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": str(ROOT),
        }  # fmt: skip

    def script(self, text):
        for known, free in self.ports.items():
            text = text.replace(known, free)
        return f"set -e\n{text}"

    def types(self, text):
        done = subprocess.run(
            ["bash", "-c", self.script(text)], cwd=self.work, env=self.environment,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def leaves_running(self, text):
        with (self.work.parent / "servers.log").open("ab") as log:
            process = subprocess.Popen(
                ["bash", "-c", self.script(text) + "\nwait"], cwd=self.work, env=self.environment,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
            try:
                yield
            finally:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(30)


def test_the_page_does_what_it_says(tmp_path):
    reader = Reader(tmp_path)
    up = BLOCKS["up"].strip() + " --registry-port 8800 --gateway-port 8801"
    with reader.leaves_running(up):
        wait_for(f"http://127.0.0.1:{reader.ports['8800']}/readyz", seconds=60)
        for name in ("contract", "mapping", "flow"):
            reader.types(BLOCKS[name])
        assert "ok  large-order: the desk is away for a while" in reader.types(BLOCKS["rehearsal"])
        with reader.leaves_running(BLOCKS["run"]):
            wait_for(f"http://127.0.0.1:{reader.ports['8804']}/-/ready", seconds=60)
            assert reader.types(BLOCKS["event"]).count('"accepted"') == 2
            assert reader.types(BLOCKS["event"]).count('"known"') == 2
            until = time.monotonic() + 40
            states = []
            while time.monotonic() < until and sorted(states) != ["done", "exception"]:
                states = [
                    run["state"] for run in json.loads(reader.types("treaty runs --format json"))
                ]
            look = reader.types(BLOCKS["look"])
    assert sorted(states) == ["done", "exception"]
    assert "The order has no lines." in look
