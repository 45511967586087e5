"""What a draft would do to the calls that a ledger tells of. Called by the registry and the CLI.

The ledger keeps who called what and how it ended, not headers, claims or bodies: a rule whose
condition looks at those is told as unsure, never taken for granted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contracts.errors import TreatyError
from policies.explain import explain
from policies.snapshot import Snapshot

REFUSED, LET_THROUGH, GONE, UNSURE = (
    "would be refused", "would be let through", "is not deployed any more", "may change",
)  # fmt: skip
_FAILURES = 400
# What decides by who calls and not by how often or with what.
_STEADY = frozenset({"require-scope", "require-claims", "lifecycle", "authenticate"})
_BY_CLAIMS = frozenset({"require-claims"})  # the ledger keeps no claims
_MAX_GROUPS = 10_000


@dataclass(slots=True)
class _Calls:
    passed: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Replayed:
    """What would change, and how many calls and entries were looked at."""

    rows: list[dict[str, object]]
    calls: int
    unreadable: int


def replay(entries: Iterable[object], draft: Snapshot, since: datetime, now: datetime) -> Replayed:
    """Return a row for each application and operation whose calls would end otherwise."""
    groups: dict[tuple[str, str, str, str], _Calls] = {}
    total = unreadable = 0
    for entry in entries:
        found = _read(entry)
        if found is None:
            unreadable += 1
            continue
        key, at, passed, count = found
        if at < since or (key not in groups and len(groups) >= _MAX_GROUPS):
            continue
        calls = groups.setdefault(key, _Calls())
        calls.passed += count if passed else 0
        calls.refused += 0 if passed else count
        total += count
    rows = [row for key in sorted(groups) for row in _rows(draft, key, groups[key], now)]
    return Replayed(rows, total, unreadable)


def _rows(
    draft: Snapshot, key: tuple[str, str, str, str], calls: _Calls, now: datetime
) -> list[dict[str, object]]:
    application, contract, version, operation = key
    facts: dict[str, object] = {
        "application": application, "contract": contract, "version": version,
        "operation": operation,
    }  # fmt: skip
    try:
        told = explain(draft, f"{contract}@{version}", operation, application, now=now.timestamp())
    except TreatyError:
        return [{**facts, "change": GONE, "calls": calls.passed}] if calls.passed else []
    rules: Any = told["rules"]
    refusing = next((rule for rule in rules if rule["decision"].startswith("refuses")), None)
    if refusing is not None and calls.passed:
        sure = refusing["condition"] == "none" and refusing["kind"] not in _BY_CLAIMS
        change = REFUSED if sure else UNSURE
        return [{**facts, "change": change, "calls": calls.passed, **_source(refusing)}]
    if refusing is None and calls.refused:
        return [{**facts, "change": LET_THROUGH, "calls": calls.refused}]
    return []


def _source(rule: Mapping[str, Any]) -> dict[str, object]:
    source = rule["source"]
    return {
        "decision": rule["decision"], "policy": source["policy"],
        "place": f"{source['file']}:{source['line']}", "pointer": source["pointer"],
    }  # fmt: skip


def _read(entry: object) -> tuple[tuple[str, str, str, str], datetime, bool, int] | None:
    """Return who called what, when, whether it passed, how often; None for what is no entry.

    Refusals by limits, bodies and the upstream say nothing of the draft's rules and count as passed.
    """
    if not isinstance(entry, Mapping):
        return None
    names = [entry.get(name) for name in ("application", "contract", "version", "operation")]
    count, status = entry.get("count", 1), entry.get("status")
    if names[0] is None:
        names[0] = ""
    if not all(isinstance(name, str) for name in names) or not isinstance(status, int):
        return None
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        return None
    at = entry.get("at")
    try:
        moment = at if isinstance(at, datetime) else datetime.fromisoformat(str(at))
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    denied = any(_steady(decision) for decision in entry.get("decisions") or ())
    one, two, three, four = map(str, names)
    return (one, two, three, four), moment, status < _FAILURES or not denied, count


def _steady(decision: Any) -> bool:
    return (
        decision.get("outcome") == "denied"
        and bool(decision.get("enforced"))
        and decision.get("kind") in _STEADY
    )
