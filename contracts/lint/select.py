"""Which values each `given` selects: the automaton where it can, a library where it cannot."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from contracts.lint.function import UnsupportedError
from contracts.lint.match import Match, Matcher
from contracts.lint.path import fallback, syntax
from contracts.lint.path.syntax import Expression
from contracts.lint.tree import Tree


@dataclass(frozen=True, slots=True)
class Selection:
    """The matches of each path, and why the others could not be run."""

    matches: Mapping[str, list[Match]]
    unsupported: Mapping[str, str]


def select(tree: Tree, paths: Iterable[str]) -> Selection:
    """Return what each path selects."""
    parsed: list[Expression] = []
    matches: dict[str, list[Match]] = {}
    unsupported: dict[str, str] = {}
    texts: list[str] = []
    for text in sorted(paths):
        try:
            parsed.append(syntax.parse(text))
            texts.append(text)
        except UnsupportedError as error:
            try:
                matches[text] = fallback.matches(tree, text)
            except UnsupportedError:
                unsupported[text] = str(error)
    matches.update(zip(texts, Matcher(parsed).run(tree), strict=True))
    return Selection(matches, unsupported)
