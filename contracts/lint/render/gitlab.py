"""Lint results as a GitLab code quality report (Code Climate's issue format)."""

import hashlib
import json
from collections.abc import Sequence

from contracts.lint.judgement import Judgement
from contracts.lint.report import LintFinding
from contracts.lint.rule import Severity

_SEVERITIES = {
    Severity.ERROR: "critical",
    Severity.WARN: "minor",
    Severity.INFO: "info",
    Severity.HINT: "info",
}


def render(judged: Sequence[Judgement], colour: bool, width: int) -> str:  # noqa: ARG001  # one signature for all forms
    """Return a JSON array, one issue per new finding."""
    issues = [_issue(finding) for each in judged for finding in each.new]
    return json.dumps(issues, indent=2, ensure_ascii=False) + "\n"


def _issue(finding: LintFinding) -> dict[str, object]:
    # The host wants identities that are unique across files.
    identity = f"{finding.place.file}\x00{finding.fingerprint}\x00{finding.message}".encode()
    return {
        "description": finding.message,
        "check_name": finding.rule,
        "fingerprint": hashlib.sha256(identity).hexdigest()[:32],
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": finding.place.file, "lines": {"begin": finding.place.line}},
    }
