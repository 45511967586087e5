"""Lint results as SARIF 2.1.0 (OASIS), which code hosts show beside the lines."""

import json
from collections.abc import Sequence

from contracts.lint.judgement import Judgement
from contracts.lint.report import LintFinding
from contracts.lint.rule import Severity

_LEVELS = {
    Severity.ERROR: "error",
    Severity.WARN: "warning",
    Severity.INFO: "note",
    Severity.HINT: "note",
}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(judged: Sequence[Judgement], colour: bool, width: int) -> str:  # noqa: ARG001  # one signature for all forms
    """Return one SARIF log with one run; known findings are marked unchanged."""
    pairs = [(each, finding) for each in judged for finding in each.report.findings]
    rules = {finding.rule: finding for _, finding in pairs}
    order = {rule: index for index, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "treaty lint", "rules": [_rule(f) for f in rules.values()]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, finding, order) for each, finding in pairs],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(finding: LintFinding) -> dict[str, object]:
    rule: dict[str, object] = {"id": finding.rule}
    if finding.documentation.startswith(("http://", "https://")):
        rule["helpUri"] = finding.documentation
    return rule


def _result(judged: Judgement, finding: LintFinding, order: dict[str, int]) -> dict[str, object]:
    place = finding.place
    known = finding.fingerprint in judged.known
    return {
        "ruleId": finding.rule,
        "ruleIndex": order[finding.rule],
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "baselineState": "unchanged" if known else "new",
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": place.file},
                    "region": {"startLine": place.line, "startColumn": place.column},
                },
                "logicalLocations": [{"fullyQualifiedName": place.pointer}],
            }
        ],
        "partialFingerprints": {"treaty/v1": finding.fingerprint},
    }
