"""Compares two shapes by the rules of one profile: remembered, recursion-safe, within a budget.

A pair that is met again inside itself, or too deep for the stack, counts as compatible and is judged
by itself later; when that turns out wrong, the walk starts over knowing so, until nothing contradicts
(the greatest fixpoint). Called by `run`.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from contracts.compat.profiles import values
from contracts.compat.profiles.difference import UNDECIDED, Difference
from contracts.compat.profiles.shape import Kind, Shape
from contracts.sameness import Sameness

MAX_DEPTH = 40  # a level of choices costs thirteen frames of Python's thousand; callers need some
MAX_DIFFERENCES = 300  # kept of one pair; a report stays readable

_CLOCK = 64  # places between two looks at the clock

Found = tuple[Difference, ...]
Rules = Callable[["Walk", Shape, Shape], Iterator[Difference]]


class TooHardError(Exception):
    """The budget is used up; what was not looked at is undecided."""


class Walk:
    """Answers one question: whether everything that `old` accepts can be read by `new`."""

    def __init__(
        self,
        rules: Rules,
        compatible: frozenset[str],
        same: Sameness | None,
        budget: int,
        seconds: float = 20.0,
    ) -> None:
        self._rules = rules
        self._compatible = compatible
        self._same = same
        self._left = budget
        self._until = time.monotonic() + seconds
        self.nodes = 0
        self._known: dict[tuple[str, str], Found] = {}
        self._active: set[tuple[str, str]] = set()
        self._assumed: set[tuple[str, str]] = set()
        self._equal: dict[tuple[str, str], bool] = {}
        self._texts: dict[str, str] = {}
        self._later: list[tuple[Shape, Shape]] = []
        self._refuted: dict[tuple[str, str], Found] = {}

    def judge(self, old: Shape, new: Shape) -> Found:
        """Return all differences. Raises `TooHardError`."""
        while True:
            self._known.clear()
            self._assumed.clear()
            found = self.compare(old, new)
            while self._later:
                self.compare(*self._later.pop())
            wrong = {
                pair: self._known[pair]
                for pair in self._assumed - self._refuted.keys()
                if not self.fine(self._known[pair])
            }
            if not wrong:
                return found
            self._refuted.update(wrong)

    def compare(self, old: Shape, new: Shape) -> Found:
        """Return the differences of one pair. Raises `TooHardError`."""
        pair = (old.key, new.key)
        if pair in self._known:
            return self._known[pair]
        deep = len(self._active) >= MAX_DEPTH
        if deep or pair in self._active:
            if pair in self._refuted:
                return self._refuted[pair][:1]
            self._assumed.add(pair)
            if deep and pair not in self._active:
                self._later.append((old, new))
            return ()
        self.spend()
        self._active.add(pair)
        try:
            found = () if self._alike(old, new) else _keep(self._look(old, new), self._compatible)
        finally:
            self._active.discard(pair)
        self._known[pair] = found
        return found

    def fine(self, found: Iterable[Difference]) -> bool:
        """Whether the registry would call these differences compatible."""
        return all(difference.name in self._compatible for difference in found)

    def reads(self, old: Shape, new: Shape) -> bool:
        """Whether `new` reads all that `old` accepts. Raises `TooHardError`."""
        return self.fine(self.compare(old, new))

    def text(self, shape: Shape) -> str:
        """Return the canonical text of what a shape was read from."""
        if shape.key not in self._texts:
            self._texts[shape.key] = values.text(shape.value)
        return self._texts[shape.key]

    def spend(self) -> None:
        """Count one place looked at. Raises `TooHardError` when the budget is used up."""
        self.nodes += 1
        late = self.nodes % _CLOCK == 0 and time.monotonic() > self._until
        if late or self.nodes > self._left:
            raise TooHardError

    def _look(self, old: Shape, new: Shape) -> Iterator[Difference]:
        if Kind.UNREADABLE in (old.kind, new.kind):
            if new.kind is not Kind.EMPTY and not _same_text(old, new):
                yield old.to(new, UNDECIDED)
            return
        yield from self._rules(self, old, new)

    def _alike(self, old: Shape, new: Shape) -> bool:
        if self._same is None or not (old.whole and new.whole):
            return False
        pair = (old.key, new.key)
        if pair not in self._equal:
            self._equal[pair] = self._same.same_value(old.value, new.value)
        return self._equal[pair]


def _same_text(old: Shape, new: Shape) -> bool:
    try:
        return old.value == new.value
    except RecursionError:
        return False


def _keep(found: Iterable[Difference], compatible: frozenset[str]) -> Found:
    """Return each difference once; of very many, the incompatible ones first."""
    unique = dict.fromkeys(islice(found, 100 * MAX_DIFFERENCES))
    if len(unique) <= MAX_DIFFERENCES:
        return tuple(unique)
    return tuple(sorted(unique, key=lambda d: d.name in compatible))[:MAX_DIFFERENCES]
