"""schemathesis against the registry's own description: all checks, no failure.

One run a group of paths, so that two workers share the work.
"""

import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import uvicorn
from registry_world import world

ROOT = Path(__file__).parents[2]
GROUPS = {
    "contracts": "^/v1/contracts",
    "catalog": "^/v1/(teams|people|services|environments)",
    "access": "^/v1/(applications|grants|plans|tokens)",
    "rest": "^(?!/v1/(contracts|teams|people|services|environments|applications|grants|plans|tokens))",
}
EXAMPLES = 20


def ran(output):
    """How many cases schemathesis made; every operation must have been tested."""
    selected, tested = re.search(r"Selected: (\d+)/\d+\n  Tested: (\d+)", output).groups()
    assert selected == tested
    return int(re.search(r"(\d+) generated", output)[1])


@pytest.fixture
def served(tmp_path):
    with world("sqlite", tmp_path) as running:
        running.seed()
        server = uvicorn.Server(
            uvicorn.Config(
                running.app, port=0, log_level="error", access_log=False, server_header=False
            )
        )
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield running, f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join(10)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.timeout(600)
def test_all_checks_pass(served, group, tmp_path):
    running, url = served
    # In a folder of its own: what an earlier run crashed on must not decide this one.
    shutil.copy(ROOT / "schemathesis.toml", tmp_path)
    done = subprocess.run(
        [Path(sys.executable).with_name("schemathesis"), "run", f"{url}/openapi.json",
         "-H", f"Authorization: Bearer {running.token}", "--include-path-regex", GROUPS[group],
         "--checks", "all", "--max-examples", str(EXAMPLES), "--seed", "1", "--no-color"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert ran(done.stdout) >= EXAMPLES * 10
