"""A lint report with what a gate makes of it: what is new, which level, what the baseline lost."""

from dataclasses import dataclass

from contracts.baseline import Baseline
from contracts.lint.levels import LintLevel, Standing, level_of
from contracts.lint.report import LintFinding, LintReport
from contracts.lint.rule import Severity


@dataclass(frozen=True, slots=True)
class Judgement:
    """One document's report under a gate."""

    report: LintReport
    threshold: Severity
    standing: Standing
    required: LintLevel | None
    known: frozenset[str]  # fingerprints of the baseline
    stale: tuple[str, ...]  # entries of the baseline that nothing has any more, in words

    @property
    def source(self) -> str:
        """The name of the document."""
        return self.report.source

    @property
    def new(self) -> tuple[LintFinding, ...]:
        """The findings that the baseline does not know."""
        return tuple(f for f in self.report.findings if f.fingerprint not in self.known)

    @property
    def failing(self) -> tuple[LintFinding, ...]:
        """The new findings that reach the threshold."""
        return tuple(f for f in self.new if f.severity <= self.threshold)

    @property
    def passes(self) -> bool:
        """Whether the gate lets the document through."""
        return not self.failing and (self.required is None or self.standing.reaches(self.required))

    @property
    def sentence(self) -> str:
        """The outcome in a line: `3 errors, 1 warning, 0 notes, 2 hints; level baseline`."""
        counts = ", ".join(_count(self.new, *entry) for entry in _WORDS)
        before = len(self.report.findings) - len(self.new)
        aside = f", {before} known" if before else ""
        level = f"level {self.standing.level.value}"
        if self.required is not None and not self.standing.reaches(self.required):
            level += f", {self.required.value} is required"
        return f"{counts}{aside}; {level}"

    def as_json(self) -> dict[str, object]:
        """Return the result in the machine interface."""
        findings = [
            finding.as_json() | {"known": finding.fingerprint in self.known}
            for finding in self.report.findings
        ]
        return self.report.as_json() | {
            "passes": self.passes,
            "findings": findings,
            "standing": self.standing.as_json(),
            "required_level": self.required.value if self.required else None,
            "stale": list(self.stale),
        }


def judge(
    report: LintReport,
    *,
    threshold: Severity = Severity.ERROR,
    required: LintLevel | None = None,
    baseline: Baseline | None = None,
) -> Judgement:
    """Return what a gate makes of a report; the level counts what the baseline knows too."""
    known = baseline or Baseline()
    stale = tuple(known.named(entry) for entry in known.stale(report.findings))
    return Judgement(report, threshold, level_of(report), required, known.fingerprints, stale)


_WORDS = (
    (Severity.ERROR, "error"),
    (Severity.WARN, "warning"),
    (Severity.INFO, "note"),
    (Severity.HINT, "hint"),
)


def _count(findings: tuple[LintFinding, ...], severity: Severity, word: str) -> str:
    number = sum(finding.severity is severity for finding in findings)
    return f"{number} {word}{'' if number == 1 else 's'}"
