"""Sees cheaply that one language lies within another, so that a search need not count it out.

Called by `question`. A yes is right; a no means only that the two are not written alike enough.
"""

from contracts.languages import sets
from contracts.languages.nodes import Term

MAX_STEPS = 50_000
MAX_DEPTH = 40


class Order:
    """Remembers its answers. One order serves one question."""

    def __init__(self, empty: Term) -> None:
        self._empty = empty
        self._known: dict[tuple[int, int], bool] = {}
        self._left = MAX_STEPS

    def within(self, small: Term, big: Term, depth: int = 0) -> bool:
        """Whether every text of `small` is surely one of `big`."""
        if small is big or _everything(big):
            return True
        key = (small.number, big.number)
        if key not in self._known:
            if depth > MAX_DEPTH or self._left <= 0:
                return False  # not remembered: another way may come here less deep
            self._left -= 1
            self._known[key] = False  # what is asked again on the way to its own answer
            self._known[key] = self._within(small, big, depth + 1)
        return self._known[key]

    def _within(self, small: Term, big: Term, depth: int) -> bool:
        if small.kind == "chars" and not small.chars:
            return True
        if small.kind == "empty":
            return big.nullable
        if small.kind == "alt":
            return all(self.within(part, big, depth) for part in small.parts)
        if big.kind == "and":
            return all(self.within(small, part, depth) for part in big.parts)
        if small.kind == big.kind == "not":
            return self.within(big.parts[0], small.parts[0], depth)
        if big.kind == "alt" and any(self.within(small, part, depth) for part in big.parts):
            return True
        if small.kind == "and":
            return any(self.within(part, big, depth) for part in small.parts)
        return self._side_by_side(small, big, depth)

    def _side_by_side(self, small: Term, big: Term, depth: int) -> bool:
        """Compare two sequences piece by piece; a piece of `big` may cover many of `small`."""
        while small.kind != "empty" and big.kind != "empty" and self._left > 0:
            self._left -= 1
            head, tail = self._split(small)
            cover, rest = self._split(big)
            if cover.nullable and rest is not big and self.within(small, rest, depth):
                return True
            if not self._covers(head, cover, depth):
                return False
            if (cover.low, cover.high) == (0, None) and cover.kind == "loop":
                small = tail  # what may be left out was tried above
            else:
                small, big = tail, rest
        return small.kind == "empty" and big.nullable

    def _covers(self, small: Term, big: Term, depth: int) -> bool:
        low, high = _bounds(small)
        least, most = _bounds(big)
        if least > low or (most is not None and (high is None or high > most)):
            return False
        one, other = _base(small), _base(big)
        if one.kind == other.kind == "chars":
            return sets.common(one.chars, other.chars) == one.chars
        return self.within(one, other, depth)

    def _split(self, term: Term) -> tuple[Term, Term]:
        return (term.parts[0], term.parts[1]) if term.kind == "cat" else (term, self._empty)


def _everything(term: Term) -> bool:
    return (
        term.kind == "loop"
        and (term.low, term.high) == (0, None)
        and term.parts[0].chars == sets.ANY
    )


def _base(term: Term) -> Term:
    return term.parts[0] if term.kind == "loop" else term


def _bounds(term: Term) -> tuple[int, int | None]:
    return (term.low, term.high) if term.kind == "loop" else (1, 1)
