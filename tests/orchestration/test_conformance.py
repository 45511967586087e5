"""schemathesis against the sandbox and the mock: they honour the contracts they stand for.

`ignored_auth` is left out: the gateway enforces authentication, the systems stand behind it.
"""

import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import uvicorn

from contracts.formats import read
from orchestration.mock.app import Mock
from orchestration.sandbox.app import Sandbox

LIBRARY = Path(__file__).parents[2] / "contracts" / "library" / "systems"
NEW, OLD = LIBRARY / "psa.projects-2.0.0.yaml", LIBRARY / "psa.projects-1.4.0.yaml"
EXAMPLES = 20


@pytest.fixture
def serve():
    running = []

    def start(app):
        config = uvicorn.Config(app, port=0, log_level="error", access_log=False, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        running.append((server, thread))
        while not server.started:
            time.sleep(0.02)
        return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(10)


@pytest.mark.parametrize(
    ("contract", "make", "base"),
    [
        pytest.param(NEW, lambda _: Sandbox(), "/v2", id="sandbox v2"),
        pytest.param(OLD, lambda _: Sandbox(), "/v1", id="sandbox v1"),
        pytest.param(NEW, Mock, "", id="mock v2"),
        pytest.param(OLD, Mock, "", id="mock v1"),
    ],
)
def test_all_checks_pass(serve, contract, make, base, tmp_path):
    url = serve(make(read(contract.read_bytes(), source=contract.name)))
    done = subprocess.run(
        [Path(sys.executable).with_name("schemathesis"), "run", str(contract), "--url", url + base,
         "--checks", "all", "--exclude-checks", "ignored_auth", "--max-examples", str(EXAMPLES),
         "--seed", "1", "--no-color"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    operations = int(re.search(r"Tested: (\d+)", done.stdout)[1])
    assert int(re.search(r"(\d+) generated", done.stdout)[1]) >= EXAMPLES * operations
