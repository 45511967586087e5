"""What policies that only observe would have done, counted from ledger entries. Called by the CLI."""

from collections.abc import Iterable, Mapping
from typing import Any


def shadow(
    entries: Iterable[Mapping[str, Any]], since: str = "", until: str = "\uffff"
) -> list[dict[str, object]]:
    """Return one row per policy and reason: `calls` (by the entries' `count`) and `applications`.

    `since` and `until` are RFC 3339 instants in UTC as the ledger writes them, or their beginnings.
    """
    calls: dict[tuple[str, str, str], int] = {}
    callers: dict[tuple[str, str, str], set[str]] = {}
    for entry in entries:
        if not since <= str(entry.get("at", "")) < until:
            continue
        observed = {
            (str(decision["policy"]), str(decision["kind"]), str(decision["reason"]))
            for decision in entry.get("decisions", ())
            if not decision["enforced"] and decision["outcome"] == "denied"
        }
        for key in observed:
            calls[key] = calls.get(key, 0) + int(entry.get("count", 1))
            callers.setdefault(key, set()).add(str(entry.get("application") or "nobody"))
    return [
        {
            "policy": policy,
            "kind": kind,
            "reason": reason,
            "calls": calls[policy, kind, reason],
            "applications": sorted(callers[policy, kind, reason]),
        }
        for policy, kind, reason in sorted(calls)
    ]
