"""Baseline, Silver and Gold: what a contract must keep to reach a level, and what is missing.

A level demands rules, whatever their severity; called by the CLI and the registry.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from contracts.lint.report import LintFinding, LintReport

FIXES = 3


class LintLevel(StrEnum):
    """How far a contract has come; each level includes those before it."""

    NONE = "none"
    BASELINE = "baseline"
    SILVER = "silver"
    GOLD = "gold"


# Each demand is met by a rule that runs and finds nothing; of several, the first that runs counts.
DEMANDS: Mapping[LintLevel, tuple[tuple[str, ...], ...]] = {
    LintLevel.BASELINE: (
        ("invalid-ref",),
        ("oas3-schema", "oas2-schema"),
        ("path-params",),
        ("operation-operationId-unique",),
        ("treaty-operation-id", "operation-operationId"),
        ("treaty-owner", "info-contact"),
        ("treaty-version-semver",),
    ),
    LintLevel.SILVER: (
        ("treaty-security",),
        ("treaty-operation-described", "operation-description"),
        ("treaty-errors-described",),
        ("treaty-path-kebab",),
        ("treaty-property-case",),
        ("treaty-personal-data",),
        ("oas3-operation-security-defined", "oas2-operation-security-defined"),
    ),
    LintLevel.GOLD: (
        ("treaty-problem-errors", "treaty-errors-described"),
        ("treaty-pagination",),
        ("treaty-examples", "oas2-valid-media-example"),
        ("oas3-valid-media-example", "oas2-valid-media-example"),
        ("treaty-schema-described", "treaty-operation-described"),
        ("treaty-sunset-announced",),
        ("oas3-unused-component", "oas2-unused-definition"),
    ),
}
_ALWAYS = frozenset(["invalid-ref"])  # rules of the engine itself


@dataclass(frozen=True, slots=True)
class Gap:
    """A demand that is not met: how often, what to do, and the first place."""

    rule: str
    findings: int
    fix: str
    first: LintFinding | None

    @property
    def judged(self) -> bool:
        """Whether the rule ran; where it did not, the ruleset must include it first."""
        return self.first is not None

    def as_json(self) -> dict[str, object]:
        """Return the gap in the machine interface."""
        place = self.first.place.as_json() if self.first else None
        return {"rule": self.rule, "findings": self.findings, "fix": self.fix, "first": place}


@dataclass(frozen=True, slots=True)
class Standing:
    """The level that is reached, the next one, and what it lacks, cheapest first."""

    level: LintLevel
    next: LintLevel | None
    gaps: tuple[Gap, ...]

    @property
    def cheapest(self) -> tuple[Gap, ...]:
        """The fixes to begin with: those with the fewest places."""
        return self.gaps[:FIXES]

    def reaches(self, level: LintLevel) -> bool:
        """Return whether the standing is at least `level`."""
        order = list(LintLevel)
        return order.index(self.level) >= order.index(level)

    def as_json(self) -> dict[str, object]:
        """Return the standing in the machine interface."""
        return {
            "level": self.level.value,
            "next": self.next.value if self.next else None,
            "missing": [gap.as_json() for gap in self.gaps],
            "cheapest": [gap.rule for gap in self.cheapest],
        }


def level_of(report: LintReport) -> Standing:
    """Return which level a document reaches; a demand that no rule judges is not met."""
    reached = LintLevel.NONE
    for level, demands in DEMANDS.items():
        gaps = [gap for demand in demands if (gap := _gap(report, demand)) is not None]
        if gaps:
            # What runs and has few findings is cheap; what must be added to the ruleset is not.
            ordered = sorted(gaps, key=lambda gap: (not gap.judged, gap.findings, gap.rule))
            return Standing(reached, level, tuple(ordered))
        reached = level
    return Standing(reached, None, ())


def _gap(report: LintReport, demand: tuple[str, ...]) -> Gap | None:
    running = [rule for rule in demand if rule in report.rules or rule in _ALWAYS]
    if not running:
        return Gap(demand[0], 0, f"Include the rule {demand[0]} in the ruleset.", None)
    broken = [finding for finding in report.findings if finding.rule == running[0]]
    if not broken:
        return None
    return Gap(running[0], len(broken), broken[0].fix or broken[0].message, broken[0])


def level_named(rule: str) -> LintLevel | None:
    """Return the first level that demands a rule, None when no level does."""
    for level, demands in DEMANDS.items():
        if any(rule in demand for demand in demands):
            return level
    return None
