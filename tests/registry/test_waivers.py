"""Waivers as rows on SQLite and PostgreSQL: two people, a last day, and what they let pass."""

from datetime import UTC, datetime, timedelta

import pytest
from registry_world import DATABASES, PSA, world
from sqlalchemy import text

VERSIONS = "/v1/contracts/psa.projects/versions"
BROKEN = PSA.replace("  /resources:\n", "  /people:\n", 1).replace(
    "version: 2.0.0", "version: 2.1.0"
)
WAIVER = {
    "contract": "psa.projects",
    "rule": "operation-removed",
    "pointer": "/paths/*/get",
    "operation": "GET /resources*",
    "reason": "Nobody calls it; the ledger has no call in a year.",
}


@pytest.fixture(params=DATABASES)
def registry(request, tmp_path):
    with world(request.param, tmp_path) as running:
        yield running.seed()


@pytest.fixture
def publisher(registry):
    body = {"name": "ci", "role": "publisher", "team": "delivery"}
    return registry.call("POST", "/v1/tokens", body, status=201).json()["token"]


def day(days):
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def ask(registry, token, status=201, **more):
    body = {**WAIVER, "expires": day(30), **more}
    return registry.call("POST", "/v1/waivers", body, token=token, status=status).json()


def approve(registry, waiver, status=200, token=None):
    path = f"/v1/waivers/{waiver['id']}/approve"
    return registry.call("POST", path, token=token, status=status).json()


def publish(registry, status):
    return registry.call("POST", VERSIONS, {"content": BROKEN}, status=status).json()


def expire(registry, waiver):
    """Let the last day pass; the API itself refuses a day that is gone."""
    with registry.parts.engine.begin() as connection:
        connection.execute(
            text("UPDATE waivers SET expires = :day WHERE id = :id"),
            {"day": day(-1), "id": waiver["id"]},
        )


def test_a_break_passes_once_another_one_approves(registry, publisher):
    waiver = ask(registry, publisher)
    assert (waiver["state"], waiver["owner"]) == ("requested", "delivery")
    assert publish(registry, 409)["type"].endswith("breaking-change")
    approved = approve(registry, waiver)
    assert approved["approved_by"] != approved["requested_by"]
    report = publish(registry, 201)["report"]
    assert report["verdict"] == "compatible"
    assert report["required_bump"] == "major"
    waived = [finding for finding in report["findings"] if finding["waived"]]
    assert {finding["rule"] for finding in waived} == {"operation-removed"}
    assert waived[0]["waiver"]["approver"] == approved["approved_by"]
    assert report["history"][0]["breaking"] == []


def test_whoever_asks_does_not_approve(registry, publisher):
    own = ask(registry, None)
    assert approve(registry, own, 403)["type"].endswith("forbidden")
    body = {"name": "second", "role": "admin"}
    second = registry.call("POST", "/v1/tokens", body, status=201).json()["token"]
    assert "ask somebody else" in approve(registry, own, 403, token=second)["detail"]
    approve(registry, ask(registry, publisher), 403, token=publisher)
    assert publish(registry, 409)["report"]["verdict"] == "breaking"


def test_an_expired_waiver_fails_the_gate_until_it_is_revoked(registry, publisher):
    waiver = ask(registry, publisher)
    approve(registry, waiver)
    expire(registry, waiver)
    problem = publish(registry, 409)
    assert "waiver that has expired" in problem["detail"]
    assert "waiver-expired" in {f["rule"] for f in problem["report"]["findings"]}
    major = {"content": BROKEN, "version": "3.0.0"}
    assert "expired" in registry.call("POST", VERSIONS, major, status=409).json()["detail"]
    registry.call("POST", f"/v1/waivers/{waiver['id']}/revoke", token=publisher, status=200)
    registry.call("POST", VERSIONS, major, status=201)


