"""One judgement out of many: a new version against every earlier one that a promise names.

Called by `contracts.compat.judge` and by the registry's publish.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from contracts.compat import severity
from contracts.report import Bump, Finding, Level, Report, Verdict

_WORST = (Verdict.COMPATIBLE, Verdict.UNDECIDED, Verdict.BREAKING)
_STEPS = (Bump.NONE, Bump.PATCH, Bump.MINOR, Bump.MAJOR)
_NAMED = 3  # versions that a sentence names; `Towards.as_json` has all


@dataclass(frozen=True, slots=True)
class Towards:
    """The judgement towards one earlier version."""

    version: str
    report: Report

    def as_json(self) -> dict[str, object]:
        """Return the version with its verdict, and which findings break it."""
        broken = (f for f in self.report.findings if f.level is Level.ERROR and not f.waived)
        return {
            "version": self.version,
            "verdict": self.report.verdict.value,
            "required_bump": self.report.required_bump.value,
            "breaking": [finding.fingerprint for finding in broken],
        }


def combine(judged: Sequence[Towards]) -> Report:
    """Return one report of judgements, newest version first; there is at least one.

    The worst verdict and the largest bump stand. A finding that several versions share is named
    once, at its worst; one that the newest version does not share says whom it concerns.
    """
    reports = [each.report for each in judged]
    keys = sorted({key for report in reports for key in report.stats})
    return replace(
        reports[0],
        verdict=max((report.verdict for report in reports), key=_WORST.index),
        required_bump=max((report.required_bump for report in reports), key=_STEPS.index),
        findings=_findings(judged),
        stats={key: round(sum(r.stats.get(key, 0) for r in reports), 6) for key in keys},
    )


def _findings(judged: Sequence[Towards]) -> tuple[Finding, ...]:
    worst: dict[str, Finding] = {}
    concerned: dict[str, list[str]] = {}
    for each in judged:
        for finding in each.report.findings:
            key = finding.fingerprint
            known = worst.get(key)
            if known is None or severity.RANK[finding.level] < severity.RANK[known.level]:
                worst[key], concerned[key] = finding, [each.version]
            elif known.level is finding.level:
                concerned[key].append(each.version)
    newest = judged[0].version
    told = (
        finding if concerned[key][0] == newest else _named(finding, concerned[key])
        for key, finding in worst.items()
    )
    return tuple(sorted(told, key=lambda finding: severity.RANK[finding.level]))


def _named(finding: Finding, versions: list[str]) -> Finding:
    more = f" and {len(versions) - _NAMED} more" if len(versions) > _NAMED else ""
    return replace(
        finding, message=f"{finding.message} (towards {', '.join(versions[:_NAMED])}{more})"
    )
