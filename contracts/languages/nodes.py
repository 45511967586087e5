"""Regular languages as terms, with Brzozowski derivatives.

Terms are built by the functions below only, which keep equal languages equal as far as that is
cheap, so that a search meets few different ones. J. Brzozowski, Derivatives of Regular Expressions,
JACM 11 (1964); the constructors follow Owens, Reppy and Turon (JFP 19, 2009).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import TypeAlias

from contracts.languages import sets
from contracts.languages.sets import Set

MAX_CLASSES = 400


class SpentError(Exception):
    """The question takes more steps than it may."""


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A language. Each is made once, so two terms are equal when they are the same object."""

    kind: str  # empty | chars | cat | alt | and | not | loop | again
    parts: tuple[Term, ...] = ()
    chars: Set = ()
    low: int = 0
    high: int | None = None
    nullable: bool = False
    again: bool = False  # holds a term that is defined by itself
    number: int = 0  # in order of making: an order that does not depend on hashes


Key: TypeAlias = tuple[object, ...]
Division: TypeAlias = tuple[Set, ...]  # disjoint sets that hold all characters


class Terms:
    """Makes terms, each only once, within a number of steps. One maker serves one question."""

    def __init__(self, steps: int) -> None:
        self._left = steps
        self._known: dict[Key, Term] = {}
        self._derived: dict[tuple[int, int], Term] = {}
        self._split: dict[int, Division] = {}
        self._divisions: dict[Division, Division] = {}
        self._crossed: dict[tuple[int, ...], Division] = {}
        self._meaning: dict[int, Term] = {}
        self.none = self._make("chars")
        self.empty = self._make("empty", nullable=True)
        self.anything = self.loop(self.chars(sets.ANY), 0, None)

    def spend(self, steps: int) -> None:
        """Count work. Raises `SpentError` when there was too much of it."""
        self._left -= steps
        if self._left < 0:
            raise SpentError

    def _make(
        self,
        kind: str,
        parts: tuple[Term, ...] = (),
        *,
        chars: Set = (),
        low: int = 0,
        high: int | None = None,
        nullable: bool = False,
    ) -> Term:
        self.spend(1 + len(parts))
        key = (kind, tuple(part.number for part in parts), chars, low, high)
        found = self._known.get(key)
        if found is None:
            again = kind == "again" or any(part.again for part in parts)
            found = Term(kind, parts, chars, low, high, nullable, again, len(self._known))
            self._known[key] = found
        return found

    def chars(self, chars: Set) -> Term:
        """One character of a set."""
        return self._make("chars", chars=chars) if chars else self.none

    def cat(self, first: Term, then: Term) -> Term:
        """One language after the other, written to the right, so that equal ones look equal."""
        spine = list(_spine(first))
        for part in reversed(spine):
            then = self._pair(part, then)
        return then

    def _pair(self, first: Term, then: Term) -> Term:
        if first is self.none or then is self.none:
            return self.none
        if first is self.empty or (first.nullable and then is self.anything):
            return then
        if then is self.empty:
            return first
        head, tail = then.parts if then.kind == "cat" else (then, self.empty)
        if _base(first) is _base(head):  # `aa*` is `a+`
            low, high = _bounds(first)
            more, most = _bounds(head)
            longest = None if high is None or most is None else high + most
            joined = self.loop(_base(first), low + more, longest)
            return joined if tail is self.empty else self._pair(joined, tail)
        return self._make("cat", (first, then), nullable=first.nullable and then.nullable)

    def alt(self, *parts: Term) -> Term:
        """What is in any part."""
        kept = self._flat("alt", parts)
        kept.pop(self.none.number, None)
        if len(kept) > 1:
            kept = self._joined(kept)
        if self.anything.number in kept:
            return self.anything
        kept = {n: part for n, part in kept.items() if not _refines(part, kept)}
        if len(kept) <= 1:
            return next(iter(kept.values()), self.none)
        if any(part.kind == "not" and part.parts[0].number in kept for part in kept.values()):
            return self.anything
        ordered = tuple(kept[number] for number in sorted(kept))
        return self._make("alt", ordered, nullable=any(part.nullable for part in ordered))

    def _joined(self, kept: dict[int, Term]) -> dict[int, Term]:
        """Join single characters to one set, and `a{1,2}b` with `a{3,4}b` to `a{1,4}b`."""
        alike: dict[tuple[int, int], list[Term]] = {}
        single = [part for part in kept.values() if part.kind == "chars"]
        rest = [part for part in kept.values() if part.kind != "chars"]
        if single:
            rest.append(self.chars(sets.union(*(part.chars for part in single))))
        for part in rest:
            head, tail = part.parts if part.kind == "cat" else (part, self.empty)
            alike.setdefault((_base(head).number, tail.number), []).append(part)
        found = (part for group in alike.values() for part in self._spans(group))
        return {part.number: part for part in found}

    def _spans(self, group: list[Term]) -> list[Term]:
        if len(group) == 1:
            return group
        head, tail = group[0].parts if group[0].kind == "cat" else (group[0], self.empty)
        heads = [part.parts[0] if part.kind == "cat" else part for part in group]
        spans = _spans(_bounds(one) for one in heads)
        return [self.cat(self.loop(_base(head), low, high), tail) for low, high in spans]

    def both(self, *parts: Term) -> Term:
        """What is in all parts."""
        kept = self._flat("and", parts)
        if self.none.number in kept:
            return self.none
        kept.pop(self.anything.number, None)
        if self.empty.number in kept:
            return self.empty if all(part.nullable for part in kept.values()) else self.none
        kept = {n: part for n, part in kept.items() if not _includes(part, kept)}
        single = [part for part in kept.values() if part.kind == "chars"]
        if len(single) > 1:
            joined = self.chars(reduce(sets.common, (part.chars for part in single)))
            rest = (part for part in kept.values() if part.kind != "chars")
            return self.both(joined, *rest)
        if len(kept) <= 1:
            return next(iter(kept.values()), self.anything)
        if any(part.kind == "not" and part.parts[0].number in kept for part in kept.values()):
            return self.none
        for number, part in kept.items():
            if part.kind == "alt" and part.again:  # else derivatives would grow without end
                others = [other for n, other in kept.items() if n != number]
                return self.alt(*(self.both(option, *others) for option in part.parts))
        ordered = tuple(kept[number] for number in sorted(kept))
        return self._make("and", ordered, nullable=all(part.nullable for part in ordered))

    def _flat(self, kind: str, parts: tuple[Term, ...]) -> dict[int, Term]:
        flat: dict[int, Term] = {}
        for part in parts:
            for inner in part.parts if part.kind == kind else (part,):
                flat[inner.number] = inner
        self.spend(len(flat))
        return flat

    def negate(self, part: Term) -> Term:
        """What is not in the part."""
        if part.kind == "not":
            return part.parts[0]
        if part is self.anything:
            return self.none
        if part is self.none:
            return self.anything
        return self._make("not", (part,), nullable=not part.nullable)

    def loop(self, part: Term, low: int, high: int | None) -> Term:
        """The part repeated, at least `low` and at most `high` times."""
        if high == 0 or part is self.empty:
            return self.empty
        if part is self.none:
            return self.empty if low == 0 else self.none
        if part.nullable:
            low = 0
        if (low, high) == (1, 1):
            return part
        if part.kind == "loop" and _gapless(part, low, high):
            most = None if part.high is None or high is None else part.high * high
            return self.loop(part.parts[0], part.low * low, most)
        return self._make("loop", (part,), low=low, high=high, nullable=low == 0)

    def promise(self, *, nullable: bool) -> Term:
        """Return a term that is defined later, by itself."""
        return self._make("again", low=len(self._known), nullable=nullable)

    def define(self, promised: Term, meaning: Term) -> None:
        """Say what a promised term means: every way to itself has to take a character first."""
        self._meaning[promised.number] = meaning

    def derive(self, term: Term, point: int) -> Term:
        """Return what may follow a character in the language."""
        key = (term.number, point)
        found = self._derived.get(key)
        if found is None:
            self.spend(1)
            found = self._derived[key] = self._derive(term, point)
        return found

    def _derive(self, term: Term, point: int) -> Term:
        if term.kind == "chars":
            return self.empty if sets.has(term.chars, point) else self.none
        if term.kind == "cat":
            return self._derive_spine(term, point)
        if term.kind == "alt":
            return self.alt(*(self.derive(part, point) for part in term.parts))
        if term.kind == "and":
            return self.both(*(self.derive(part, point) for part in term.parts))
        if term.kind == "not":
            return self.negate(self.derive(term.parts[0], point))
        if term.kind == "again":
            return self.derive(self._meaning[term.number], point)
        if term.kind == "loop":
            high = None if term.high is None else term.high - 1
            again = self.loop(term.parts[0], max(term.low - 1, 0), high)
            return self.cat(self.derive(term.parts[0], point), again)
        return self.none

    def _derive_spine(self, term: Term, point: int) -> Term:
        """Derive each part that comes first when those before it are left out; no recursion."""
        found = []
        while term.kind == "cat":
            first, then = term.parts
            found.append(self.cat(self.derive(first, point), then))
            if not first.nullable:
                return self.alt(*found)
            term = then
        return self.alt(*found, self.derive(term, point))

    def classes(self, term: Term) -> Division:
        """Return disjoint sets; all characters of one set have the same derivative."""
        found = self._split.get(term.number)
        if found is None:
            found = self._split[term.number] = self.cross(self._inner_classes(term))
        return found

    def _inner_classes(self, term: Term) -> Iterator[Division]:
        while term.kind == "cat":
            yield self.classes(term.parts[0])
            if not term.parts[0].nullable:
                return
            term = term.parts[1]
        if term.kind == "chars":
            halves = tuple(s for s in (term.chars, sets.complement(term.chars)) if s)
            yield self._divisions.setdefault(halves, halves)
        elif term.kind == "again":
            yield self.classes(self._meaning[term.number])
        else:
            yield from map(self.classes, term.parts)

    def cross(self, divisions: Iterable[Division]) -> Division:
        """Return the coarsest division of all characters that is finer than each."""
        unlike = {id(division): division for division in divisions}  # each is kept, so has its id
        if len(unlike) == 1:
            return next(iter(unlike.values()))
        found = self._crossed.get(tuple(unlike))
        if found is None:
            found = self._cross(unlike.values())
            self._crossed[tuple(unlike)] = found
        return found

    def _cross(self, divisions: Iterable[Division]) -> Division:
        found: Division = (sets.ANY,)
        for division in divisions:
            self.spend(sum(map(len, found)) + sum(map(len, division)))
            crossed = (sets.common(left, right) for left in found for right in division)
            found = tuple(chars for chars in crossed if chars)
            if len(found) > MAX_CLASSES:
                raise SpentError
        return self._divisions.setdefault(found, found)


