"""Regular languages as terms, with Brzozowski derivatives.

Terms are built by the functions below only, which keep equal languages equal as far as that is
cheap, so that a search meets few different ones. J. Brzozowski, Derivatives of Regular Expressions,
JACM 11 (1964); the constructors follow Owens, Reppy and Turon (JFP 19, 2009).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from contracts.languages import sets
from contracts.languages.sets import Set


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A language. Two terms are equal when they are built alike; the hash is made once."""

    kind: str  # empty | chars | cat | alt | and | not | loop
    parts: tuple[Term, ...] = ()
    chars: Set = ()
    low: int = 0
    high: int | None = None
    nullable: bool = False
    number: int = field(default=0)  # in order of making: an order that does not depend on hashes


Key: TypeAlias = tuple[object, ...]


class Terms:
    """Makes terms, each only once. One maker serves one question."""

    def __init__(self) -> None:
        self._known: dict[Key, Term] = {}
        self._derived: dict[tuple[int, int], Term] = {}
        self._split: dict[int, tuple[Set, ...]] = {}
        self.none = self._make("chars")
        self.empty = self._make("empty", nullable=True)
        self.anything = self.loop(self.chars(sets.EVERYTHING), 0, None)

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
        key = (kind, tuple(part.number for part in parts), chars, low, high)
        found = self._known.get(key)
        if found is None:
            found = Term(kind, parts, chars, low, high, nullable, len(self._known))
            self._known[key] = found
        return found

    @property
    def made(self) -> int:
        """How many terms there are; the measure of work."""
        return len(self._known)

    def chars(self, chars: Set) -> Term:
        """One character of a set."""
        return self._make("chars", chars=chars) if chars else self.none

    def cat(self, first: Term, then: Term) -> Term:
        """One language after the other."""
        if first is self.none or then is self.none:
            return self.none
        if first is self.empty:
            return then
        if then is self.empty:
            return first
        if first.kind == "cat":  # to the right, so that equal ones look equal
            return self.cat(first.parts[0], self.cat(first.parts[1], then))
        nullable = first.nullable and then.nullable
        return self._make("cat", (first, then), nullable=nullable)

    def alt(self, *parts: Term) -> Term:
        """What is in any part."""
        kept = self._flat("alt", parts)
        if self.anything in kept.values():
            return self.anything
        kept.pop(self.none.number, None)
        chars = [part for part in kept.values() if part.kind == "chars"]
        if len(chars) > 1:
            joined = self.chars(sets.union(*(part.chars for part in chars)))
            kept = {n: part for n, part in kept.items() if part.kind != "chars"}
            kept[joined.number] = joined
        if len(kept) <= 1:
            return next(iter(kept.values()), self.none)
        ordered = tuple(kept[number] for number in sorted(kept))
        return self._make("alt", ordered, nullable=any(part.nullable for part in ordered))

    def both(self, *parts: Term) -> Term:
        """What is in all parts."""
        kept = self._flat("and", parts)
        if self.none in kept.values():
            return self.none
        kept.pop(self.anything.number, None)
        if len(kept) <= 1:
            return next(iter(kept.values()), self.anything)
        if any(part.kind == "not" and part.parts[0].number in kept for part in kept.values()):
            return self.none
        ordered = tuple(kept[number] for number in sorted(kept))
        return self._make("and", ordered, nullable=all(part.nullable for part in ordered))

    def _flat(self, kind: str, parts: tuple[Term, ...]) -> dict[int, Term]:
        flat: dict[int, Term] = {}
        for part in parts:
            for inner in part.parts if part.kind == kind else (part,):
                flat[inner.number] = inner
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
        if part.kind == "loop" and (low, high) == (0, None) and part.low <= 1 and part.high is None:
            return self._make("loop", part.parts, nullable=True)
        return self._make("loop", (part,), low=low, high=high, nullable=low == 0)

    def derive(self, term: Term, point: int) -> Term:
        """Return what may follow a character in the language."""
        key = (term.number, point)
        found = self._derived.get(key)
        if found is None:
            found = self._derived[key] = self._derive(term, point)
        return found

    def _derive(self, term: Term, point: int) -> Term:
        if term.kind == "chars":
            return self.empty if sets.has(term.chars, point) else self.none
        if term.kind == "cat":
            first, then = term.parts
            rest = self.cat(self.derive(first, point), then)
            return self.alt(rest, self.derive(then, point)) if first.nullable else rest
        if term.kind == "alt":
            return self.alt(*(self.derive(part, point) for part in term.parts))
        if term.kind == "and":
            return self.both(*(self.derive(part, point) for part in term.parts))
        if term.kind == "not":
            return self.negate(self.derive(term.parts[0], point))
        if term.kind == "loop":
            high = None if term.high is None else term.high - 1
            again = self.loop(term.parts[0], max(term.low - 1, 0), high)
            return self.cat(self.derive(term.parts[0], point), again)
        return self.none

    def classes(self, term: Term) -> tuple[Set, ...]:
        """Return disjoint sets; all characters of one set have the same derivative."""
        found = self._split.get(term.number)
        if found is None:
            found = self._split[term.number] = self._classes(term)
        return found

    def _classes(self, term: Term) -> tuple[Set, ...]:
        if term.kind == "chars":
            return tuple(s for s in (term.chars, sets.complement(term.chars)) if s)
        if term.kind == "empty":
            return (sets.EVERYTHING,)
        parts = term.parts
        if term.kind == "cat" and not parts[0].nullable:
            parts = parts[:1]
        found: tuple[Set, ...] = (sets.EVERYTHING,)
        for part in parts:
            found = _cross(found, self.classes(part))
        return found


MAX_CLASSES = 400


class TooManyClassesError(Exception):
    """The characters fall into more classes than are worth telling apart."""


@lru_cache(maxsize=4096)
def _cross(one: tuple[Set, ...], other: tuple[Set, ...]) -> tuple[Set, ...]:
    if len(other) == 1:
        return one
    crossed = (sets.common(left, right) for left in one for right in other)
    found = tuple(dict.fromkeys(chars for chars in crossed if chars))
    if len(found) > MAX_CLASSES:
        raise TooManyClassesError
    return found
