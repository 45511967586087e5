"""Every shipped flow, its worker killed at one step boundary after the other, until the run is done.

Each life of the worker completes one record and dies at the next one, before or after its act, so a
run passes through all of its boundaries. `make chaos` does this on both databases.
"""

import time

import pytest
from firm_world import deal, firm
from flow_world import runs
from registry_world import DATABASES, database
from sqlalchemy import select

from registry.db.engine import make_engine, transaction
from registry.db.migrate import migrate
from registry.db.models import Fact, OutboxEvent

LIVES = 60
PROJECT = {
    "crm.updateOpportunity": 1, "erp.putBillingSchedule": 1, "erp.putCustomer": 1,
    "erp.putProject": 1, "jira.createProject": 1, "psa.putMilestones": 1, "psa.putProject": 1,
    "servicenow.createRecord": 1,
}  # fmt: skip
FLOWS = {
    "opportunity-to-project": ("win-deal", {"opportunity": deal(5)}, PROJECT, ["project.activated"]),
    "approved-time-to-invoice": (
        "approve-time", {"project": deal(5), "period": "2026-03", "entries": 3},
        {"erp.putDraftInvoice": 1, "erp.postInvoice": 1, "psa.putInvoiceReference": 3},
        ["time.approved", "invoice.posted"],
    ),
    "change-order-to-reforecast": (
        "approve-change-order", {"opportunity": deal(5), "value": 12_000, "hours": 100},
        {"psa.putBudget": 1, "erp.putBillingSchedule": 1, "erp.putForecast": 1},
        ["forecast.updated"],
    ),
    "delivery-to-finance": (
        "finish-milestone", {"project": deal(5)},
        {"psa.reachMilestone": 1, "erp.createBillingEvent": 1}, ["milestone.reached"],
    ),
}  # fmt: skip
CASES = [
    pytest.param(
        database, after, flow, id=f"{database}-{flow}-{'after' if after else 'before'} the act",
        # One database and one side of the act by default; `make chaos` asks for all.
        marks=() if (database, after) == ("sqlite", True) else pytest.mark.thorough,
    )
    for database in DATABASES
    for after in (False, True)
    for flow in FLOWS
]  # fmt: skip


def ended(engine, count):
    found = runs(engine)
    return len(found) == count and all(run.state not in ("waiting", "running") for run in found)


def until(condition, seconds=90):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.02)


def lives(world, count, after):
    """Let workers live and die until all runs have ended; return how many died."""
    for dead in range(LIVES):
        worker = world.worker(
            driver="drive_worker.py", KILL_AT="1", KILL_AFTER="1" if after else "0"
        )
        until(lambda w=worker: w.poll() is not None or ended(world.engine, count))
        if worker.poll() is None:
            worker.terminate()
            worker.wait(30)
            return dead
        assert worker.returncode == -9
    raise AssertionError("the run never ends")


@pytest.mark.parametrize(("kind", "after", "flow"), CASES)
def test_a_flow_survives_every_boundary(tmp_path, kind, after, flow):
    with database(kind, tmp_path) as url:
        engine = make_engine(url)
        migrate(engine)
        with firm(tmp_path, url) as world:
            world.engine = engine
            count = 1
            if flow != "opportunity-to-project":
                # A calm worker makes the project first.
                calm = world.worker()
                world.act("win-deal", opportunity=deal(5))
                until(lambda: ended(engine, 1))
                calm.terminate()
                calm.wait(30)
                count = 2
            before = world.effects()
            name, given, effects, facts = FLOWS[flow]
            world.act(name, **given)
            assert lives(world, count, after) >= len(effects)
            assert {run.state for run in runs(engine)} == {"done"}
            done = {key: times - before.get(key, 0) for key, times in world.effects().items()}
            assert {key: times for key, times in done.items() if times} == effects
        with transaction(engine, writes=False) as session:
            told = [fact.type for fact in session.scalars(select(Fact).order_by(Fact.seq))]
            assert told == [*(["project.activated"] if count > 1 else []), *facts]
            events = session.scalars(select(OutboxEvent).order_by(OutboxEvent.seq))
            assert [event.type for event in events] == told
        engine.dispose()
