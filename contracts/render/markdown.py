"""A report for a pull request: the verdict first, then a table per level."""

import json
import re

from contracts.document import Place
from contracts.render import proof
from contracts.render.escaping import visible
from contracts.render.grouping import WORDS, Group, group, verdict_line
from contracts.report import Finding, Level, Report, Verdict

_MARKS = {Verdict.COMPATIBLE: "✅", Verdict.BREAKING: "❌", Verdict.UNDECIDED: "❓"}
_TITLES = {Level.ERROR: "Breaking", Level.WARNING: "Look at these", Level.INFO: "Harmless"}
MAX_WITNESS = 300  # characters; a table cell is no place for more
MAX_ROWS = 100  # per level: code hosts cut comments off at 65,536 characters


def render(report: Report, colour: bool, width: int) -> str:  # noqa: ARG001  # one signature for all forms
    """Return the report as Markdown; notes are folded away."""
    versions = ""
    if report.old_version or report.new_version:
        versions = f" ({cell(report.old_version)} → {cell(report.new_version)})"
    lines = [f"### {_MARKS[report.verdict]} {verdict_line(report)}{versions}", ""]
    groups = group(report.findings)
    for level in Level:
        found = [entry for entry in groups if entry.first.level is level]
        if found:
            lines += _section(level, found)
    return "\n".join(lines).rstrip() + "\n"


def _section(level: Level, found: list[Group]) -> list[str]:
    size = sum(entry.size for entry in found)
    title = f"{_TITLES[level]}: {size} {WORDS[level]}{'' if size == 1 else 's'}"
    table = ["| rule | what | where |", "|---|---|---|"]
    table += [_row(entry) for entry in found[:MAX_ROWS]]
    if len(found) > MAX_ROWS:
        table.append(f"| … | and {len(found) - MAX_ROWS} more | |")
    if level is Level.INFO:
        return [f"<details><summary>{title}</summary>", "", *table, "", "</details>", ""]
    return [f"**{title}**", "", *table, ""]


def _row(entry: Group) -> str:
    finding = entry.first
    what = cell(finding.message) + (f" *({entry.others})*" if entry.others else "")
    if doubt := proof.doubt(finding):
        what = f"**{doubt}:** {what}"
    if finding.witness is not None:
        what += f"<br>*Witness:* {cell(proof.caption(finding))}: {_witness(finding)}"
    if finding.fix:
        what += f"<br>*Way out:* {cell(finding.fix)}"
    if finding.waived:
        what = f"~~{what}~~ (waived {cell(proof.waiver(finding))}".rstrip() + ")"
    where = "<br>".join(_place(place) for place in (finding.old, finding.new) if place)
    return f"| `{finding.rule}` | {what} | {where} |"


def _witness(finding: Finding) -> str:
    text = json.dumps((finding.witness or {}).get("value"), ensure_ascii=False)
    cut = text if len(text) <= MAX_WITNESS else text[:MAX_WITNESS] + "…"
    shown = visible(cut).replace("|", "\\|")
    # A fence longer than any run of backticks inside keeps the value as it is (CommonMark 6.1).
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    pad = " " if len(fence) > 1 else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _place(place: Place) -> str:
    return f"`{_code(place.file)}:{place.line}:{place.column}`"


def cell(text: str) -> str:
    """Return text that cannot leave its table cell or start markup of its own."""
    safe = visible(text).replace("\\", "\\\\").replace("|", "\\|")
    return safe.replace("<", "&lt;").replace("@", "&#64;").replace("](", "]&#40;")


def _code(text: str) -> str:
    return visible(text).replace("`", "'").replace("|", "\\|")