def test_a_waiver_for_a_consumer_counts_for_that_one_only(registry, publisher):
    approve(registry, ask(registry, publisher, consumer="portal", pointer="/paths/*/*"))
    path = f"{VERSIONS}/2.0.0/compatibility"
    for query, verdict in (("", "breaking"), ("?consumer=portal", "compatible")):
        answer = registry.call("POST", path + query, {"content": BROKEN}, status=200).json()
        assert answer["verdict"] == verdict
    publish(registry, 409)


def test_a_report_is_judged_again_when_waivers_change(registry, publisher):
    path, body = f"{VERSIONS}/2.0.0/compatibility", {"content": BROKEN}
    before = registry.call("POST", path, body, status=200).json()
    approve(registry, ask(registry, publisher))
    after = registry.call("POST", path, body, status=200).json()
    assert (before["verdict"], after["verdict"]) == ("breaking", "compatible")
    assert registry.call("GET", before["permalink"]).json() == before
    check = registry.call("POST", "/v1/contracts/psa.projects/check", body, status=200).json()
    assert check["verdict"] == "compatible"


def test_each_step_is_audited_and_told(registry, publisher):
    waiver = ask(registry, publisher)
    approve(registry, waiver)
    registry.call("POST", f"/v1/waivers/{waiver['id']}/revoke", status=200)
    for step in ("requested", "approved", "revoked"):
        acts = registry.call("GET", f"/v1/audit?action=waiver.{step}").json()["items"]
        assert [act["object"] for act in acts] == [waiver["id"]]
        assert acts[0]["detail"]["rule"] == "operation-removed"
    events = registry.call("GET", "/v1/events?limit=200").json()["items"]
    assert {f"waiver.{s}" for s in ("requested", "approved", "revoked")} <= {
        event["type"] for event in events
    }
    for verb in ("approve", "revoke"):
        registry.call("POST", f"/v1/waivers/{waiver['id']}/{verb}", status=409)


def test_lists_tell_what_has_expired(registry, publisher):
    old, new = ask(registry, publisher), ask(registry, publisher)
    approve(registry, old)
    expire(registry, old)

    def listed(query):
        items = registry.call("GET", f"/v1/waivers{query}", status=200).json()["items"]
        return {item["id"]: item["expired"] for item in items}

    assert listed("") == {old["id"]: True, new["id"]: False}
    assert listed("?expired=true") == {old["id"]: True}
    assert listed("?expired=false") == {new["id"]: False}
    assert listed("?state=approved&contract=psa.projects") == {old["id"]: True}
    assert listed("?contract=psa.other") == {}
    approve(registry, new)
    expire(registry, new)
    registry.call("POST", f"/v1/waivers/{new['id']}/revoke", status=200)
    assert listed("?expired=true") == {old["id"]: True}


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"rule": "no-such-rule"}, 422),
        ({"rule": "waiver-expired"}, 422),
        ({"rule": "document-not-readable"}, 422),
        ({"pointer": "paths"}, 422),
        ({"pointer": "/a~2"}, 422),
        ({"reason": "  "}, 422),
        ({"expires": "2026-02-31"}, 422),
        ({"expires": 20270101}, 422),
        ({"expires": day(-1)}, 409),
        ({"owner": "nobody"}, 404),
        ({"consumer": "nobody"}, 404),
        ({"contract": "psa.other"}, 404),
        ({"approver": "me"}, 422),
    ],
)
def test_a_waiver_that_makes_no_sense_is_refused(registry, publisher, changed, status):
    ask(registry, publisher, status, **changed)


def test_a_stranger_neither_asks_nor_revokes(registry, publisher):
    body = {"name": "other", "role": "publisher", "team": "clients"}
    stranger = registry.call("POST", "/v1/tokens", body, status=201).json()["token"]
    ask(registry, stranger, 403)
    waiver = ask(registry, publisher)
    registry.call("POST", f"/v1/waivers/{waiver['id']}/revoke", token=stranger, status=403)
    registry.call("GET", f"/v1/waivers/{waiver['id']}", token=stranger, status=200)
