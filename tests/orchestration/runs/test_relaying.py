"""Events out: signed, in the order of each subject, none lost, whatever receivers do."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hook_world import receiver
from registry_world import DATABASES, database
from sqlalchemy import select

from orchestration.runs.relaying import Relay, signature
from orchestration.systems.settings import RelaySettings
from registry.db.engine import make_engine, transaction
from registry.db.migrate import migrate
from registry.db.models import OutboxEvent, RelayDelivery

NOW = datetime(2026, 3, 28, 10, 0, tzinfo=UTC)
SECRET = "a secret that both know"


@pytest.fixture(params=DATABASES)
def place(request, tmp_path):
    (tmp_path / "secret").write_text(SECRET)
    with database(request.param, tmp_path) as url, receiver() as made:
        engine = make_engine(url)
        migrate(engine)
        settings = RelaySettings(
            url=made.url,
            types=("project.*", "invoice.posted"),
            secret={"file": str(tmp_path / "secret")},
        )
        relay = Relay("partner", settings, engine)
        relay.tick(NOW)
        yield made, engine, relay
        relay.close()
        engine.dispose()


def told(engine, *events):
    with transaction(engine, writes=True) as session:
        for kind, subject in events:
            session.add(OutboxEvent(type=kind, subject=subject, data={"n": 1}, at=NOW))


def subjects(made):
    return [(event["type"], event["subject"]) for event in made.got]


def states(engine):
    with transaction(engine, writes=False) as session:
        return [
            row.state for row in session.scalars(select(RelayDelivery).order_by(RelayDelivery.seq))
        ]


def run(relay, minutes=0):
    at, count = NOW + timedelta(minutes=minutes), 0
    while found := relay.tick(at):
        count += found
    return count


def test_wanted_events_arrive_once_and_signed(place):
    made, engine, relay = place
    told(engine, ("project.activated", "P1"), ("time.approved", "P1"), ("invoice.posted", "I1"))
    assert (run(relay), run(relay)) == (2, 0)
    assert subjects(made) == [("project.activated", "P1"), ("invoice.posted", "I1")]
    head, body = made.heads[0]
    signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert head["webhook-signature"] == f"v1,{expected}"
    assert head["content-type"] == "application/cloudevents+json"
    assert made.got[0]["specversion"] == "1.0"


def test_a_subject_waits_in_order_and_others_go_on(place):
    made, engine, relay = place
    told(engine, ("project.a", "P1"), ("project.b", "P1"), ("project.a", "P2"))
    made.troubles = [500]
    run(relay)
    assert subjects(made) == [("project.a", "P2")]
    run(relay, minutes=5)
    assert subjects(made) == [("project.a", "P2"), ("project.a", "P1"), ("project.b", "P1")]


def test_a_receiver_that_wants_no_more_is_left_alone(place):
    made, engine, relay = place
    told(engine, ("project.a", "P1"), ("project.b", "P1"))
    made.troubles = [410]
    run(relay)
    run(relay)
    assert states(engine) == ["given_up", "arrived"]


def test_nothing_is_lost_by_a_crash_between_sending_and_noting(place, monkeypatch):
    made, engine, relay = place
    told(engine, ("project.a", "P1"))

    def die(*_):
        raise OSError("the process dies here")

    with monkeypatch.context() as patched:
        patched.setattr(Relay, "_note", die)
        with pytest.raises(OSError, match="dies here"):
            relay.tick(NOW)
    assert run(relay) == 0, "another worker may still be sending it"
    assert run(relay, minutes=1) == 1
    assert [event["id"] for event in made.got] == [made.got[0]["id"]] * 2, "the receiver can tell"


def test_a_smaller_number_that_was_committed_late_is_found(place):
    made, engine, relay = place
    with transaction(engine, writes=True) as session:
        session.add(OutboxEvent(seq=900, type="project.b", subject="P2", data={}, at=NOW))
    run(relay)
    with transaction(engine, writes=True) as session:
        session.add(OutboxEvent(seq=899, type="project.a", subject="P1", data={}, at=NOW))
    run(relay)
    assert subjects(made) == [("project.b", "P2"), ("project.a", "P1")]


def test_what_was_told_before_is_not_told_to_a_new_receiver(place):
    _, engine, relay = place
    told(engine, ("project.a", "P1"))
    late = Relay("late", relay._settings, engine)
    assert (run(late), run(relay)) == (0, 1)
    late.close()


def test_the_signature_of_the_specification():
    # Any change of id, time or body changes it.
    one = signature("s", "id", 1, b"{}")["webhook-signature"]
    others = {
        signature(*each)["webhook-signature"]
        for each in [
            ("t", "id", 1, b"{}"),
            ("s", "i", 1, b"{}"),
            ("s", "id", 2, b"{}"),
            ("s", "id", 1, b"[]"),
        ]
    }
    assert one not in others
    assert len(others) == 4
