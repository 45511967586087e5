"""Lint results as one self-contained page: the outcome, the cheapest fixes, findings by rule."""

from collections.abc import Sequence

from contracts.lint.judgement import Judgement
from contracts.lint.report import LintFinding
from contracts.render.escaping import visible
from contracts.render.markup import Html, element, join, page, prose

MAX_PLACES = 50  # of one rule; the JSON form has all
_LEVELS = {"error": "error", "warn": "warning"}


def render(judged: Sequence[Judgement], colour: bool, width: int) -> str:  # noqa: ARG001  # one signature for all forms
    """Return the page; it fetches nothing and runs nothing."""
    title = "; ".join(visible(each.source) for each in judged)[:200] or "lint"
    return page(f"lint: {title}", *(_document(each) for each in judged))


def _document(judged: Judgement) -> Html:
    outcome = "compatible" if judged.passes else "breaking"
    header = element(
        "header",
        element("h1", visible(judged.source)),
        element("p", prose(visible(judged.sentence))),
        class_=f"verdict {outcome}",
    )
    by_rule: dict[str, list[LintFinding]] = {}
    for finding in sorted(judged.new, key=lambda finding: finding.severity):
        by_rule.setdefault(finding.rule, []).append(finding)
    return element(
        "section", header, _cheapest(judged), _unsupported(judged), *map(_rule, by_rule.values())
    )


def _cheapest(judged: Judgement) -> Html | None:
    level = judged.standing.next
    if level is None:
        return None
    gaps = [
        element("li", element("code", gap.rule), f" ({gap.findings}): ", prose(visible(gap.fix)))
        for gap in judged.standing.cheapest
    ]
    return join(element("h2", f"To {level.value}, cheapest first"), element("ul", *gaps))


def _unsupported(judged: Judgement) -> Html | None:
    told = [element("li", visible(str(entry))) for entry in judged.report.unsupported]
    told += [element("li", f"stale in the baseline: {visible(entry)}") for entry in judged.stale]
    return join(element("h2", "Not judged"), element("ul", *told)) if told else None


def _rule(findings: list[LintFinding]) -> Html:
    first, shown = findings[0], findings[:MAX_PLACES]
    level = _LEVELS.get(first.severity.word, "info")
    places = [
        element(
            "li",
            element("code", f"{visible(f.place.file)}:{f.place.line}:{f.place.column}"),
            " ",
            prose(visible(f.message)),
        )
        for f in shown
    ]
    rest = len(findings) - len(shown)
    return element(
        "article",
        element("h3", element("span", first.severity.word, class_=f"tag {level}"), first.rule),
        element("ul", *places),
        element("p", f"and {rest} more", class_="dim") if rest else None,
        class_=level,
    )
