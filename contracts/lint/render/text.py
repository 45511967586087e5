"""Lint results for a terminal: a block per document, the outcome and the cheapest fixes last."""

import textwrap
from collections.abc import Iterator, Sequence

from contracts.lint.judgement import Judgement
from contracts.lint.report import LintFinding
from contracts.lint.rule import Severity
from contracts.render.escaping import visible
from contracts.render.text import NARROWEST

_SYMBOLS = {Severity.ERROR: "✗", Severity.WARN: "!", Severity.INFO: "·", Severity.HINT: "·"}
_COLOURS = {Severity.ERROR: "31", Severity.WARN: "33", Severity.INFO: "36", Severity.HINT: "2"}
_WORDS = {Severity.WARN: "warning"}
MAX_PLACES = 5  # of one rule; the rest is counted


def render(judged: Sequence[Judgement], colour: bool, width: int) -> str:
    """Return the results as lines of at most `width` columns; findings of a rule stand together."""
    width = max(width, NARROWEST)
    lines: list[str] = []
    for each in judged:
        lines += _document(each, colour, width)
    return "\n".join(lines) + "\n"


def _document(judged: Judgement, colour: bool, width: int) -> Iterator[str]:
    groups: dict[tuple[Severity, str], list[LintFinding]] = {}
    for finding in judged.new:
        groups.setdefault((finding.severity, finding.rule), []).append(finding)
    for (severity, rule), findings in sorted(groups.items(), key=lambda group: group[0]):
        word = _WORDS.get(severity, severity.word)
        count = f"  ({len(findings)} places)" if len(findings) > 1 else ""
        head = _wrap(f"{_SYMBOLS[severity]} {word}  {rule}{count}", width, 2)
        yield from _paint(head, _COLOURS[severity], colour)
        for finding in findings[:MAX_PLACES]:
            place = finding.place
            yield from _wrap(f"    {place.file}:{place.line}:{place.column}", width, 4)
            yield from _wrap(f"      {finding.message}", width, 6)
        if len(findings) > MAX_PLACES:
            yield f"    and {len(findings) - MAX_PLACES} more"
        if findings[0].fix:
            yield from _wrap(f"    way out: {findings[0].fix}", width, 4)
        yield ""
    yield from _end(judged, colour, width)


def _end(judged: Judgement, colour: bool, width: int) -> Iterator[str]:
    for part in judged.report.unsupported:
        yield from _paint(_wrap(f"? not supported: {part}", width, 2), "33", colour)
    for entry in judged.stale:
        yield from _wrap(f"~ stale in the baseline, remove it: {entry}", width, 2)
    symbol, code = ("✓", "32") if judged.passes else ("✗", "31")
    yield from _paint(_wrap(f"{symbol} {judged.source}: {judged.sentence}", width, 2), code, colour)
    if judged.standing.next is not None:
        yield from _wrap(f"  to {judged.standing.next.value}, cheapest first:", width, 2)
        for gap in judged.standing.cheapest:
            times = f" ({gap.findings})" if gap.findings else ""
            yield from _wrap(f"    {gap.rule}{times}: {gap.fix}", width, 6)


def _wrap(text: str, width: int, indent: int) -> list[str]:
    return textwrap.wrap(
        visible(text), width, subsequent_indent=" " * indent, break_on_hyphens=False
    )


def _paint(lines: list[str], code: str, colour: bool) -> list[str]:
    return [f"\x1b[{code}m{line}\x1b[0m" for line in lines] if colour else lines
