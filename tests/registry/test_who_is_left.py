"""Who is left, from the ledger of the registry: deprecated versions and operations, and contacts."""

from datetime import UTC, datetime, timedelta

import pytest
from registry_world import DATABASES, PSA, world

LEFT = "/v1/contracts/psa.projects/who-is-left"
NOW = datetime.now(UTC)


@pytest.fixture(params=DATABASES)
def registry(request, tmp_path):
    with world(request.param, tmp_path) as running:
        yield running.seed()


def entry(hours=1, **facts):
    at = (NOW - timedelta(hours=hours)).isoformat(timespec="milliseconds")
    return {
        "at": at, "request_id": "r-1", "application": "portal", "contract": "psa.projects",
        "version": "2.0.0", "operation": "getProject", "method": "GET", "status": 200,
        "duration_ms": 1.5, "count": 1,
    } | facts  # fmt: skip


def report(registry, *entries):
    body = {"gateway": "g-1", "batch_id": f"b-{id(entries)}", "entries": list(entries)}
    registry.call("POST", "/v1/ledger", body, token=registry.gateway_token, status=202)


def left(registry, query=""):
    return registry.call("GET", LEFT + query, status=200).json()["callers"]


def test_calls_are_weighed_by_their_count(registry):
    report(
        registry,
        entry(hours=5, count=7),
        entry(hours=2, count=5, status=410),
        entry(hours=3, application=None),
        entry(hours=24 * 40, count=1000),
    )
    rows = left(registry, "?version=2.0.0&days=30")
    assert [(row["application"], row["calls"]) for row in rows] == [("portal", 12), (None, 1)]
    assert (rows[0]["name"], rows[0]["team"]) == ("Portal", "Clients")
    last = datetime.fromisoformat(rows[0]["last_call"])
    assert abs((last - (NOW - timedelta(hours=2))).total_seconds()) < 1


def test_without_a_version_only_what_is_on_its_way_out(registry):
    report(registry, entry(), entry(operation="listProjects"))
    assert left(registry) == []
    registry.call(
        "POST", "/v1/contracts/psa.projects/versions/2.0.0/state",
        {"state": "deprecated"}, status=200,
    )  # fmt: skip
    assert {row["operation"] for row in left(registry)} == {"getProject", "listProjects"}


def test_an_operation_on_its_way_out(registry):
    text = PSA.replace("version: 2.0.0", "version: 2.0.1").replace(
        "operationId: getProject\n", "operationId: getProject\n      deprecated: true\n"
    )
    registry.call("POST", "/v1/contracts/psa.projects/versions", {"content": text}, status=201)
    report(
        registry, entry(version="2.0.1"), entry(version="2.0.1", operation="listProjects"), entry()
    )
    assert [(r["version"], r["operation"]) for r in left(registry)] == [("2.0.1", "getProject")]


def test_calls_that_a_rule_answered_are_taken_in(registry):
    said = {"kind": "cache", "outcome": "answered", "reason": "", "policy": "p", "enforced": True}
    report(registry, entry(decisions=[said]))
    assert [row["calls"] for row in left(registry, "?version=2.0.0")] == [1]


def test_what_cannot_be_asked(registry):
    registry.call("GET", "/v1/contracts/psa.nothing/who-is-left", status=404)
    registry.call("GET", LEFT + "?version=9.9.9", status=404)
    registry.call("GET", LEFT + "?days=0", status=422)
    body = {"name": "ci", "role": "consumer", "team": "delivery"}
    token = registry.call("POST", "/v1/tokens", body, status=201).json()["token"]
    registry.call("GET", LEFT, token=token, status=403)
