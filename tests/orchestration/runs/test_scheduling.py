"""Schedules: each slot begins one run, whoever is first, and knows where the last good run ended."""

from datetime import UTC, datetime, timedelta

import pytest
from registry_world import DATABASES, database
from sqlalchemy import select

from contracts.errors import TreatyError
from orchestration.definition import Trigger
from orchestration.reading import read_flow
from orchestration.runs import deploying, intake
from orchestration.runs.scheduling import Scheduler
from orchestration.triggers import slot
from registry.db.engine import make_engine, transaction
from registry.db.migrate import migrate
from registry.db.models import Run

START = datetime(2026, 3, 28, 10, 0, tzinfo=UTC)
FLOW = """
flow: nightly
version: 1.0.0
title: What is due
pattern: batch
trigger: {%s}
criticality: low
owner: ops
sla: 1d
exceptions: {to: ops, sla: 1d}
key: '"all"'
systems: {}
steps: [{step: since, let: event.data.since}]
"""


@pytest.fixture(params=DATABASES)
def engine(request, tmp_path):
    with database(request.param, tmp_path) as url:
        made = make_engine(url)
        migrate(made)
        yield made
        made.dispose()


def deployed(engine, trigger):
    flow, _ = read_flow((FLOW % trigger).encode(), source="nightly.yaml")
    with transaction(engine, writes=True) as session:
        deploying.deploy(session, flow, {}, START)
    return flow


def runs(engine):
    with transaction(engine, writes=False) as session:
        return session.scalars(select(Run).order_by(Run.seq)).all()


def test_a_slot_begins_once_whoever_is_first(engine):
    deployed(engine, "every: 1h")
    one, other = Scheduler(engine, ["nightly"]), Scheduler(engine, ["nightly"])
    assert [one.tick(START), other.tick(START), one.tick(START)] == [1, 0, 0]
    assert other.tick(START + timedelta(minutes=61)) == 1
    assert [run.event["data"]["slot"][11:16] for run in runs(engine)] == ["10:00", "11:00"]
    assert Scheduler(engine, ["another"]).tick(START + timedelta(days=1)) == 0


def test_a_run_knows_where_the_last_good_one_ended(engine):
    deployed(engine, "every: 1h")
    scheduler = Scheduler(engine, ["nightly"])
    for hour, state in enumerate(["done", "exception", "waiting"]):
        scheduler.tick(START + timedelta(hours=hour))
        with transaction(engine, writes=True) as session:
            session.scalars(select(Run).order_by(Run.seq.desc())).first().state = state
    assert [run.event["data"]["since"] for run in runs(engine)] == [
        None, START.isoformat(), START.isoformat(),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("trigger", "now", "expected"),
    [
        ({"every": "15m"}, "2026-03-28T10:14:59+00:00", "2026-03-28T10:00:00+00:00"),
        ({"daily": "02:30"}, "2026-03-29T02:29:00+00:00", None),
        ({"daily": "02:30"}, "2026-03-29T02:30:00+00:00", "2026-03-29T02:30:00+00:00"),
        (
            {"daily": "23:00", "zone": "Europe/Vienna"},
            "2026-03-29T21:30:00+00:00",
            "2026-03-29T21:00:00+00:00",
        ),
        (
            {"daily": "23:00", "zone": "Europe/Vienna"},
            "2026-03-28T22:30:00+00:00",
            "2026-03-28T22:00:00+00:00",
        ),
        ({"daily": "02:30"}, "2026-03-30T01:00:00+00:00", "2026-03-29T02:30:00+00:00"),
        ({"event": "a.b"}, "2026-03-30T01:00:00+00:00", None),
    ],
)
def test_slots_follow_the_wall_clock_of_the_zone(trigger, now, expected):
    found = slot(Trigger(**trigger), datetime.fromisoformat(now), START)
    assert found == (None if expected is None else datetime.fromisoformat(expected))


@pytest.mark.parametrize(
    "trigger",
    ["daily: '24:00'", "zone: UTC", "event: a.b, zone: UTC", "daily: '02:00', zone: Mars", "event: treaty.schedule.due",
     "every: 1h, daily: '02:00'"],
)  # fmt: skip
def test_what_is_no_trigger(trigger):
    with pytest.raises(TreatyError) as refused:
        read_flow((FLOW % trigger).encode(), source="nightly.yaml")
    assert refused.value.problem.errors[0].line == 6


def test_nobody_outside_sends_events_of_our_own():
    with pytest.raises(TreatyError) as refused:
        intake.event(
            {
                "specversion": "1.0",
                "id": "1",
                "source": "x",
                "type": "treaty.schedule.due",
                "data": {},
            }
        )
    assert refused.value.problem.errors[0].pointer == "/type"
