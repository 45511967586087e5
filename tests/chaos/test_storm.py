"""A storm over the whole firm: events doubled and out of order, stale reads, systems that fail after they
have acted, a worker killed and one stopped past its lease; then everything that must hold is checked.
"""

import os
import random
import signal
import time
from decimal import Decimal

import invariants
import pytest
from firm_world import deal, firm
from flow_world import runs
from ports import free_port
from registry_world import DATABASES, database
from sqlalchemy import select

from orchestration.sandbox.firm.seed import key
from registry.db.engine import make_engine, transaction
from registry.db.migrate import migrate
from registry.db.models import FlowException, InboxEvent

CASES = [
    pytest.param(kind, seed, deals, id=f"{kind}-seed {seed}", marks=marks)
    for kind in DATABASES
    for seed, deals, marks in (
        (1, 3, () if kind == "sqlite" else pytest.mark.thorough),
        (2, 6, pytest.mark.thorough),
        (3, 6, pytest.mark.thorough),
    )
]
ENDED = ("done", "exception", "superseded", "discarded")


def settled(engine, events, seconds=120):
    """Wait until at least so many events have come in, and all runs have ended for a while."""
    limit = time.monotonic() + seconds
    quiet = 0
    while quiet < 10:
        left = [
            (r.flow, r.business_key, r.state, r.step) for r in runs(engine) if r.state not in ENDED
        ]
        quiet = 0 if left or came_in(engine) < events else quiet + 1
        assert time.monotonic() < limit, left
        time.sleep(0.1)


def held(engine):
    """What waits for a person: nothing in a storm does, for systems that are away come back."""
    with transaction(engine, writes=False) as session:
        rows = session.scalars(select(FlowException).where(FlowException.state != "resolved"))
        return [(row.flow, row.business_key, row.step, row.sentence) for row in rows]


def came_in(engine):
    with transaction(engine, writes=False) as session:
        found = session.scalars(select(InboxEvent.id).where(InboxEvent.source == "sandbox"))
        return sum(1 for each in found if not each.endswith("-again"))


def faults(world, chance):
    """Trouble for everybody, little enough that tries of a high criticality outlast it."""
    for system in ("crm", "erp", "psa", "jira", "servicenow"):
        for kind in ("5xx-after-commit", "429", "stale-read"):
            world.fault(system, kind, chance.randint(1, 2))
    for kind in ("out-of-order", "duplicate-event", "repeated-event"):
        world.fault("feed", kind, chance.randint(1, 2))


def calm(world):
    """End all troubles: what is checked is read undisturbed."""
    for system in ("crm", "erp", "psa", "jira", "servicenow"):
        world.fault(system, "429", 0)
    world.fault("feed", "out-of-order", 0)


def second(world):
    """Start one more worker beside the first, with a port and a journal of its own name."""
    return world.start(
        "worker", "--systems", "systems.yaml", "--data-dir", "data", "--lease-seconds", "1",
        "--port", str(free_port()),
    )  # fmt: skip


@pytest.mark.parametrize(("kind", "seed", "count"), CASES)
@pytest.mark.timeout(400)
def test_a_storm_leaves_everything_as_it_must_be(tmp_path, kind, seed, count):
    chance = random.Random(seed)
    deals = [deal(number) for number in range(1, count + 1)]
    with database(kind, tmp_path) as url:
        engine = make_engine(url)
        migrate(engine)
        with firm(tmp_path, url) as world:
            first, other = world.worker(), second(world)
            faults(world, chance)
            for each in deals:
                world.act("win-deal", opportunity=each)
            settled(engine, len(deals))
            calm(world)
            assert held(engine) == []
            budgets = {
                each: Decimal(
                    world.answer(f"/psa/projects/by-reference/{each}")["budget"]["amount"]
                )
                for each in deals
            }
            first.kill()
            first.wait(30)
            third = second(world)
            os.kill(other.pid, signal.SIGSTOP)
            faults(world, chance)
            count, told, changes, finance = storm(world, chance, deals)
            settled_with_a_sleeper(engine, other, len(deals) + count)
            calm(world)
            invariants.each_event_ends_once(engine)
            assert held(engine) == []
            invariants.each_fact_is_told_once(engine)
            invariants.one_effect_per_key(world, deals)
            invariants.approved_is_invoiced_or_awaiting(world, engine, told)
            invariants.nobody_writes_what_another_owns(world, deals, finance)
            invariants.budgets_hold_every_change(world, engine, changes, budgets)
            invariants.replay_does_nothing(world, engine)
            assert third.poll() is None
        engine.dispose()


def settled_with_a_sleeper(engine, sleeper, events):
    """Let the others finish what a stopped worker had, then wake it up past its lease."""
    time.sleep(1.5)  # its lease is one second
    os.kill(sleeper.pid, signal.SIGCONT)
    settled(engine, events)


def storm(world, chance, deals):
    """Do what people do in a month, in any order; return what was done."""
    acts, told, changes, finance = [], set(), {}, {}
    for number, each in enumerate(deals, 1):
        for period in ("2026-03", "2026-04"):
            acts.append(("approve-time", {"project": each, "period": period, "entries": 3}))
            told.add((each, period))
        for value in (1_000, 2_500, -750):
            acts.append(("approve-change-order", {"opportunity": each, "value": value, "hours": 1}))
            changes.setdefault(each, []).append(Decimal(value))
        account = key("Account", number)
        acts.append(
            ("change-account", {"account": account, "Legal_Name__c": f"Renamed {number} Ltd"})
        )
        acts.append(("change-customer", {"customer": account, "payment_terms": "NET60"}))
        finance[account] = "NET60"
    chance.shuffle(acts)
    for name, given in acts:
        world.act(name, **given)
    return len(acts), told, changes, finance
