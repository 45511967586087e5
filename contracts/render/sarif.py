"""A report in SARIF 2.1.0 (OASIS), for code scanning services and editors."""

import json
from urllib.parse import quote

from contracts.compat import rulebook
from contracts.document import Place
from contracts.render import proof
from contracts.render.escaping import visible
from contracts.report import Finding, Level, Report

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note"}


def render(report: Report, colour: bool, width: int) -> str:  # noqa: ARG001  # one signature for all forms
    """Return one log with one run; rules carry their help, results their fingerprint and witness."""
    rules = sorted({finding.rule for finding in report.findings})
    run = {
        "tool": {"driver": {"name": "Treaty", "rules": [_rule(rule) for rule in rules]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, rules.index(finding.rule)) for finding in report.findings],
        "properties": {
            "verdict": report.verdict.value,
            "required_bump": report.required_bump.value,
            "old_version": report.old_version,
            "new_version": report.new_version,
        },
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: str) -> dict[str, object]:
    entry = rulebook.entry(rule)
    text = " ".join(filter(None, [entry.sentence, entry.why, entry.fix]))
    ways = f"\n\n**Ways out:** {entry.fix}" if entry.fix else ""
    why = f"\n\n**Why:** {entry.why}" if entry.why else ""
    return {
        "id": rule,
        "name": "".join(word.capitalize() for word in rule.split("-")),
        "shortDescription": {"text": entry.sentence},
        "fullDescription": {"text": text},
        "help": {"text": text, "markdown": f"{entry.sentence}{why}{ways}"},
    }


def _result(finding: Finding, index: int) -> dict[str, object]:
    place = finding.new or finding.old
    result: dict[str, object] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.level],
        "message": {"text": _message(finding)},
        "partialFingerprints": {"treaty/v1": finding.fingerprint},
        "properties": {
            "certainty": finding.certainty.value,
            "direction": finding.direction.value,
            "effect": finding.effect.value,
            "witness": finding.witness,
            "fix": finding.fix,
        },
    }
    if place is not None:
        location: dict[str, object] = {"physicalLocation": _physical(place)}
        if finding.operation:
            logical = {"fullyQualifiedName": visible(finding.operation), "kind": "function"}
            location["logicalLocations"] = [logical]
        result["locations"] = [location]
    if finding.old is not None and finding.new is not None:
        old = {"id": 1, "physicalLocation": _physical(finding.old), "message": {"text": "old"}}
        result["relatedLocations"] = [old]
    if finding.waived:
        suppression = {"kind": "external", "status": "accepted"}
        if reason := visible(proof.waiver(finding)):
            suppression["justification"] = reason
        result["suppressions"] = [suppression]
    return result


def _message(finding: Finding) -> str:
    doubt = proof.doubt(finding)
    lines = [f"{doubt}: {visible(finding.message)}" if doubt else visible(finding.message)]
    if finding.witness is not None:
        lines.append(f"Witness: {visible(proof.caption(finding))}")
        lines += map(visible, proof.value(finding))
    # `[text](target)` would be read as a link (section 3.11.6).
    return "\n".join(lines).replace("](", "\\](")


def _physical(place: Place) -> dict[str, object]:
    uri = quote(place.file.removeprefix("./").encode(errors="backslashreplace"), safe="/")
    return {
        "artifactLocation": {"uri": uri},
        "region": {"startLine": place.line, "startColumn": place.column},
    }
