"""A report for a terminal: symbols and words, colour on request, a verdict line at the end."""

import textwrap

from contracts.document import Place
from contracts.render import proof
from contracts.render.escaping import visible
from contracts.render.grouping import WORDS, Group, group, verdict_line
from contracts.report import Level, Report, Verdict

_SYMBOLS = {Level.ERROR: "✗", Level.WARNING: "!", Level.INFO: "·"}
_COLOURS = {Level.ERROR: "31", Level.WARNING: "33", Level.INFO: "36"}
_VERDICTS = {
    Verdict.COMPATIBLE: ("✓", "32"),
    Verdict.BREAKING: ("✗", "31"),
    Verdict.UNDECIDED: ("?", "33"),
}
_DEEP = " " * 8
NARROWEST = 20  # below this, words would have to break at every letter


def render(report: Report, colour: bool, width: int) -> str:
    """Return the report as lines of at most `width` columns."""
    width = max(width, NARROWEST)
    lines: list[str] = []
    for entry in group(report.findings):
        lines += _entry(entry, colour, width)
        lines.append("")
    symbol, code = _VERDICTS[report.verdict]
    lines += _paint(wrap(f"{symbol} {verdict_line(report)}", width, 2), code, colour)
    return "\n".join(lines) + "\n"


def _entry(entry: Group, colour: bool, width: int) -> list[str]:
    finding = entry.first
    word = "waived" if finding.waived else WORDS[finding.level]
    head = f"{'~' if finding.waived else _SYMBOLS[finding.level]} {word}  {finding.rule}"
    if doubt := proof.doubt(finding):
        head += f" ({doubt})"
    lines = _paint(wrap(head, width, 2), _COLOURS[finding.level], colour)
    lines += _indented(finding.message + (f" ({entry.others})" if entry.others else ""), width)
    for side, place in (("old", finding.old), ("new", finding.new)):
        lines += _place(side, place, width)
    if finding.witness is not None:
        lines += _indented(f"witness: {proof.caption(finding)}", width)
        lines += [part for line in proof.value(finding) for part in cut(line, width)]
    if waiver := proof.waiver(finding):
        lines += _indented(f"waived {waiver}", width)
    if finding.fix:
        lines += _indented(f"way out: {finding.fix}", width)
    return lines


def cut(line: str, width: int) -> list[str]:
    """Return a line of a value in indented pieces that fit; no letter of it is lost, unlike in wrapping."""
    room = width - len(_DEEP)
    shown = visible(line)
    return [_DEEP + shown[at : at + room] for at in range(0, len(shown), room)]


def _place(side: str, place: Place | None, width: int) -> list[str]:
    if place is None:
        return []
    where = f"{side} {place.file}:{place.line}:{place.column}"
    if len(where) + len(place.pointer) + 5 <= width:
        return _indented(f"{where}  {place.pointer or '/'}", width)
    return [*_indented(where, width), *cut(place.pointer, width)]


def _indented(text: str, width: int) -> list[str]:
    return wrap("    " + text, width, 4)


def wrap(text: str, width: int, indent: int) -> list[str]:
    """Return the text, made visible, in lines; those after the first are indented."""
    return textwrap.wrap(
        visible(text),
        width,
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
    )


def _paint(lines: list[str], code: str, colour: bool) -> list[str]:
    return [f"\x1b[{code}m{line}\x1b[0m" for line in lines] if colour else lines
