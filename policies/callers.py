"""Who still calls a contract, counted from ledger entries; `treaty lifecycle who-is-left` prints it.

An entry counts as often as its `count` says: gateways write one for calls that ended alike.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from policies.snapshot import ContractPlan, OperationPlan, Snapshot

_MAX_CALLERS = 100_000


class Caller(NamedTuple):
    """An application (None: not known) on one operation of one version."""

    application: str | None
    contract: str
    version: str
    operation: str


class Calls(NamedTuple):
    """How often, and when last."""

    calls: int
    last_call: datetime


class Counted(NamedTuple):
    """Calls by caller, and how many entries were no ledger entries."""

    found: Mapping[Caller, Calls]
    unreadable: int


def count(entries: Iterable[object], contract: str, version: str, since: datetime) -> Counted:
    """Return the calls of a contract since then; an empty version stands for all of them."""
    found: dict[Caller, Calls] = {}
    unreadable = 0
    for entry in entries:
        read = _read(entry)
        if read is None:
            unreadable += 1
            continue
        caller, calls = read
        if caller.contract != contract or version not in ("", caller.version):
            continue
        if calls.last_call < since or (caller not in found and len(found) >= _MAX_CALLERS):
            continue
        before = found.get(caller)
        if before is not None:
            last = max(before.last_call, calls.last_call)
            calls = Calls(before.calls + calls.calls, last)
        found[caller] = calls
    return Counted(found, unreadable)


def _read(entry: object) -> tuple[Caller, Calls] | None:
    if not isinstance(entry, dict):
        return None
    names = [entry.get(name) for name in ("contract", "version", "operation")]
    application, calls, at = entry.get("application"), entry.get("count", 1), entry.get("at")
    texts = all(isinstance(name, str) for name in names)
    if not texts or not isinstance(application, str | None) or not isinstance(at, str):
        return None
    if not isinstance(calls, int) or isinstance(calls, bool) or calls < 1:
        return None
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return Caller(application, *map(str, names)), Calls(calls, moment)


def phased_out(snapshot: Snapshot) -> frozenset[tuple[str, str, str]]:
    """Return contract, version and name of every operation that is deprecated or has a sunset."""
    return frozenset(
        (plan.contract, plan.version, operation.name)
        for plan in snapshot.contracts
        for operation in plan.operations
        if _goes(plan, operation)
    )


def _goes(plan: ContractPlan, operation: OperationPlan) -> bool:
    if plan.state != "published" or plan.deprecated_at or plan.sunset_at:
        return True
    return any(rule.kind == "lifecycle" for rule in operation.rules)
