"""A report for a merge request: GitLab's Code Quality report (a subset of the Code Climate format)."""

import json

from contracts.render import proof
from contracts.render.escaping import visible
from contracts.report import Finding, Level, Report

_SEVERITIES = {Level.ERROR: "critical", Level.WARNING: "minor", Level.INFO: "info"}


def render(report: Report, colour: bool, width: int) -> str:  # noqa: ARG001  # one signature for all forms
    """Return a JSON array with one object a finding; fingerprints are unique in it."""
    return json.dumps([_entry(finding) for finding in report.findings], indent=2) + "\n"


def _entry(finding: Finding) -> dict[str, object]:
    place = finding.new or finding.old
    return {
        "description": _description(finding),
        "check_name": finding.rule,
        "fingerprint": finding.fingerprint,
        "severity": "info" if finding.waived else _SEVERITIES[finding.level],
        # The format asks for a place; what has none is about the contract as a whole.
        "location": {
            "path": visible(place.file.removeprefix("./")) if place else "contract",
            "lines": {"begin": place.line if place else 1},
        },
    }


def _description(finding: Finding) -> str:
    doubt = f"{proof.doubt(finding)}: " if proof.doubt(finding) else ""
    parts = [doubt + finding.message]
    if finding.witness is not None:
        value = json.dumps(finding.witness.get("value"), ensure_ascii=False)
        parts.append(f"witness: {proof.caption(finding)}: {value[: proof.MAX_CHARACTERS]}")
    if finding.waived:
        parts.append(f"waived {proof.waiver(finding)}".strip())
    if finding.fix:
        parts.append(f"way out: {finding.fix}")
    return visible("; ".join(part.rstrip(".") for part in parts))
