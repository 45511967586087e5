"""A changelog as text, Markdown, JSON or a page; called by `treaty changelog`."""

import json
from collections.abc import Callable, Iterable, Mapping

from contracts.changelog import Change, Changelog, Kind
from contracts.render.escaping import visible
from contracts.render.grouping import BUMPS
from contracts.render.markdown import cell
from contracts.render.markup import Html, element, page, prose
from contracts.render.text import NARROWEST, wrap
from contracts.report import Certainty, Verdict

TITLES: Mapping[Kind, str] = {
    Kind.BREAKING: "Breaking",
    Kind.SUSPECTED: "Suspected: look at these",
    Kind.DEPRECATED: "Deprecated",
    Kind.ADDED: "Added",
    Kind.CHANGED: "Changed",
    Kind.REMOVED: "Removed",
}
_WHOLE = "The contract as a whole"


def text(log: Changelog, width: int) -> str:
    """Return lines of at most `width` columns."""
    width = max(width, NARROWEST)
    lines = [*wrap(heading(log), width, 2), *wrap(closing(log), width, 2)]
    for kind, changes in log.sections.items():
        lines += ["", TITLES[kind]]
        for operation, told in by_operation(changes).items():
            lines += wrap(f"  {operation or _WHOLE}", width, 4)
            lines += [part for each in told for part in wrap(f"    - {line(each)}", width, 6)]
    return "\n".join(lines) + "\n"


def markdown(log: Changelog, width: int) -> str:  # noqa: ARG001  # one signature for all forms
    """Return Markdown: a section for each kind, a list for each operation."""
    lines = [f"## {cell(heading(log))}", "", closing(log)]
    for kind, changes in log.sections.items():
        lines += ["", f"### {TITLES[kind]}"]
        for operation, told in by_operation(changes).items():
            lines += ["", f"**{cell(operation) or _WHOLE}**", ""]
            lines += [f"- {cell(line(each))}" for each in told]
    return "\n".join(lines) + "\n"


def data(log: Changelog, width: int) -> str:  # noqa: ARG001  # one signature for all forms
    """Return one JSON object."""
    return json.dumps(log.as_json(), indent=2, ensure_ascii=False) + "\n"


def html(log: Changelog, width: int) -> str:  # noqa: ARG001  # one signature for all forms
    """Return one self-contained page."""
    sections = [
        element("section", element("h2", TITLES[kind]), *_lists(changes))
        for kind, changes in log.sections.items()
    ]
    verdict = log.verdict.value if log.sections else "compatible"
    header = element(
        "header",
        element("h1", heading(log)),
        element("p", closing(log), class_="dim"),
        class_=f"verdict {verdict}",
    )
    return page(heading(log), header, *sections)


FORMS: Mapping[str, Callable[[Changelog, int], str]] = {
    "text": text,
    "markdown": markdown,
    "json": data,
    "html": html,
}


def heading(log: Changelog) -> str:
    """Return `Changes from 1.4.0 to 2.0.0`."""
    if not log.old_version and not log.new_version:
        return "Changes"
    return f"Changes from {log.old_version or '?'} to {log.new_version or '?'}"


def closing(log: Changelog) -> str:
    """Return the sentence that sums up."""
    if log.verdict is Verdict.UNDECIDED and not log.sections.get(Kind.BREAKING):
        return "Whether this breaks anybody is not decided."
    if not log.sections:
        return f"{BUMPS[log.required_bump].capitalize()}."
    count = sum(map(len, log.sections.values()))
    return f"{count} change{'' if count == 1 else 's'}; {BUMPS[log.required_bump]}."


def by_operation(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """Return the changes under the first operation that each concerns."""
    found: dict[str, list[Change]] = {}
    for change in changes:
        found.setdefault(change.operations[0], []).append(change)
    return found


def line(change: Change) -> str:
    """Return the sentence with what else it concerns."""
    more = f" {also(change)}." if len(change.operations) > 1 else ""
    return stated(change) + more


def stated(change: Change) -> str:
    """Return the sentence, and whether it is certain."""
    unsure = "Not decided: " if change.certainty is Certainty.UNDECIDED else ""
    return visible(unsure + change.sentence)


def also(change: Change) -> str:
    """Return `Also in 9 more operations`."""
    more = len(change.operations) - 1
    return f"Also in {more} more operation{'' if more == 1 else 's'}"


def _lists(changes: Iterable[Change]) -> list[Html]:
    made = []
    for operation, told in by_operation(changes).items():
        items = [element("li", prose(stated(each)), _also(each)) for each in told]
        made += [element("h3", operation or _WHOLE), element("ul", *items)]
    return made


def _also(change: Change) -> Html | None:
    names = [element("li", name or _WHOLE) for name in change.operations[1:]]
    if not names:
        return None
    return element("details", element("summary", also(change)), element("ul", *names))
