"""What workers share about a system: turns that never come closer than the rate, places, the pause."""

import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from flow_world import DEAL, deployed, erp_server, runs, settled, tell, working
from registry_world import DATABASES, World, database

from orchestration.systems.settings import Limit
from orchestration.systems.sharing import Shared
from orchestration.systems.turns import LocalTurns, PressureError, SharedTurns
from registry.db.engine import make_engine, transaction
from registry.db.migrate import migrate
from registry.db.models import Worker

LEASE = timedelta(seconds=15)


@pytest.fixture(params=DATABASES)
def engine(request, tmp_path):
    with database(request.param, tmp_path) as url:
        engine = make_engine(url)
        migrate(engine)
        yield engine
        engine.dispose()


def alive(engine, *names):
    now = datetime.now(UTC)
    with transaction(engine, writes=True) as session:
        session.add_all(Worker(id=n, started_at=now, seen_at=now, ended_at=None) for n in names)


def test_turns_of_all_workers_keep_the_rate(engine):
    limit, found = Limit(per_second=200, burst=1_000), []

    def work(name):
        shared = Shared(engine, name, LEASE)
        for _ in range(8):
            found.extend(shared.reserve("erp", "all", limit))

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.sort()
    assert len(found) == 4 * 8 * 20
    assert min(b - a for a, b in pairwise(found)) > 0.0049


def test_a_rate_that_is_used_up_is_told_with_the_time_to_wait(engine):
    shared, limit = Shared(engine, "w1", LEASE), Limit(per_second=0.5, burst=1)
    shared.reserve("erp", "write", limit)
    with pytest.raises(PressureError) as raised:
        shared.reserve("erp", "write", limit)
    assert 1.0 < raised.value.seconds <= 2.0
    assert shared.reserve("erp", "read", limit)  # another class has its own turns


@pytest.mark.parametrize(
    ("workers", "places"), [(1, [7]), (2, [4, 3]), (3, [3, 2, 2]), (9, [1] * 7 + [0] * 2)]
)
def test_places_are_divided_among_those_alive(engine, workers, places):
    names = [f"w{number}" for number in range(workers)]
    alive(engine, *names)
    limit = Limit(per_second=1, concurrent=7)
    assert [Shared(engine, name, LEASE).places(limit) for name in names] == places


def test_a_reserved_turn_that_nobody_took_in_time_is_lost():
    now, reserved = [100.0], []

    def reserve(_):
        reserved.append(now[0])
        return [now[0], now[0] + 0.1]

    turns = SharedTurns(Limit(per_second=10), reserve, lambda: now[0])
    assert [turns.wait(), round(turns.wait(), 6)] == [0.0, 0.1]
    turns.wait()
    now[0] += 60
    assert (turns.wait(), len(reserved)) == (0.0, 3)


def test_one_worker_alone_keeps_its_rate():
    turns = LocalTurns(Limit(per_second=2, burst=2), lambda: 5.0)
    assert [turns.wait() for _ in range(4)] == [0.0, 0.0, 0.5, 1.0]
    with pytest.raises(PressureError):
        turns.wait()


@pytest.mark.parametrize("kind", DATABASES)
def test_an_operator_pauses_a_system_and_its_runs_wait_unharmed(kind, tmp_path):
    with database(kind, tmp_path) as url:
        registry = World(tmp_path, url)
        engine = registry.parts.engine
        deployed(engine)
        journal = url if kind != "sqlite" else f"sqlite:///{tmp_path}/journal.db"
        with erp_server() as (erp, base), working(url, journal, base):
            path = "/v1/systems/erp"
            registry.call("POST", f"{path}/pause", {"reason": "year end"}, status=200)
            registry.call("POST", f"{path}/pause", {"reason": "again"}, status=409)
            registry.call("POST", "/v1/systems/psa/pause", {"reason": "x"}, status=404)
            tell(engine, 1, **DEAL)
            (run,) = settled(engine, states=("waiting",))
            while not (run := runs(engine)[0]).step:
                pass
            assert (run.state, run.step, erp.asked) == ("waiting", "customer", [])
            shown = registry.call("GET", "/v1/systems", status=200).json()["items"]
            assert [(each["system"], each["reason"]) for each in shown] == [("erp", "year end")]
            # Two quick tries are all that this step has; waiting took none of them.
            erp.troubles = [(500, {})]
            registry.call("POST", f"{path}/resume", {}, status=200)
            with transaction(engine, writes=True) as session:
                session.merge(run).resume_at = datetime.now(UTC)
            (run,) = settled(engine)
        assert (run.state, len(erp.effects)) == ("done", 1)
        engine.dispose()