def _spine(term: Term) -> Iterator[Term]:
    while term.kind == "cat":
        yield term.parts[0]
        term = term.parts[1]
    yield term


def _base(term: Term) -> Term:
    return term.parts[0] if term.kind == "loop" else term


def _bounds(term: Term) -> tuple[int, int | None]:
    return (term.low, term.high) if term.kind == "loop" else (1, 1)


def _gapless(part: Term, low: int, high: int | None) -> bool:
    """Whether a loop of a loop takes every number of rounds between its least and its most."""
    if low == high == 0 or part.high is None:
        return part.low <= 1 or low > 0
    least = max(low, 1)
    reached = least == high or part.high * least >= part.low * (least + 1) - 1
    return reached and (low > 0 or part.low <= 1)


def _spans(bounds: Iterable[tuple[int, int | None]]) -> list[tuple[int, int | None]]:
    """Join the spans that overlap or touch."""
    joined: list[tuple[int, int | None]] = []
    for low, high in sorted(bounds, key=lambda span: span[0]):
        if joined:
            first, last = joined[-1]
            if last is None or low <= last + 1:
                joined[-1] = (first, None if last is None or high is None else max(last, high))
                continue
        joined.append((low, high))
    return joined


def _refines(part: Term, kept: dict[int, Term]) -> bool:
    """Whether an intersection has a part that stands beside it in a union."""
    return part.kind == "and" and any(inner.number in kept for inner in part.parts)


def _includes(part: Term, kept: dict[int, Term]) -> bool:
    """Whether a union has a part that stands beside it in an intersection."""
    return part.kind == "alt" and any(inner.number in kept for inner in part.parts)
