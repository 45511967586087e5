"""`treaty policies test`: a folder against a ledger file, and a policy file against the registry."""

import json
from datetime import UTC, datetime, timedelta

WORLD = """
deployments: [{contract: shop.orders, file: o.json, upstream: 'http://u.example'}]
applications: [{id: desk}]
plans: [{name: s}]
grants: [{application: desk, contract: shop.orders, plan: s}]
"""
CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": "Orders", "version": "1.0.0"},
    "paths": {
        "/orders": {
            "get": {"operationId": "listOrders", "responses": {"200": {"description": "All."}}}
        }
    },
}
GATE = "policy: shut\nkind: size-limit\nspec: {}\n"


def ledger(here, **facts):
    at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    entry = {"at": at, "application": "desk", "contract": "shop.orders", "version": "1.0.0",
             "operation": "listOrders", "status": 200, "count": 5}  # fmt: skip
    (here / "ledger.jsonl").write_text(json.dumps(entry | facts) + "\n{broken\n")


def test_a_folder_against_a_ledger_file(treaty, here):
    (here / "world").mkdir()
    (here / "world" / "w.yaml").write_text(WORLD)
    (here / "world" / "o.json").write_text(json.dumps(CONTRACT))
    ledger(here)
    result = treaty("policies", "test", "world", "--ledger", "ledger.jsonl")
    assert result.exit_code == 0, result.stderr
    assert "5 calls of 7 days replayed, 0 that passed would be refused" in result.stderr
    assert "1 lines are no ledger entries" in result.stderr
    ledger(here, version="2.0.0")
    result = treaty("policies", "test", "world", "--ledger", "ledger.jsonl", "--format", "json")
    (row,) = json.loads(result.stdout)["changes"]
    assert row["change"] == "is not deployed any more"


def test_a_file_against_the_registry(treaty, registry, here):
    (here / "draft.yaml").write_text(GATE)
    row = {"application": "desk", "contract": "shop.orders", "version": "1.0.0", "calls": 5,
           "operation": "listOrders", "change": "would be refused", "policy": "shut",
           "place": "draft.yaml:1", "decision": "refuses: 403 scope-missing"}  # fmt: skip
    registry.on("POST", "/v1/policy-test", {"calls": 9, "changes": [row]})
    result = treaty("policies", "test", "draft.yaml", "--environment", "prod", "--days", "3")
    assert result.exit_code == 1
    assert "9 calls of 3 days replayed, 5 that passed would be refused" in result.stderr
    assert "draft.yaml:1" in result.stdout
