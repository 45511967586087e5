"""Findings and reports as data: what a judgement says, in the stable machine interface."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from contracts.document import Json, Place

SCHEMA_VERSION = "1"


class Level(StrEnum):
    """How bad: an error breaks, a warning may, information does not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Direction(StrEnum):
    """Who writes the value that the finding is about."""

    REQUEST = "request"
    RESPONSE = "response"
    NONE = "none"


class Effect(StrEnum):
    """What a change does to the set of accepted values."""

    WIDENS = "widens"
    NARROWS = "narrows"
    CHANGES = "changes"
    UNKNOWN = "unknown"
    NONE = "none"


class Verdict(StrEnum):
    """Three-valued: what cannot be decided is never called compatible."""

    COMPATIBLE = "compatible"
    BREAKING = "breaking"
    UNDECIDED = "undecided"


class Bump(StrEnum):
    """The version step that a change needs (Semantic Versioning 2.0.0)."""

    NONE = "none"
    PATCH = "patch"
    MINOR = "minor"
    MAJOR = "major"


class Certainty(StrEnum):
    """How sure a finding is: only what is proven by a witness, or follows from it, may break."""

    PROVEN = "proven"
    SUSPECTED = "suspected"
    UNDECIDED = "undecided"
    NOTED = "noted"  # nothing to prove: the change breaks nobody


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference that matters. `operation` is `GET /path`, or empty for the whole contract.

    `witness` is a value in the machine interface: what one version accepts and the other rejects.
    `waiver` says who allowed the finding to stand, for how long, and why, when it is waived.
    """

    rule: str
    level: Level
    direction: Direction
    effect: Effect
    message: str
    old: Place | None
    new: Place | None
    operation: str = ""
    fix: str = ""
    witness: Mapping[str, Json] | None = None
    waived: bool = False
    certainty: Certainty = Certainty.NOTED
    waiver: Mapping[str, Json] | None = None

    @property
    def fingerprint(self) -> str:
        """Stable under rewording and moved lines: rule, direction, operation and pointers only."""
        parts = [self.rule, self.direction.value, self.operation]
        parts += [place.pointer if place else "" for place in (self.old, self.new)]
        return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:32]

    def as_json(self) -> dict[str, object]:
        """Return the finding in the machine interface."""
        return {
            "rule": self.rule,
            "level": self.level.value,
            "direction": self.direction.value,
            "effect": self.effect.value,
            "operation": self.operation,
            "message": self.message,
            "fix": self.fix,
            "old": self.old.as_json() if self.old else None,
            "new": self.new.as_json() if self.new else None,
            "fingerprint": self.fingerprint,
            "certainty": self.certainty.value,
            "witness": self.witness,
            "waived": self.waived,
            "waiver": self.waiver,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The judgement of one pair of versions."""

    verdict: Verdict
    required_bump: Bump
    findings: tuple[Finding, ...]
    old_version: str = ""
    new_version: str = ""
    stats: dict[str, float] = field(default_factory=dict)

    def count(self, level: Level) -> int:
        """Return how many findings that are not waived stand at `level`."""
        return sum(1 for f in self.findings if f.level is level and not f.waived)

    def as_json(self) -> dict[str, object]:
        """Return the report in the machine interface."""
        return {
            "schema_version": SCHEMA_VERSION,
            "verdict": self.verdict.value,
            "required_bump": self.required_bump.value,
            "old_version": self.old_version,
            "new_version": self.new_version,
            "findings": [finding.as_json() for finding in self.findings],
            "stats": self.stats,
        }
