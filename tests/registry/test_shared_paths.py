"""Deployments that share a base path, and grants that pin a version, from the API to the snapshot."""

import pytest
from registry_world import DATABASES, PSA, world

PATH = "/v1/environments/demo/deployments"
OLD = {"contract": "psa.projects", "version": "2.0.0", "upstream": "http://127.0.0.1:9"}
NEW = OLD | {"version": "2.1.0", "base_path": "/psa/projects/v2"}
GRANT = {
    "application": "portal", "contract": "psa.projects", "plan": "small", "environment": "demo",
    "scopes": [], "version": "2.0.0",
}  # fmt: skip


@pytest.fixture(params=DATABASES)
def registry(request, tmp_path):
    with world(request.param, tmp_path) as running:
        running.seed()
        body = {"content": PSA.replace("version: 2.0.0", "version: 2.1.0", 1)}
        running.call("POST", "/v1/contracts/psa.projects/versions", body, status=201)
        yield running


def routings(registry):
    return {plan["version"]: plan.get("routing") for plan in registry.snapshot()["contracts"]}


def test_two_versions_on_one_path(registry):
    registry.call("POST", PATH, NEW, status=409)
    taken = NEW | {"routing": {"default": True}}
    refused = registry.call("POST", PATH, taken, status=409).json()
    assert refused["detail"].count("deployment ") == 2
    registry.call("POST", PATH, OLD | {"routing": {"pinned": True}}, status=409)
    registry.call("POST", PATH, OLD | {"routing": {"default": True}}, status=201)
    by_version = {"routing": {"match": {"media_version": "2.1"}}}
    made = registry.call("POST", PATH, NEW | by_version, status=201).json()
    assert made["routing"]["match"]["media_version"] == "2.1"
    assert routings(registry)["2.0.0"]["default"] is True
    assert routings(registry)["2.1.0"]["match"]["media_version"] == "2.1"
    assert len(registry.call("GET", PATH, status=200).json()["items"]) == 2


def test_a_grant_pins_a_version(registry):
    made = registry.call("POST", "/v1/grants", GRANT, status=201).json()
    assert made["version"] == "2.0.0"
    decide = f"/v1/grants/{made['id']}/approve"
    refused = registry.call("POST", decide, status=409).json()
    assert refused["type"].endswith("route-conflict")
    registry.call("POST", PATH, OLD | {"routing": {"default": True}}, status=201)
    by_version = {"routing": {"match": {"media_version": "2.1"}}}
    registry.call("POST", PATH, NEW | by_version, status=201)
    registry.call("POST", decide, status=200)
    assert registry.snapshot()["grants"][0]["version"] == "2.0.0"


@pytest.mark.parametrize("routing", [{"match": {"headers": {"cookie": "x"}}}, {"nothing": 1}])
def test_what_says_nothing_is_refused(registry, routing):
    registry.call("POST", PATH, NEW | {"routing": routing}, status=422)
