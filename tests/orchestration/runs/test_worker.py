"""A real worker on both databases, a contract served beside it, and what becomes of events."""

from datetime import UTC, datetime

import pytest
from flow_world import DEAL, FLOW, contract, deployed, erp_server, runs, settled, tell, working
from registry_world import DATABASES, database
from sqlalchemy import select

from contracts.errors import TreatyError
from orchestration.runs import people
from registry.db.engine import make_engine, transaction
from registry.db.migrate import migrate
from registry.db.models import Fact, FlowException, OutboxEvent


@pytest.fixture(params=DATABASES)
def place(request, tmp_path):
    with database(request.param, tmp_path) as url:
        engine = make_engine(url)
        migrate(engine)
        deployed(engine)
        journal = url if request.param != "sqlite" else f"sqlite:///{tmp_path}/journal.db"
        yield engine, url, journal
        engine.dispose()


def rows(engine, table):
    with transaction(engine, writes=False) as session:
        return session.scalars(select(table)).all()


def test_from_event_to_facts(place):
    engine, url, journal = place
    with erp_server() as (erp, base), working(url, journal, base):
        assert tell(engine, 1, **DEAL) == 1
        assert tell(engine, 1, **DEAL) == -1
        assert tell(engine, 2, kind="crm.deal.lost", deal="D2") == 0
        (run,) = settled(engine)
    assert run.state == "done"
    assert erp.effects == {"invoice:D1": [{"customer": "CUS-acme", "total": "3.30"}]}
    (fact,) = rows(engine, Fact)
    assert (fact.type, fact.subject, fact.data) == (
        "invoice.drafted",
        "D1",
        {"invoice": "INV-invoice:D1"},
    )
    assert [event.type for event in rows(engine, OutboxEvent)] == ["invoice.drafted"]


def test_an_older_event_is_superseded_and_a_newer_one_waits_its_turn(place):
    engine, url, journal = place
    tell(engine, 1, **DEAL | {"revision": 5})
    tell(engine, 2, **DEAL | {"revision": 4})
    tell(engine, 3, **DEAL | {"revision": 6})
    with erp_server() as (erp, base), working(url, journal, base):
        found = settled(engine)
    assert [run.state for run in found] == ["done", "superseded", "done"]
    assert len(erp.effects["invoice:D1"]) == 2  # the same key: the system acts once


def test_a_system_in_trouble_is_tried_again(place):
    engine, url, journal = place
    with erp_server() as (erp, base), working(url, journal, base):
        erp.troubles = [(503, {"Retry-After": "0"})]
        tell(engine, 1, **DEAL)
        (run,) = settled(engine)
    assert run.state == "done"
    assert erp.asked == ["upsertCustomer"] * 2 + ["createInvoice"]


def test_one_exception_per_cause_and_a_retry_that_heals(place):
    engine, url, journal = place
    with erp_server() as (erp, base), working(url, journal, base) as worker:
        erp.troubles = [(500, {})] * 2
        tell(engine, 1, **DEAL)
        (run,) = settled(engine)
        (held,) = rows(engine, FlowException)
        assert (held.category, held.step, held.owner, held.state) == (
            "outage",
            "customer",
            "finance",
            "open",
        )
        assert (held.amount, held.currency) == ("3.30", "EUR")
        erp.troubles = [(500, {})] * 2
        again(engine, worker, held)
        settled(engine)
        (held,) = rows(engine, FlowException)
        assert (held.times, held.state) == (2, "open")
        again(engine, worker, held)
        (run,) = settled(engine)
    assert run.state == "done"
    (held,) = rows(engine, FlowException)
    assert held.state == "resolved"
    assert [entry["what"] for entry in held.history] == [
        "happened",
        "retrying",
        "happened",
        "retrying",
        "resolved",
    ]
    assert len(erp.effects["invoice:D1"]) == 1


def again(engine, worker, held):
    with transaction(engine, writes=True) as session:
        people.retry(session, held.id, "person:kim", datetime.now(UTC))
    worker.dispatcher.wake()


def test_a_person_skips_or_discards_with_a_reason(place):
    engine, url, journal = place
    with erp_server() as (_, base), working(url, journal, base) as worker:
        tell(engine, 1, **DEAL | {"lines": []})
        tell(engine, 2, **DEAL | {"deal": "D2", "lines": []})
        settled(engine)
        first, second = sorted(rows(engine, FlowException), key=lambda row: row.business_key)
        now = datetime.now(UTC)
        with (
            pytest.raises(TreatyError, match="Say why"),
            transaction(engine, writes=True) as session,
        ):
            people.discard(session, second.id, "person:kim", " ", now)
        with transaction(engine, writes=True) as session:
            people.decide(
                session, first.id, "person:kim", "a deal without a price", True, now
            )  # the step's result
            people.discard(session, second.id, "person:kim", "entered twice", now)
        worker.dispatcher.wake()
        found = settled(engine)
    assert [run.state for run in found] == ["done", "discarded"]
    with pytest.raises(TreatyError, match="discarded"), transaction(engine, writes=True) as session:
        people.retry(session, second.id, "person:kim", now)


def test_an_answer_off_the_contract_stops_the_run(place):
    engine, url, journal = place
    with erp_server() as (erp, base), working(url, journal, base):
        erp.troubles = [(200, {})]
        tell(engine, 1, **DEAL)
        settled(engine)
    (held,) = rows(engine, FlowException)
    assert held.category == "bug"
    assert "off its contract" in held.sentence
    assert erp.effects == {}


def test_a_flow_in_use_stays_what_it_is(place):
    engine, url, journal = place
    tell(engine, 1, **DEAL)
    assert not deployed(engine)
    with pytest.raises(TreatyError, match="raise its version"):
        deployed(engine, FLOW.replace(b"invoice.drafted", b"invoice.made"))
    assert deployed(
        engine,
        FLOW.replace(b"invoice.drafted", b"invoice.made").replace(b"1.0.0\ntitle", b"1.1.0\ntitle"),
    )
    tell(engine, 2, **DEAL | {"deal": "D2"})
    with erp_server() as (_, base), working(url, journal, base):
        found = settled(engine)
    assert [run.version for run in found] == ["1.0.0", "1.1.0"]
    told = {fact.subject: fact.type for fact in rows(engine, Fact)}
    assert told == {"D1": "invoice.drafted", "D2": "invoice.made"}


def test_an_event_without_a_key_is_refused_whole(place):
    engine, _, _ = place
    with pytest.raises(TreatyError, match="business key"):
        tell(engine, 1, customer="acme")
    assert runs(engine) == []
    assert contract().title == "A small ERP"
