"""People repair runs through the registry while a real worker does what they ask, on both databases."""

import time
from datetime import UTC, datetime

import pytest
from flow_world import DEAL, deployed, erp_server, settled, tell, working
from registry_world import DATABASES, World, database

from orchestration.runs.linking import Links
from registry.db.engine import transaction
from registry.db.models import FlowException


@pytest.fixture(params=DATABASES)
def place(request, tmp_path):
    with database(request.param, tmp_path) as url:
        registry = World(tmp_path, url)
        deployed(registry.parts.engine)
        journal = url if request.param != "sqlite" else f"sqlite:///{tmp_path}/journal.db"
        with erp_server() as (erp, base), working(url, journal, base):
            yield registry, registry.parts.engine, erp
        registry.parts.engine.dispose()


def until(ask, seconds=30):
    limit = time.monotonic() + seconds
    while not (found := ask()):
        assert time.monotonic() < limit
        time.sleep(0.02)
    return found


def listed(registry, **query):
    text = "&".join(f"{name}={value}" for name, value in query.items())
    return registry.call("GET", f"/v1/exceptions?{text}", status=200).json()["items"]


def shown(registry, exception):
    return registry.call("GET", f"/v1/exceptions/{exception}", status=200).json()


def ended(registry, exception):
    found = shown(registry, exception)
    return found if found["wish"] is None and found["state"] != "retrying" else None


def asked(registry, exception, act, body):
    path = f"/v1/exceptions/{exception}/{act}"
    registry.call("POST", path, {"reason": "seen to", **body}, status=202)
    return until(lambda: ended(registry, exception))


def held(registry, engine, erp, status=409, **deal):
    """Begin a deal whose invoice the ERP refuses; return its exception."""
    erp.on_call = lambda count: erp.troubles.extend([(status, {})] * (count == 2))
    tell(engine, 1, **DEAL | deal)
    settled(engine)
    erp.on_call = None
    (exception,) = listed(registry, state="open")
    return exception


def test_a_cause_is_seen_to_with_a_canary(place):
    registry, engine, erp = place
    erp.troubles = [(422, {})] * 7
    for number in range(7):
        tell(engine, number, **DEAL | {"deal": f"D{number}"})
    settled(engine)
    (cause,) = registry.call("GET", "/v1/exception-causes", status=200).json()["items"]
    assert (cause["count"], cause["category"], cause["step"]) == (7, "validation", "customer")
    assert cause["at_stake"] == [{"currency": "EUR", "amount": "23.10"}]
    path = f"/v1/exception-causes/{cause['cause']}/ask"
    first = registry.call("POST", path, {"act": "retry", "reason": "mended"}, status=202).json()
    assert (len(first["asked"]), first["left"]) == (5, 2)
    assert {until(lambda e=e: ended(registry, e))["state"] for e in first["asked"]} == {"resolved"}
    rest = registry.call(
        "POST", path, {"act": "retry", "reason": "mended", "most": 100}, status=202
    ).json()
    assert (len(rest["asked"]), rest["left"]) == (2, 0)
    assert {until(lambda e=e: ended(registry, e))["state"] for e in rest["asked"]} == {"resolved"}
    assert {run.state for run in settled(engine)} == {"done"}
    assert registry.call("GET", "/v1/exception-causes", status=200).json()["items"] == []
    assert {len(sent) for sent in erp.effects.values()} == {1}


def test_a_preview_shows_what_a_retry_would_send_and_sends_nothing(place):
    registry, engine, erp = place
    exception = held(registry, engine, erp)
    before = list(erp.asked)
    registry.call("POST", f"/v1/exceptions/{exception['id']}/preview", {}, status=202)
    path = f"/v1/exceptions/{exception['id']}/preview"
    found = until(lambda: registry.call("GET", path, status=200).json()["preview"])
    assert (found["ends"], found["step"], found["sentence"]) == ("sends", "", "")
    assert found["sends"] == [
        {
            "step": "invoice", "operation": "erp.createInvoice", "with": {},
            "body": {"customer": "CUS-acme", "total": "3.30"}, "key": "invoice:D1",
            "once": "key", "same_as_before": True,
        }
    ]  # fmt: skip
    assert erp.asked == before
    assert shown(registry, exception["id"])["state"] == "open"


def test_a_preview_tells_that_it_would_be_held_again(place):
    registry, engine, _ = place
    tell(engine, 1, **DEAL | {"lines": []})
    settled(engine)
    (exception,) = listed(registry)
    path = f"/v1/exceptions/{exception['id']}/preview"
    registry.call("POST", path, {}, status=202)
    found = until(lambda: registry.call("GET", path, status=200).json()["preview"])
    assert (found["ends"], found["sentence"]) == ("held", "The deal has no lines.")


