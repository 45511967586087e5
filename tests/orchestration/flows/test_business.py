"""The business APIs over real processes: look-ups at once, everything else accepted, once per key."""

import http.client
import json
import time

import pytest
from firm_world import deal, firm
from flow_world import settled
from registry_world import database

from registry.db.engine import make_engine
from registry.db.migrate import migrate

STRUCTURE = {
    "customer": "",
    "name": "Tariff model",
    "currency": "EUR",
    "contract_value": "77500.00",
    "budget_hours": "645",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("business")
    with database("sqlite", folder) as url:
        engine = make_engine(url)
        migrate(engine)
        with firm(folder, url) as made:
            made.engine = engine
            made.worker()
            made.act("win-deal", opportunity=deal(5))
            wait(lambda: [run for run in settled(engine) if run.state == "done"])
            opportunity = made.answer(f"/crm/services/data/v62.0/sobjects/Opportunity/{deal(5)}")
            made.customer = opportunity["AccountId"]
            yield made
        engine.dispose()


def wait(condition, seconds=40):
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until
        time.sleep(0.05)
    return found


def call(world, method, path, body=None, **headers):
    line = http.client.HTTPConnection("127.0.0.1", world.worker_port, timeout=30)
    given = {"Content-Type": "application/json"} | {
        k.replace("_", "-"): v for k, v in headers.items()
    }
    line.request(
        method, f"/api/firm.projects{path}", None if body is None else json.dumps(body), given
    )
    answer = line.getresponse()
    found = answer.status, json.loads(answer.read() or b"null"), dict(answer.headers)
    line.close()
    return found


def ended(world, request, **headers):
    def look():
        status, found, _ = call(world, "GET", f"/requests/{request}", **headers)
        assert status == 200
        return found if found["state"] not in ("accepted", "running") else None

    return wait(look)


def test_a_look_up_answers_at_once(world):
    status, found, _ = call(world, "GET", f"/customers/{world.customer}/status")
    assert (status, found["credit_status"], found["work_may_begin"]) == (200, "open", True)
    status, found, _ = call(world, "GET", "/customers/nobody/status")
    assert (status, found["type"].rpartition(":")[2]) == (404, "not-found")


def test_a_look_up_says_when_nobody_knows(world):
    world.fault("erp", "5xx", 2, "getCustomer")
    found = [call(world, "GET", f"/customers/{world.customer}/status") for _ in range(3)]
    assert found[-1][0] == 200
    assert {status for status, _, _ in found} <= {200, 503}


def test_what_takes_longer_is_accepted_once_per_key(world):
    body = STRUCTURE | {"customer": world.customer}
    status, first, headers = call(
        world, "PUT", "/projects/P-77/structure", body, Idempotency_Key="k1"
    )
    assert (status, headers["location"]) == (202, f"/api/firm.projects/requests/{first['request']}")
    done = ended(world, first["request"])
    assert (done["state"], done["operation"]) == ("done", "createProjectStructure")
    before = world.effects()
    for _ in range(3):
        status, again, _ = call(
            world, "PUT", "/projects/P-77/structure", body, Idempotency_Key="k1"
        )
        assert (status, again["request"], again["state"]) == (202, first["request"], "done")
    assert world.effects() == before
    status, refused, _ = call(
        world, "PUT", "/projects/P-77/structure", body | {"name": "Other"}, Idempotency_Key="k1"
    )
    assert (status, refused["type"].rpartition(":")[2]) == (422, "idempotency-key-reused")
    # Another application has keys of its own, and sees none of this.
    status, _, _ = call(world, "GET", f"/requests/{first['request']}", treaty_application="other")
    assert status == 404


def test_costs_are_posted_once_and_schedules_replaced(world):
    costs = {
        "period": "2026-03",
        "currency": "EUR",
        "amount": "1250.00",
        "approved_by": "Delivery Lead",
    }
    _, asked, _ = call(world, "POST", "/projects/P-77/costs", costs, Idempotency_Key="c1")
    assert ended(world, asked["request"])["state"] == "done"
    line = {"line": "M1", "name": "Design", "due_date": "2026-04-15", "amount": "23250.00"}
    body = {"currency": "EUR", "lines": [line]}
    _, asked, _ = call(world, "PUT", "/projects/P-77/billing-schedule", body, Idempotency_Key="s1")
    assert ended(world, asked["request"])["state"] == "done"
    assert world.effects()["erp.postCosts"] == 1
    assert world.answer("/erp/billing-schedules/P-77")["lines"][0]["amount"] == "23250.00"


def test_what_a_person_has_to_look_at_says_why(world):
    world.act("change-customer", customer=world.customer, credit_status="blocked")
    body = STRUCTURE | {"customer": world.customer}
    _, asked, _ = call(world, "PUT", "/projects/P-78/structure", body, Idempotency_Key="k2")
    found = ended(world, asked["request"])
    assert (found["state"], found["reason"]) == (
        "waiting_for_a_person",
        "Finance has blocked this customer.",
    )
    status, found, _ = call(world, "GET", f"/customers/{world.customer}/status")
    assert (status, found["work_may_begin"]) == (200, False)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/projects/P-1/structure", {"name": "x"}, 422),
        ("PUT", "/projects/P-1/structure", STRUCTURE | {"contract_value": 1.5}, 422),
        ("PUT", "/projects/P 1/structure".replace(" ", "%20"), STRUCTURE, 422),
        ("GET", "/nothing", None, 404),
        ("DELETE", "/projects/P-1/structure", None, 405),
        ("GET", "/requests/0123456789", None, 404),
    ],
)
def test_bad_input_is_refused_before_anything_begins(world, method, path, body, status):
    assert call(world, method, path, body, Idempotency_Key="bad")[0] == status
    asked = [run for run in settled(world.engine) if run.business_key.startswith("P-1")]
    assert asked == []


def test_a_write_needs_its_key(world):
    status, found, _ = call(
        world, "PUT", "/projects/P-1/structure", STRUCTURE | {"customer": world.customer}
    )
    assert (status, found["errors"][0]["pointer"].lower()) == (422, "/header/idempotency-key")
