"""Agents over TLS: the worker shows its certificate, and takes only agents that show theirs."""

import json
import os
import subprocess
import sys
import time

import pytest
from flow_world import CONTRACT
from newcomer import ROOT
from paper_world import Paper
from ports import free_port
from registry_world import World


@pytest.fixture
def place(tmp_path):
    url = f"sqlite:///{tmp_path}/registry.db"
    registry = World(tmp_path, url)
    workers, agents = Paper(tmp_path, "workers"), Paper(tmp_path, "agents")
    Paper(tmp_path, "worker", workers)
    Paper(tmp_path, "agent", agents)
    for name in ("contracts", "flows"):
        (tmp_path / name).mkdir()
    (tmp_path / "contracts" / "demo.erp-1.0.0.yaml").write_bytes(CONTRACT)
    (tmp_path / "systems.yaml").write_text("systems: {erp: {site: plant}}")
    system = {"contract": "demo.erp", "version": "1.0.0", "base_url": "http://127.0.0.1:9"}
    (tmp_path / "agent.yaml").write_text(json.dumps({"systems": {"erp": system}}))
    yield tmp_path, url, registry
    registry.parts.engine.dispose()


def start(folder, url, *command):
    return subprocess.Popen(
        [sys.executable, "-m", "orchestration", *command], cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TREATY_DATABASE_URL": url},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def seen(registry):
    items = registry.call("GET", "/v1/agents", status=200).json()["items"]
    return {each["name"] for each in items if each["seen_at"]}


def test_only_an_agent_with_a_certificate_comes_in(place):
    folder, url, registry = place
    port = free_port()
    worker = start(
        folder, url, "worker", "--systems", "systems.yaml", "--flows", ".", "--data-dir", "data",
        "--port", str(port), "--tls-certificate", "worker.pem", "--tls-key", "worker.pem",
        "--client-ca", "agents.pem",
    )  # fmt: skip
    agents = []
    for name, papers in (("with", ["--certificate", "agent.pem", "--certificate-key", "agent.pem"]),
                         ("without", [])):  # fmt: skip
        body = {"site": "plant", "name": name}
        token = registry.call("POST", "/v1/agents", body, status=201).json()["token"]
        (folder / name).write_text(token)
        agents.append(start(
            folder, url, "agent", "--hub", f"wss://localhost:{port}/agents/plant", "--systems",
            "agent.yaml", "--token-file", name, "--contracts", ".", "--ca", "workers.pem", *papers,
        ))  # fmt: skip
    try:
        limit = time.monotonic() + 40
        while seen(registry) != {"with"}:
            assert time.monotonic() < limit
            time.sleep(0.1)
        # The other one has tried by now, and goes on trying without being let in.
        assert [agent.poll() for agent in agents] == [None, None]
    finally:
        for process in (*agents, worker):
            process.terminate()
            process.wait(30)
    assert seen(registry) == {"with"}
