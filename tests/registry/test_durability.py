"""kill -9 while the registry writes: what it acknowledged is there, what it did not is whole or gone."""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest
from newcomer import ROOT, wait_for
from ports import free_ports

ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


def registry(*arguments, **options):
    return [sys.executable, "-m", "registry", *map(str, arguments)], {
        "cwd": ROOT, "env": ENVIRONMENT, "stderr": subprocess.DEVNULL, **options,
    }  # fmt: skip


@pytest.fixture
def served(tmp_path):
    def once(*arguments):
        command, options = registry(*arguments, "--data-dir", tmp_path)
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, **options).stdout

    once("migrate")
    token = json.loads(once("bootstrap"))["admin_token"]
    running = []

    def start():
        (port,) = free_ports(1)
        command, options = registry("serve", "--port", port, "--data-dir", tmp_path)
        running.append(subprocess.Popen(command, **options))
        wait_for(f"http://127.0.0.1:{port}/readyz")
        return running[-1], f"http://127.0.0.1:{port}", token

    yield start
    for process in running:
        process.kill()
        process.wait(10)


def post(url, token, name):
    request = urllib.request.Request(
        f"{url}/v1/teams",
        json.dumps({"name": name, "title": name}).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status


def everything(url, token):
    found, cursor = [], ""
    while cursor is not None:
        page = wait_for(f"{url}/v1/teams?limit=200{cursor}", {"Authorization": f"Bearer {token}"})
        found += [team["name"] for team in page["items"]]
        cursor = f"&cursor={page['next']}" if page["next"] else None
    return found


def test_nothing_acknowledged_is_lost_and_the_audit_chain_holds(served):
    process, url, token = served()
    acknowledged = []

    def write():
        number = 0
        while True:
            try:
                post(url, token, f"team-{number}")
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                return
            acknowledged.append(f"team-{number}")
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    while len(acknowledged) < 25:
        time.sleep(0.01)
    process.kill()
    process.wait(10)
    writer.join(15)
    assert not writer.is_alive()

    _, url, token = served()
    kept = everything(url, token)
    assert set(acknowledged) <= set(kept)
    # The one call in flight may have been stored without its answer; no other one.
    assert len(kept) <= len(acknowledged) + 1
    chain = wait_for(f"{url}/v1/audit/verify", {"Authorization": f"Bearer {token}"})
    assert chain["ok"]
