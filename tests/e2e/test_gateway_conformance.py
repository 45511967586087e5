"""schemathesis against the gateway fronting the generic mock: all checks, no failure."""

import base64
import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from newcomer import ROOT, environment, mocked, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

CONTRACT = ROOT / "contracts" / "library" / "systems" / "psa.projects-2.0.0.yaml"
SCOPES = ["projects.read", "projects.write", "projects.personal", "projects.costs"]
EXAMPLES = 20


def ran(output):
    """How many cases schemathesis made; every operation must have been tested."""
    selected, tested = re.search(r"Selected: (\d+)/\d+\n  Tested: (\d+)", output).groups()
    assert selected == tested
    return int(re.search(r"(\d+) generated", output)[1])


def token(treaty):
    """An application that may do everything, as often as it likes."""
    limit = {"name": "calls", "quota": 1_000_000, "window_seconds": 1}
    for path, body in [
        ("/v1/plans", {"name": "unbounded", "title": "For tests", "approval": "automatic", "limits": [limit]}),
        ("/v1/applications", {"id": "fuzzer", "name": "Fuzzer", "team": "delivery"}),
        ("/v1/grants", {"application": "fuzzer", "contract": "psa.projects", "plan": "unbounded",
                        "environment": "demo", "scopes": SCOPES}),
    ]:  # fmt: skip
        treaty.api("POST", path, body)
    made = treaty.api("POST", "/v1/applications/fuzzer/credentials", {"kind": "client-secret"})
    basic = base64.b64encode(f"fuzzer:{made['secret']}".encode()).decode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{treaty.ports[0]}/oauth/token",
        data=b"grant_type=client_credentials",
        headers={"Authorization": f"Basic {basic}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["access_token"]


def test_all_checks_pass(treaty):
    with mocked(CONTRACT) as upstream:
        treaty.api(
            "POST", "/v1/environments/demo/deployments",
            {"contract": "psa.projects", "version": "2.0.0", "upstream": upstream, "base_path": "/mock/v2"},
        )  # fmt: skip
        base, bearer = f"http://127.0.0.1:{treaty.ports[1]}/mock/v2", f"Bearer {token(treaty)}"
        wait_for(f"{base}/projects", {"Authorization": bearer})
        done = subprocess.run(
            [Path(sys.executable).with_name("schemathesis"), "run", str(CONTRACT), "--url", base,
             "-H", f"Authorization: {bearer}", "--checks", "all", "--max-examples", str(EXAMPLES),
             "--seed", "1", "--no-color"],
            cwd=treaty.folder, env=environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:]
    assert ran(done.stdout) >= EXAMPLES * 8
