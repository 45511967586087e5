"""Gathers the findings that one edit of a shared component causes, and counts levels.

Called by the renderers for people; machines get every finding.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from contracts.report import Bump, Finding, Level, Report, Verdict

WORDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note"}
BUMPS = {
    Bump.NONE: "nothing changed",
    Bump.PATCH: "only words changed: a patch version",
    Bump.MINOR: "needs a minor version",
    Bump.MAJOR: "needs a major version",
}


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one rule at one place; the first speaks for all."""

    members: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The finding that speaks for all."""
        return self.members[0]

    @property
    def size(self) -> int:
        """How many findings there are."""
        return len(self.members)

    @property
    def named(self) -> tuple[str, ...]:
        """The operations, in order, each once."""
        return tuple(dict.fromkeys(member.operation for member in self.members))

    @property
    def others(self) -> str:
        """Return `and 11 more operations`, or nothing."""
        more = len(self.named) - 1
        return "" if more < 1 else f"and {more} more operation{'s' if more > 1 else ''}"


def group(findings: Iterable[Finding]) -> list[Group]:
    """Return the groups in the order of their first finding."""
    found: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        kind = (finding.rule, finding.level, finding.direction, finding.certainty, finding.waived)
        key = (*kind, *_places(finding))
        found.setdefault(key, []).append(finding)
    return [Group(tuple(members)) for members in found.values()]


def _places(finding: Finding) -> tuple[str, ...]:
    return tuple(place.pointer if place else "" for place in (finding.old, finding.new))


def verdict_line(report: Report) -> str:
    """Return `breaking: 2 errors, 1 warning, 3 notes; needs a major version`."""
    counts = ", ".join(counted(report.count(level), word) for level, word in WORDS.items())
    waived = sum(finding.waived for finding in report.findings)
    aside = f", {waived} waived" if waived else ""
    if report.verdict is Verdict.COMPATIBLE and not report.findings:
        return f"{report.verdict.value}: no findings; {BUMPS[report.required_bump]}"
    return f"{report.verdict.value}: {counts}{aside}; {BUMPS[report.required_bump]}"


def counted(number: int, word: str) -> str:
    """Return `1 error`, `2 errors`."""
    return f"{number} {word}{'' if number == 1 else 's'}"
