"""Lint results for a pull request: the outcome, a table of new findings, the cheapest fixes."""

from collections.abc import Iterator, Sequence

from contracts.lint.judgement import Judgement
from contracts.lint.report import LintFinding
from contracts.render.escaping import visible
from contracts.render.markdown import MAX_ROWS


def render(judged: Sequence[Judgement], colour: bool, width: int) -> str:  # noqa: ARG001  # one signature for all forms
    """Return the results as Markdown."""
    return "\n".join(line for each in judged for line in _document(each)).rstrip() + "\n"


def _document(judged: Judgement) -> Iterator[str]:
    mark = "✅" if judged.passes else "❌"
    yield f"### {mark} `{_code(judged.source)}`: {judged.sentence}"
    yield ""
    new = sorted(judged.new, key=lambda finding: finding.severity)
    if new:
        yield "| severity | rule | what | where |"
        yield "|---|---|---|---|"
        yield from (_row(finding) for finding in new[:MAX_ROWS])
        if len(new) > MAX_ROWS:
            yield f"| … | | and {len(new) - MAX_ROWS} more | |"
        yield ""
    for entry in judged.report.unsupported:
        yield f"- ❓ not supported: {_cell(str(entry))}"
    for stale in judged.stale:
        yield f"- stale in the baseline: {_cell(stale)}"
    if judged.standing.next is not None:
        yield f"- to **{judged.standing.next.value}**, cheapest first:"
        for gap in judged.standing.cheapest:
            yield f"  - `{_code(gap.rule)}` ({gap.findings}): {_cell(gap.fix)}"
    yield ""


def _row(finding: LintFinding) -> str:
    place = finding.place
    where = f"`{_code(place.file)}:{place.line}:{place.column}`"
    return f"| {finding.severity.word} | `{_code(finding.rule)}` | {_cell(finding.message)} | {where} |"


def _cell(text: str) -> str:
    """Return text that cannot leave its table cell or start markup of its own."""
    safe = visible(text).replace("\\", "\\\\").replace("|", "\\|")
    return safe.replace("<", "&lt;").replace("@", "&#64;")


def _code(text: str) -> str:
    return visible(text).replace("`", "'").replace("|", "\\|")
