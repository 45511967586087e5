"""A draft against the ledger, and the decision path of a call, over HTTP."""

from datetime import UTC, datetime, timedelta

import pytest
from registry_world import DATABASES, world

DRAFT = """
policy: costs-only
kind: require-scope
select: {operations: [getProject]}
spec: {any_of: [[projects.costs]]}
"""


@pytest.fixture(params=DATABASES)
def registry(request, tmp_path):
    with world(request.param, tmp_path) as running:
        yield running.seed()


def report(registry, application="portal", count=4):
    at = datetime.now(UTC) - timedelta(hours=1)
    entry = {
        "at": at.isoformat(timespec="milliseconds"), "request_id": "r-1", "method": "GET",
        "application": application, "contract": "psa.projects", "version": "2.0.0",
        "operation": "getProject", "status": 200, "duration_ms": 1.5, "count": count,
    }  # fmt: skip
    body = {"gateway": "g-1", "batch_id": "b-1", "entries": [entry]}
    registry.call("POST", "/v1/ledger", body, token=registry.gateway_token, status=202)
    told = {"environment": "demo"}
    registry.call("PUT", "/v1/gateways/g-1", told, token=registry.gateway_token, status=200)


def grant(registry):
    body = {
        "application": "portal", "contract": "psa.projects", "plan": "small",
        "environment": "demo", "scopes": ["projects.read"],
    }  # fmt: skip
    made = registry.call("POST", "/v1/grants", body, status=201).json()
    if made["state"] != "approved":
        registry.call("POST", f"/v1/grants/{made['id']}/approve", status=200)


def test_a_draft_is_held_against_the_calls_of_the_last_days(registry):
    grant(registry)
    report(registry)
    body = {"environment": "demo", "document": DRAFT}
    answer = registry.call("POST", "/v1/policy-test", body, status=200).json()
    assert answer["calls"] == 4
    (row,) = answer["changes"]
    assert (row["application"], row["change"], row["calls"]) == ("portal", "would be refused", 4)
    assert (row["policy"], row["place"]) == ("costs-only", "draft.yaml:2")
    assert registry.call("POST", "/v1/policy-test", body | {"days": 0}, status=422)
    assert registry.call("POST", "/v1/policy-test", body | {"environment": "x"}, status=404)
    bad = body | {"document": "policy: a\nkind: nothing"}
    assert registry.call("POST", "/v1/policy-test", bad, status=422)
    registry.call("GET", "/v1/policies/draft", status=404)


def test_the_decision_path_of_a_call(registry):
    grant(registry)
    body = {
        "environment": "demo", "application": "portal", "contract": "psa.projects",
        "operation": "getProject",
    }  # fmt: skip
    told = registry.call("POST", "/v1/explain", body, status=200).json()
    rules = {rule["kind"]: rule for rule in told["rules"]}
    assert told["route"].startswith("GET ")
    assert rules["require-scope"]["decision"] == "passes"
    assert all(rule["source"]["file"] and rule["source"]["line"] for rule in told["rules"])
    told = registry.call("POST", "/v1/explain", body | {"scopes": []}, status=200).json()
    refused = next(rule for rule in told["rules"] if rule["kind"] == "require-scope")
    assert refused["decision"].startswith("refuses: 403")
    registry.call("POST", "/v1/explain", body | {"operation": "nothing"}, status=404)
    registry.call("POST", "/v1/explain", body | {"environment": "nowhere"}, status=404)
