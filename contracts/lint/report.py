"""What linting found, as data: findings, what could not be honoured, and figures."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.document import Place
from contracts.lint.function import Path
from contracts.lint.rule import Severity, Unsupported

SCHEMA_VERSION = "1"


@dataclass(frozen=True, slots=True)
class LintFinding:
    """A rule that a place breaks.

    `path` leads to the nearest node that exists; `missing` goes on from there to what is absent.
    """

    rule: str
    severity: Severity
    message: str
    path: Path
    place: Place
    missing: Path = ()
    pack: str = ""
    documentation: str = ""
    fix: str = ""

    @property
    def fingerprint(self) -> str:
        """Identity from rule and pointer only; moved lines and new wording do not change it."""
        steps = "".join(f"/{step}" for step in self.missing)
        identity = f"{self.rule}\x00{self.place.pointer}{steps}".encode()
        return hashlib.sha256(identity).hexdigest()[:32]

    def as_json(self) -> dict[str, object]:
        """Return the finding in the machine interface."""
        return {
            "rule": self.rule,
            "severity": self.severity.word,
            "message": self.message,
            "path": list(self.path),
            **self.place.as_json(),
            "fingerprint": self.fingerprint,
            "documentation": self.documentation,
            "fix": self.fix,
        }


@dataclass(frozen=True, slots=True)
class LintReport:
    """The findings of one document, in the order of the text."""

    source: str
    findings: tuple[LintFinding, ...]
    unsupported: tuple[Unsupported, ...] = ()
    rules: tuple[str, ...] = ()  # that were active, whether or not they found anything
    stats: Mapping[str, float] = field(default_factory=dict)

    def count(self, severity: Severity) -> int:
        """Return how many findings have a severity."""
        return sum(finding.severity is severity for finding in self.findings)

    def failing(self, threshold: Severity) -> tuple[LintFinding, ...]:
        """Return the findings that are at least as bad as `threshold`."""
        return tuple(finding for finding in self.findings if finding.severity <= threshold)

    def as_json(self) -> dict[str, object]:
        """Return the report in the machine interface."""
        return {
            "schema_version": SCHEMA_VERSION,
            "file": self.source,
            "findings": [finding.as_json() for finding in self.findings],
            "counts": {s.word: self.count(s) for s in Severity if s is not Severity.OFF},
            "unsupported": [entry.as_json() for entry in self.unsupported],
            "stats": dict(self.stats),
        }
