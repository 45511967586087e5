"""The processes as a person starts them: ready, refused, stopped, started again."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

from newcomer import ROOT, wait_for
from ports import free_ports

NEW = ROOT / "contracts" / "library" / "systems" / "psa.projects-2.0.0.yaml"


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "orchestration", *map(str, arguments)],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def end(process):
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=15)
    assert "Traceback" not in said
    return process.returncode


def test_the_sandbox_keeps_what_it_was_told(tmp_path):
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    facts = {"name": "New work", "client": "Delta Foods", "start_date": "2026-12-01",
             "currency": "EUR", "budget_fee": "100.00", "budget_cost": "60.00"}  # fmt: skip
    first = start("sandbox", "--port", port, "--data-dir", tmp_path)
    wait_for(f"{url}/-/ready")
    request = urllib.request.Request(
        f"{url}/v2/projects", json.dumps(facts).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        made = json.load(answer)
    assert end(first) in (0, -signal.SIGTERM)
    second = start("sandbox", "--port", port, "--data-dir", tmp_path)
    kept = wait_for(f"{url}/v2/projects/{made['project_id']}")
    end(second)
    assert kept == made
    assert made["margin_percent"] == "40.0"


def test_a_taken_port_is_named():
    (port,) = free_ports(1)
    first = start("mock", NEW, "--port", port)
    wait_for(f"http://127.0.0.1:{port}/-/ready")
    second = start("mock", NEW, "--port", port)
    _, said = second.communicate(timeout=15)
    end(first)
    assert second.returncode == 2
    assert str(port) in said


def test_an_unreadable_contract_is_a_problem(tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("openapi: [")
    for path in (bad, tmp_path / "missing.yaml", Path("/proc/self/mem")):
        process = start("mock", path, "--port", free_ports(1)[0])
        _, said = process.communicate(timeout=15)
        assert process.returncode == 3
        assert "Traceback" not in said
