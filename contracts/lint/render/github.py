"""Lint results as workflow commands of GitHub Actions, which become annotations."""

from collections.abc import Sequence

from contracts.lint.judgement import Judgement
from contracts.lint.report import LintFinding
from contracts.lint.rule import Severity

_COMMANDS = {
    Severity.ERROR: "error",
    Severity.WARN: "warning",
    Severity.INFO: "notice",
    Severity.HINT: "notice",
}


def render(judged: Sequence[Judgement], colour: bool, width: int) -> str:  # noqa: ARG001  # one signature for all forms
    """Return one command per new finding, worst first: the host shows only the first few."""
    found = sorted((f for each in judged for f in each.new), key=lambda finding: finding.severity)
    return "".join(_command(finding) for finding in found) or "\n"


def _command(finding: LintFinding) -> str:
    place = finding.place
    where = f"file={_property(place.file)},line={place.line},col={place.column}"
    title = _property(finding.rule)
    return f"::{_COMMANDS[finding.severity]} {where},title={title}::{_data(finding.message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
