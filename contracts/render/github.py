"""A report as workflow commands: annotations beside the lines of a pull request.

Format: GitHub Actions, "Workflow commands"; escaping as the runner's own toolkit does it.
"""

from contracts.render import proof
from contracts.render.escaping import visible
from contracts.render.grouping import Group, group, verdict_line
from contracts.report import Level, Report

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "notice"}


def render(report: Report, colour: bool, width: int) -> str:  # noqa: ARG001  # one signature for all forms
    """Return one command a line and the verdict as the last line."""
    lines = [_command(entry) for entry in group(report.findings)]
    return "\n".join([*lines, f"treaty: {verdict_line(report)}"]) + "\n"


def _command(entry: Group) -> str:
    finding = entry.first
    place = finding.new or finding.old
    properties = {"title": _title(entry)}
    if place is not None:
        start = {
            "file": place.file.removeprefix("./"),
            "line": str(place.line),
            "col": str(place.column),
        }
        properties = start | properties
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    kind = "notice" if finding.waived else _COMMANDS[finding.level]
    return f"::{kind} {told}::{_data(_message(entry))}"


def _title(entry: Group) -> str:
    words = [proof.doubt(entry.first), "waived" if entry.first.waived else ""]
    aside = ", ".join(filter(None, words))
    return f"{entry.first.rule} ({aside})" if aside else entry.first.rule


def _message(entry: Group) -> str:
    finding = entry.first
    lines = [visible(finding.message) + (f" ({entry.others})" if entry.others else "")]
    if finding.witness is not None:
        lines += [f"witness: {visible(proof.caption(finding))}"]
        lines += [visible(line) for line in proof.value(finding)]
    if waiver := proof.waiver(finding):
        lines.append(f"waived {visible(waiver)}")
    if finding.fix:
        lines.append(f"way out: {visible(finding.fix)}")
    return "\n".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")