def test_a_body_is_put_right_and_sent_under_the_same_key(place):
    registry, engine, erp = place
    exception = held(registry, engine, erp, status=422)["id"]
    refused = asked(registry, exception, "edit", {"body": {"customer": "X", "total": 3}})
    assert refused["state"] == "open"
    assert refused["history"][-1]["reason"].startswith(
        "not done: The body breaks the contract of erp.createInvoice: /body/total"
    )
    assert erp.effects == {}
    done = asked(registry, exception, "edit", {"body": {"customer": "X", "total": "9.99"}})
    assert done["state"] == "resolved"
    assert erp.effects == {"invoice:D1": [{"customer": "X", "total": "9.99"}]}
    assert "edited: seen to" in [entry.get("reason") for entry in done["history"]]


def test_the_data_of_an_event_are_put_right_before_anything_has_happened(place):
    registry, engine, erp = place
    tell(engine, 1, **DEAL | {"lines": []})
    settled(engine)
    exception = listed(registry)[0]["id"]
    other = asked(registry, exception, "edit", {"event": DEAL | {"deal": "D2"}})
    assert "another business key" in other["history"][-1]["reason"]
    assert asked(registry, exception, "edit", {"event": DEAL})["state"] == "resolved"
    assert erp.effects == {"invoice:D1": [{"customer": "CUS-acme", "total": "3.30"}]}


def test_an_event_stays_once_the_run_has_acted(place):
    registry, engine, erp = place
    exception = held(registry, engine, erp, status=422)["id"]
    refused = asked(registry, exception, "edit", {"event": DEAL | {"customer": "other"}})
    assert refused["history"][-1]["reason"].startswith("not done: The run has acted already")


def test_what_had_changed_is_told(place):
    registry, engine, _ = place
    registry.seed()
    tell(engine, 1, **DEAL | {"lines": []})
    settled(engine)
    changes = shown(registry, listed(registry)[0]["id"])["changes"]
    # Contracts that the flow does not use are not its concern.
    assert [change["what"] for change in changes] == ["flow.deployed"]


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("edit", {"reason": "x"}),
        ("edit", {"reason": "x", "body": 1, "event": {}}),
        ("edit", {"reason": "x", "event": [1]}),
    ],
)
def test_an_edit_names_one_thing(place, act, body):
    registry, engine, _ = place
    tell(engine, 1, **DEAL | {"lines": []})
    settled(engine)
    registry.call("POST", f"/v1/exceptions/{listed(registry)[0]['id']}/{act}", body, status=422)


def test_a_wrong_reference_is_forgotten(place):
    registry, engine, _ = place
    links, now = Links(engine), datetime.now(UTC)
    first = links.link("customer", {"crm.sales": "A1", "erp.finance": "F1"}, "r1", now)
    again = links.link("customer", {"crm.sales": "A1", "erp.finance": "F2"}, "r2", now)
    assert again.value == first.value
    assert links.linked("customer", "crm.sales", ["A1", "A2"], "erp.finance") == {"A1": "F1"}
    other = {"crm.sales": "A9", "erp.finance": "F9"}
    assert links.link("customer", other, "r3", now).value != first.value
    both = links.link("customer", {"crm.sales": "A9", "erp.finance": "F1"}, "r4", now)
    assert both.failure.category == "conflict"
    path = "/v1/cross-references"
    page = registry.call("GET", f"{path}?limit=2", status=200).json()
    rest = registry.call("GET", f"{path}?cursor={page['next']}", status=200).json()
    ids = [each["external_id"] for each in (*page["items"], *rest["items"])]
    assert (ids, rest["next"]) == (["A1", "A9", "F1", "F2", "F9"], None)
    wrong = {"entity": "customer", "system": "erp.finance", "external_id": "F1", "reason": "wrong"}
    registry.call("POST", f"{path}/unlink", wrong, status=204)
    registry.call("POST", f"{path}/unlink", wrong, status=404)
    assert links.linked("customer", "crm.sales", ["A1"], "erp.finance") == {"A1": "F2"}


def test_an_exception_that_stands_for_no_run_can_only_be_discarded(place):
    registry, engine, _ = place
    now = datetime.now(UTC)
    with transaction(engine, writes=True) as session:
        row = FlowException(
            flow="", business_key="E1", run="", step="intake", category="validation", owner="it",
            sentence="The event is malformed.", due_at=now, state="open", opened_at=now,
            last_at=now, history=[],
        )  # fmt: skip
        session.add(row)
        session.flush()
        exception = row.id
    refused = asked(registry, exception, "decide", {"value": 1})
    assert "stands for no run" in refused["history"][-1]["reason"]
    registry.call("POST", f"/v1/exceptions/{exception}/preview", {}, status=409)
    assert asked(registry, exception, "discard", {})["state"] == "discarded"
    tell(engine, 1, **DEAL)  # and the worker goes on
    assert [run.state for run in settled(engine)] == ["done"]
