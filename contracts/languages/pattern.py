"""Turns the tree of a pattern into the language of all texts in which it is found.

Called by `question`. A text is written between START and END, so anchors are characters, and a
lookahead is an intersection with all that follows.
"""

from contracts.languages import sets
from contracts.languages.nodes import Term, Terms
from contracts.languages.syntax import NotRegularError, Tree, parse

_ASSERTIONS = frozenset({"start", "end", "ahead", "not-ahead"})
MAX_SIZE = 20_000


def language(terms: Terms, pattern: str) -> Term:
    """Return START, the texts that the pattern is found in, END. Raises `NotRegularError`."""
    tree = parse(pattern)
    _check(tree)
    return terms.cat(terms.anything, _then(terms, tree, terms.anything))


def texts(terms: Terms) -> Term:
    """Return START, any text, END."""
    inside = terms.loop(terms.chars(sets.ANY), 0, None)
    end = terms.chars(((sets.END, sets.END),))
    return terms.cat(terms.chars(((sets.START, sets.START),)), terms.cat(inside, end))


def _then(terms: Terms, tree: Tree, rest: Term) -> Term:
    """Return what the tree accepts, followed by `rest`."""
    if tree.kind == "choice":
        return terms.alt(*(_then(terms, part, rest) for part in tree.parts))
    if tree.kind == "sequence":
        for part in reversed(tree.parts):
            rest = _then(terms, part, rest)
        return rest
    if tree.kind == "ahead":
        return terms.both(_then(terms, tree.parts[0], terms.anything), rest)
    if tree.kind == "not-ahead":
        return terms.both(terms.negate(_then(terms, tree.parts[0], terms.anything)), rest)
    if tree.kind == "start":
        return terms.cat(terms.chars(((sets.START, sets.START),)), rest)
    if tree.kind == "end":
        return terms.both(terms.cat(terms.chars(((sets.END, sets.END),)), terms.anything), rest)
    if tree.kind == "repeat":
        inner = _then(terms, tree.parts[0], terms.empty)
        return terms.cat(terms.loop(inner, tree.low, tree.high), rest)
    return terms.cat(terms.chars(tree.chars), rest)


def _check(tree: Tree) -> None:
    """Refuse what this reading would get wrong: assertions that repeat or come after others."""
    todo = [(tree, False)]
    size = 0
    while todo:
        part, repeated = todo.pop()
        size += 1
        if size > MAX_SIZE:
            raise NotRegularError("a pattern is too large")
        if repeated and part.kind in _ASSERTIONS:
            raise NotRegularError("a pattern repeats an assertion")
        todo += [(child, repeated or part.kind == "repeat") for child in part.parts]
    if _most_starts(tree) > 1:
        raise NotRegularError("a pattern asserts the start twice")


def _most_starts(tree: Tree) -> int:
    """Return how many `^` may follow each other on one way through the pattern."""
    inner = [_most_starts(part) for part in tree.parts]
    if tree.kind == "start":
        return 1
    return max(inner, default=0) if tree.kind == "choice" else sum(inner)
