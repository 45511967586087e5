"""Business figures by their formulas, on both databases, and over HTTP with the records behind them."""

from datetime import UTC, datetime, timedelta

import pytest
from registry_world import DATABASES, database

from registry.business import board
from registry.db.engine import make_engine, transaction
from registry.db.migrate import migrate
from registry.db.models import Fact, FlowException, Run, Watermark

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


@pytest.fixture(params=DATABASES)
def engine(request, tmp_path):
    with database(request.param, tmp_path) as url:
        made = make_engine(url)
        migrate(made)
        yield made
        made.dispose()


def fact(number, kind, subject, hours_ago, **data):
    return Fact(
        id=f"f{number}", type=kind, subject=subject, data=data, run=f"r{number}", flow="f",
        at=NOW - timedelta(hours=hours_ago),
    )  # fmt: skip


def run(number, flow, state, hours_ago):
    at = NOW - timedelta(hours=hours_ago)
    return Run(
        id=f"r{number}", flow=flow, version="1.0.0", digest="d", business_key=f"k{number}",
        source="s", event_id=f"e{number}", event={}, state=state, journal={}, resume_at=at,
        started_at=at, changed_at=at, ended_at=at if state == "done" else None,
    )  # fmt: skip


def held(number, flow, category, amount, hours_left, state="open"):
    return FlowException(
        flow=flow, business_key=f"k{number}", run=f"r{number}", step="s", category=category,
        sentence="no", owner="finance", due_at=NOW + timedelta(hours=hours_left), amount=amount,
        currency="EUR", state=state, opened_at=NOW - timedelta(hours=5), last_at=NOW, history=[],
    )  # fmt: skip


def figure(engine, name, *rows):
    with transaction(engine, writes=True) as session:
        session.add_all(rows)
    with transaction(engine, writes=False) as session:
        return board.metric(name).compute(session, NOW)


@pytest.mark.parametrize("metric", board.METRICS, ids=lambda metric: metric.name)
def test_nothing_has_happened_yet(engine, metric):
    found = figure(engine, metric.name)
    assert found.value in (None, "0", "0.00")
    assert found.records == ()


def test_cycle_time_is_the_median_with_its_90th_percentile(engine):
    rows = [
        fact(n, "project.activated", f"D{n}", 0, won_at=(NOW - timedelta(hours=n)).isoformat())
        for n in (1, 2, 9)
    ]
    found = figure(engine, "project-setup-cycle-time", *rows)
    assert (found.value, found.unit, found.details["count"]) == ("2.00", "hours", 3)
    assert [record["hours"] for record in found.records] == ["1.00", "2.00", "9.00"]


def test_opportunities_wait_until_their_run_ends(engine):
    flow = "opportunity-to-project"
    found = figure(
        engine, "opportunities-awaiting-project",
        run(1, flow, "done", 9), run(2, flow, "waiting", 24 * 10), run(3, flow, "exception", 2),
        held(3, flow, "validation", "5000.00", 1),
    )  # fmt: skip
    assert found.value == "2"
    assert found.details["value"] == {"EUR": "5000.00"}
    assert found.details["oldest_hours"] == "240.00"
    assert found.details["age"] == {"0-7 d": 1, "8-14 d": 1, "15-30 d": 0, "30+ d": 0}


def entries(*given):
    return [{"entry": name, "hours": hours, "amount": amount} for name, hours, amount in given]


def test_time_waits_until_an_invoice_names_it(engine):
    rows = [
        fact(1, "time.approved", "P1", 24 * 20, currency="EUR", entries=entries(("T1", "7.50", "750.00"), ("T2", "2.00", None))),
        fact(2, "time.approved", "P2", 24, currency="GBP", entries=entries(("T3", "4.00", "400.00"))),
        fact(3, "invoice.posted", "2026-1", 1, entries=["T1"], project="P1", amount="750.00", currency="EUR"),
    ]  # fmt: skip
    found = figure(engine, "approved-time-awaiting-billing", *rows)
    assert (found.value, found.details["entries"]) == ("6.00", 2)
    assert found.details["value"] == {"GBP": "400.00"}
    assert found.details["age"] == {"0-7 d": 1, "8-14 d": 0, "15-30 d": 1, "30+ d": 0}
    traced = figure(engine, "utilisation-to-revenue-traceability")
    assert (traced.value, traced.details["hours"]) == ("55.6", "13.50")


def test_forecast_against_what_was_invoiced_and_the_fall_of_the_margin(engine):
    rows = [
        fact(1, "forecast.updated", "P1", 9, amount="1000.00", currency="EUR", margin_percent="40.0"),
        fact(2, "forecast.updated", "P1", 8, amount="2000.00", currency="EUR", margin_percent="31.5"),
        fact(3, "invoice.posted", "2026-1", 1, entries=[], project="P1", amount="1500.00", currency="EUR"),
    ]  # fmt: skip
    assert figure(engine, "forecast-to-actual-variance", *rows).value == "25.0"
    found = figure(engine, "margin-erosion")
    assert found.value == "8.5"
    assert found.records[0]["baseline"] == "40.0"


def test_exceptions_by_flow_with_what_is_overdue(engine):
    found = figure(
        engine, "unresolved-exceptions",
        held(1, "a", "outage", "10.00", -1), held(2, "a", "mapping", "", 1),
        held(3, "b", "outage", "2.50", 1), held(4, "b", "outage", "9.00", 1, state="resolved"),
    )  # fmt: skip
    assert found.value == "3"
    assert found.details == {"by_flow": {"a": 2, "b": 1}, "overdue": 1, "value": {"EUR": "12.50"}}
    failed = figure(engine, "failed-synchronisations")
    assert failed.value == "4"
    assert [(r["flow"], r["category"], r["times"]) for r in failed.records] == [
        ("a", "mapping", 1), ("a", "outage", 1), ("b", "outage", 2),
    ]  # fmt: skip


def test_the_oldest_source_says_how_fresh_the_figures_are(engine):
    mark = Watermark(source="firm", position="7", read_at=NOW - timedelta(hours=3))
    found = figure(engine, "freshness", mark, run(1, "a", "done", 1))
    assert found.value == "3.00"
    assert [record["source"] for record in found.records] == ["firm", "flow a"]


def test_names_are_distinct_and_say_what_they_count():
    names = [metric.name for metric in board.METRICS]
    assert len(set(names)) == len(names)
    assert all(metric.definition.endswith(".") for metric in board.METRICS)
