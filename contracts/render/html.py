"""A report as one self-contained page: the verdict first, then findings by operation."""

from collections.abc import Iterable

from contracts.compat import rulebook
from contracts.document import Place
from contracts.render import proof
from contracts.render.escaping import visible
from contracts.render.grouping import BUMPS, WORDS, Group, counted, group
from contracts.render.markup import Html, element, join, page, prose
from contracts.report import Finding, Level, Report

MAX_GROUPS = 2_000  # a page beyond that is no page to read; the JSON form has all
_WHOLE = "The contract as a whole"


def render(report: Report, colour: bool, width: int) -> str:  # noqa: ARG001  # one signature for all forms
    """Return the page; it fetches nothing and runs nothing."""
    groups = group(report.findings)
    shown = groups[:MAX_GROUPS]
    sections = [_section(name, found) for name, found in _by_operation(shown).items()]
    if len(groups) > len(shown):
        rest = f"{len(groups) - len(shown)} more places are not shown; the JSON form has all."
        sections.append(element("p", rest, class_="dim"))
    if not groups:
        sections.append(element("p", "No differences that matter."))
    title = f"{report.verdict.value}: {_versions(report) or 'contract check'}"
    footer = element("p", f"Report form {report.as_json()['schema_version']} of Treaty.")
    return page(title, _summary(report), *sections, element("footer", footer, class_="dim"))


def _summary(report: Report) -> Html:
    told = [counted(report.count(level), word) for level, word in WORDS.items()]
    told.append(f"{sum(finding.waived for finding in report.findings)} waived")
    told.append(f"{sum(f.witness is not None for f in report.findings)} with a witness")
    split = (text.partition(" ") for text in told)
    counts = [element("li", element("b", number), f" {word}") for number, _, word in split]
    return element(
        "header",
        element("h1", report.verdict.value.capitalize()),
        element("p", _versions(report)) if _versions(report) else None,
        element("p", f"{BUMPS[report.required_bump].capitalize()}.", class_="dim"),
        element("ul", *counts, class_="numbers"),
        class_=f"verdict {report.verdict.value}",
    )


def _versions(report: Report) -> str:
    if not report.old_version and not report.new_version:
        return ""
    return f"{report.old_version or '?'} → {report.new_version or '?'}"


def _by_operation(groups: Iterable[Group]) -> dict[str, list[Group]]:
    """Return the groups under their first operation; what concerns all comes first."""
    found: dict[str, list[Group]] = {}
    for entry in groups:
        found.setdefault(entry.first.operation, []).append(entry)
    whole = {"": found.pop("")} if "" in found else {}
    return whole | found


def _section(operation: str, groups: list[Group]) -> Html:
    return element("section", element("h2", operation or _WHOLE), *map(_article, groups))


def _article(entry: Group) -> Html:
    finding = entry.first
    level = "info" if finding.waived else finding.level.value
    waived = " waived" if finding.waived else ""
    return element(
        "article",
        element("p", *_tags(finding), element("code", finding.rule)),
        element("p", prose(finding.message)),
        _others(entry),
        _facts(finding),
        _witness(finding),
        class_=f"{level}{waived}",
        id_=finding.fingerprint,
    )


def _tags(finding: Finding) -> list[Html]:
    tags = [element("span", WORDS[finding.level], class_=f"tag {finding.level.value}")]
    if doubt := proof.doubt(finding):
        tags.append(element("span", doubt, class_="tag warning"))
    if finding.waived:
        tags.append(element("span", "waived", class_="tag info"))
    return tags


def _others(entry: Group) -> Html | None:
    if not entry.others:
        return None
    names = [element("li", name or _WHOLE) for name in entry.named[1:]]
    return element("details", element("summary", entry.others), element("ul", *names))


def _facts(finding: Finding) -> Html | None:
    why = rulebook.entry(finding.rule).why if finding.level is not Level.INFO else ""
    facts = (
        ("old", _place(finding.old)),
        ("new", _place(finding.new)),
        ("why", why),
        ("way out", finding.fix),
        ("waived", proof.waiver(finding)),
    )
    told = [join(element("dt", name), element("dd", text)) for name, text in facts if text]
    return element("dl", *told) if told else None


def _place(place: Place | None) -> Html | None:
    if place is None:
        return None
    line = element("code", f"{place.file}:{place.line}:{place.column}")
    return join(line, " ", element("code", place.pointer or "/", class_="dim"))


def _witness(finding: Finding) -> Html | None:
    if finding.witness is None:
        return None
    lines = Html("\n").join(element("span", visible(line)) for line in proof.value(finding))
    return join(
        element("p", f"Witness: {proof.caption(finding)}", class_="dim"),
        element("pre", element("code", Html(lines))),
    )
