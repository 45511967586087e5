"""`treaty lifecycle who-is-left`, from a registry and from a gateway's own ledger."""

import json
from datetime import UTC, datetime, timedelta

from psa_world import compiled

PATH = "/v1/contracts/psa.projects/who-is-left"


def line(hours=1, **facts):
    at = (datetime.now(UTC) - timedelta(hours=hours)).isoformat(timespec="milliseconds")
    entry = {"at": at, "application": "portal", "contract": "psa.projects", "version": "2.0.0",
             "operation": "getProject", "status": 200, "count": 1}  # fmt: skip
    return json.dumps(entry | facts) + "\n"


def test_from_a_registry(treaty, registry):
    row = {"application": "portal", "name": "Portal", "team": "Clients", "contact": ["a@b.example"],
           "version": "1.4.0", "operation": "getProject", "calls": 12,
           "last_call": "2026-11-20T10:00:00Z"}  # fmt: skip
    told = {"contract": "psa.projects", "version": "1.4.0", "since": "x", "callers": [row]}
    registry.on("GET", PATH, told)
    result = treaty("lifecycle", "who-is-left", "psa.projects@1.4.0")
    assert result.exit_code == 0
    assert "a@b.example" in result.stdout
    assert "1 applications and 12 calls" in result.stderr


def test_from_a_ledger(treaty, here):
    (here / "ledger.jsonl").write_text(
        line(hours=5, count=7)
        + line(hours=2, count=5)
        + line(hours=3, application=None)
        + line(version="1.0.0")
        + line(contract="psa.other")
        + line(hours=24 * 40, count=1000)
        + "{broken\n[]\n"
        + line(count=-1)
    )
    arguments = ["lifecycle", "who-is-left", "psa.projects@2.0.0", "--ledger", "ledger.jsonl"]
    result = treaty(*arguments, "--format", "json")
    assert result.exit_code == 0, result.stderr
    assert "3 lines are no ledger entries" in result.stderr
    rows = json.loads(result.stdout)["callers"]
    assert [(row["application"], row["calls"]) for row in rows] == [("portal", 12), (None, 1)]


def test_a_snapshot_knows_what_is_on_its_way_out(treaty, here):
    (here / "ledger.jsonl").write_text(line())
    arguments = ["lifecycle", "who-is-left", "psa.projects", "--ledger", "ledger.jsonl"]
    for state, calls in (("published", 0), ("deprecated", 1)):
        (here / "snapshot.json").write_bytes(compiled(state=state).snapshot.sealed().write())
        result = treaty(*arguments, "--snapshot", "snapshot.json", "--format", "json")
        assert len(json.loads(result.stdout)["callers"]) == calls


def test_a_snapshot_alone_is_a_mistake(treaty, here):
    (here / "snapshot.json").write_text("{}")
    result = treaty("lifecycle", "who-is-left", "psa.projects", "--snapshot", "snapshot.json")
    assert result.exit_code == 2
