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
from orchestration.sandbox.firm.app import SYSTEMS

LIBRARY = Path(__file__).parents[2] / "contracts" / "library" / "systems"
NEW, OLD = LIBRARY / "psa.projects-2.0.0.yaml", LIBRARY / "psa.projects-1.4.0.yaml"
EXAMPLES = 20


class SignedIn:
    """What stands before a system that takes user and password: nobody comes in without them."""

    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, scope, receive, send):
        if b"authorization" in dict(scope["headers"]):
            await self.inner(scope, receive, send)
            return
        await send(
            {
                "type": "http.response.start",
                "status": 401,
                "headers": [
                    (b"content-type", b"application/json"),
                    (b"www-authenticate", b"Basic"),
                ],
            }
        )
        refusals = {"/jira": b'{"errorMessages": ["Sign in."], "errors": {}}'}
        other = b'{"error": {"message": "Sign in."}, "status": "failure"}'
        await send({"type": "http.response.body", "body": refusals.get(scope["path"][:5], other)})


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
        *(
            pytest.param(LIBRARY / f"{document}.yaml", lambda _: Sandbox(), f"/{name}", id=name)
            for name, (document, _, _) in SYSTEMS.items()
        ),
        pytest.param(NEW, Mock, "", id="mock v2"),
        pytest.param(OLD, Mock, "", id="mock v1"),
    ],
)
def test_all_checks_pass(serve, contract, make, base, tmp_path):
    document = read(contract.read_bytes(), source=contract.name)
    url = serve(SignedIn(make(document)) if "basic" in contract.read_text() else make(document))
    # Jira answers 400 to a project that is there already.
    (tmp_path / "schemathesis.toml").write_text(
        "[checks.positive_data_acceptance]\n"
        'expected-statuses = ["2xx", "3xx", "400", "401", "403", "404", "409", "429"]\n'
        if "jira" in contract.name
        else ""
    )
    done = subprocess.run(
        [Path(sys.executable).with_name("schemathesis"), "run", str(contract), "--url", url + base,
         "--checks", "all", "--exclude-checks", "ignored_auth", "--max-examples", str(EXAMPLES),
         "--seed", "1", "--no-color"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    operations = int(re.search(r"Tested: (\d+)", done.stdout)[1])
    assert int(re.search(r"(\d+) generated", done.stdout)[1]) >= EXAMPLES * operations
