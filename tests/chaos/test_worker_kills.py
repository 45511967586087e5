"""A worker killed at every step boundary of a run: another one ends it, with one effect per key."""

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from flow_world import CONTRACT, erp_server, runs, settled, tell
from newcomer import ROOT
from ports import free_port
from registry_world import DATABASES, database
from sqlalchemy import select

from registry.db.engine import make_engine, transaction
from registry.db.migrate import migrate
from registry.db.models import Fact, OutboxEvent

FLOW = Path(__file__).with_name("deal.yaml")
DEAL = {"deal": "D1", "customer": "acme", "lines": ["1.10", "2.20"]}
BOUNDARIES = 5  # two calls, an event, another call, the end


def worker(folder, url, *, kill=None):
    command = [sys.executable, "-m", "orchestration"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TREATY_DATABASE_URL": url}
    if kill is not None:
        command = [sys.executable, str(ROOT / "tests" / "support" / "drive_worker.py")]
        environment |= {"KILL_AT": str(kill[0]), "KILL_AFTER": "1" if kill[1] else "0"}
    return subprocess.Popen(
        [*command, "worker", "--systems", "systems.yaml", "--flows", ".", "--data-dir", "data",
         "--port", str(free_port()), "--lease-seconds", "1"],
        cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.fixture(params=DATABASES)
def place(request, tmp_path):
    with database(request.param, tmp_path) as url, erp_server() as (erp, base):
        for name in ("flows", "contracts"):
            (tmp_path / name).mkdir()
        (tmp_path / "contracts" / "demo.erp-1.0.0.yaml").write_bytes(CONTRACT)
        (tmp_path / "flows" / "deal.yaml").write_bytes(FLOW.read_bytes())
        (tmp_path / "systems.yaml").write_text(f"systems: {{erp: {{base_url: '{base}'}}}}")
        engine = make_engine(url)
        migrate(engine)
        yield tmp_path, url, engine, erp
        engine.dispose()


def deployed(folder, url, engine):
    """Make the flow live, with a worker that has nothing to do."""
    subprocess.run(
        [sys.executable, "-m", "orchestration", "flows", "deploy", str(folder)],
        cwd=ROOT, env=os.environ | {"TREATY_DATABASE_URL": url}, check=True,
        stdout=subprocess.DEVNULL, timeout=60,
    )  # fmt: skip
    assert tell(engine, 1, **DEAL) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(BOUNDARIES))
def test_every_boundary(place, at, after):
    folder, url, engine, erp = place
    deployed(folder, url, engine)
    first = worker(folder, url, kill=(at, after))
    assert first.wait(60) == -9
    second = worker(folder, url)
    try:
        (run,) = settled(engine)
    finally:
        second.terminate()
        second.wait(30)
    assert run.state == "done"
    assert erp.effects.keys() == {"invoice:D1", "credit:D1"}
    assert all(len(set(map(str, bodies))) == 1 for bodies in erp.effects.values())
    with transaction(engine, writes=False) as session:
        assert [fact.subject for fact in session.scalars(select(Fact))] == ["D1"]
        assert len(session.scalars(select(OutboxEvent)).all()) == 1


def let_go(process, folder):
    """Pause the process again until it is not in the middle of a write: SQLite has one lock."""
    files = [folder / "registry.db", folder / "data" / "journal.db"]
    until = time.monotonic() + 20
    while any(locked(file) for file in files if file.exists()):
        assert time.monotonic() < until
        os.kill(process.pid, 18)
        time.sleep(0.01)
        os.kill(process.pid, 19)


def locked(file):
    with closing(sqlite3.connect(file, timeout=0.2, isolation_level=None)) as database:
        try:
            database.execute("BEGIN IMMEDIATE")
            database.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return True
    return False


def test_a_paused_worker_that_wakes_past_its_lease_changes_nothing(place):
    folder, url, engine, erp = place
    deployed(folder, url, engine)
    paused = []

    def pause(number):
        if number == 1:
            os.kill(first.pid, 19)  # SIGSTOP, in the middle of its first call
            paused.append(number)

    erp.on_call = pause
    first = worker(folder, url)
    second = None
    try:
        until = time.monotonic() + 40
        while not paused and time.monotonic() < until:
            time.sleep(0.02)
        let_go(first, folder)
        second = worker(folder, url)
        (run,) = settled(engine)
        os.kill(first.pid, 18)  # SIGCONT
        assert tell(engine, 2, **DEAL | {"deal": "D2"}) == 1
        settled(engine)
    finally:
        for process in (first, second):
            if process is not None:
                os.kill(process.pid, 18)
                process.terminate()
                process.wait(30)
    assert run.state == "done"
    assert [each.state for each in runs(engine)] == ["done", "done"]
    assert erp.effects.keys() == {"invoice:D1", "credit:D1", "invoice:D2", "credit:D2"}
    with transaction(engine, writes=False) as session:
        assert sorted(fact.subject for fact in session.scalars(select(Fact))) == ["D1", "D2"]
