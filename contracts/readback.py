"""A report in the machine interface, read back: what was stored, or what a server answered.

Called by the registry and by the command line.
"""

from typing import Any

from contracts.document import Place
from contracts.report import (
    Bump,
    Certainty,
    Direction,
    Effect,
    Finding,
    Level,
    Report,
    Verdict,
)


def report(value: Any) -> Report:
    """Return the report. Raises `LookupError`, `ValueError`, `TypeError` or `AttributeError`."""
    return Report(
        verdict=Verdict(value["verdict"]),
        required_bump=Bump(value["required_bump"]),
        findings=tuple(_finding(entry) for entry in value["findings"]),
        old_version=str(value.get("old_version", "")),
        new_version=str(value.get("new_version", "")),
        stats=dict(value.get("stats") or {}),
    )


def _finding(entry: dict[str, Any]) -> Finding:
    return Finding(
        rule=str(entry["rule"]),
        level=Level(entry["level"]),
        direction=Direction(entry["direction"]),
        effect=Effect(entry.get("effect", "unknown")),
        message=str(entry["message"]),
        old=_place(entry.get("old")),
        new=_place(entry.get("new")),
        operation=str(entry.get("operation", "")),
        fix=str(entry.get("fix", "")),
        witness=entry.get("witness"),
        waived=bool(entry.get("waived", False)),
        certainty=Certainty(entry.get("certainty", "noted")),
        waiver=entry.get("waiver"),
    )


def _place(entry: dict[str, Any] | None) -> Place | None:
    if entry is None:
        return None
    return Place(
        str(entry["pointer"]), str(entry["file"]), int(entry["line"]), int(entry["column"])
    )
