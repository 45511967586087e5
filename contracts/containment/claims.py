"""What a value has to satisfy: claims about schemas, atoms about values, and their negations.

The language of the decision: `expand` turns claims into formulas, `search` looks for a value.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

from contracts.model import Node

KINDS = ("string", "number", "boolean", "null", "array", "object")


@dataclass(frozen=True, slots=True)
class Claim:
    """The value satisfies the schema at a place, or violates it.

    `only` narrows a violation to some keywords, to find the value that one finding speaks of.
    """

    side: str
    holds: bool
    pointer: str
    node: Node = field(compare=False, repr=False)
    only: tuple[str, ...] = ()

    def negated(self) -> Formula:
        """Return the opposite claim about the same schema."""
        return Claim(self.side, not self.holds, self.pointer, self.node)


@dataclass(frozen=True, slots=True)
class Is:
    """The value is this one, or another one; `text` is canonical JSON."""

    text: str
    holds: bool = True

    def negated(self) -> Formula:
        return Is(self.text, not self.holds)


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; no part is true."""

    parts: tuple[Formula, ...] = ()

    def negated(self) -> Formula:
        return either(part.negated() for part in self.parts)


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds; no part is false."""

    parts: tuple[Formula, ...] = ()

    def negated(self) -> Formula:
        return both(part.negated() for part in self.parts)


TRUE = All()
FALSE = Some()


def both(parts: Iterable[Formula]) -> Formula:
    """Return the conjunction, without what is true anyway."""
    kept = tuple(part for part in parts if part != TRUE)
    if FALSE in kept:
        return FALSE
    return kept[0] if len(kept) == 1 else All(kept)


def either(parts: Iterable[Formula]) -> Formula:
    """Return the disjunction, without what is false anyway."""
    kept = tuple(part for part in parts if part != FALSE)
    if TRUE in kept:
        return TRUE
    return kept[0] if len(kept) == 1 else Some(kept)


@dataclass(frozen=True, slots=True)
class Opaque:
    """Nothing is known about this part, so nothing that depends on it is proven."""

    reason: str
    kind: str = ""

    def negated(self) -> Formula:
        return self


@dataclass(frozen=True, slots=True)
class Among:
    """The scalar value is one of these texts (canonical JSON), or none of them."""

    kind: str
    texts: frozenset[str]
    holds: bool = True

    def negated(self) -> Formula:
        return Among(self.kind, self.texts, not self.holds)


@dataclass(frozen=True, slots=True)
class Between:
    """The number lies in a range; an end that is None is open to infinity."""

    low: Fraction | None = None
    high: Fraction | None = None
    above: bool = False  # the low end is excluded
    below: bool = False  # the high end is excluded
    kind: str = "number"

    def negated(self) -> Formula:
        parts: list[Formula] = []
        if self.low is not None:
            parts.append(Between(high=self.low, below=not self.above))
        if self.high is not None:
            parts.append(Between(low=self.high, above=not self.below))
        return either(parts)


@dataclass(frozen=True, slots=True)
class Multiple:
    """The number is a multiple, or it is not; a multiple of 1 is an integer."""

    of: Fraction
    holds: bool = True
    kind: str = "number"

    def negated(self) -> Formula:
        return Multiple(self.of, not self.holds)


@dataclass(frozen=True, slots=True)
class Matches:
    """The text matches an ECMA-262 pattern, or it does not."""

    pattern: str
    holds: bool = True
    kind: str = "string"

    def negated(self) -> Formula:
        return Matches(self.pattern, not self.holds)


@dataclass(frozen=True, slots=True)
class Formatted:
    """The text follows a `format`, or it does not."""

    name: str
    holds: bool = True
    kind: str = "string"

    def negated(self) -> Formula:
        return Formatted(self.name, not self.holds)


@dataclass(frozen=True, slots=True)
class Size:
    """Code points of a text, items of an array or members of an object."""

    kind: str
    low: int = 0
    high: int | None = None

    def negated(self) -> Formula:
        parts: list[Formula] = []
        if self.low > 0:
            parts.append(Size(self.kind, 0, self.low - 1))
        if self.high is not None:
            parts.append(Size(self.kind, self.high + 1))
        return either(parts)


Goal: TypeAlias = "frozenset[Formula]"


@dataclass(frozen=True, slots=True)
class Every:
    """Each member that is present satisfies its schema (JSON Schema 2020-12, 10.3.2).

    `rest` is for the names that neither `properties` nor `patterns` know; None accepts anything.
    `declares` lists the names that a reader of the schema finds written down.
    """

    side: str
    properties: tuple[tuple[str, Claim], ...] = ()
    patterns: tuple[tuple[str, Claim | None], ...] = ()
    rest: Claim | None = None
    known: frozenset[str] = frozenset()  # names that count as known, without a schema
    kind: str = "object"

    def negated(self) -> Formula:
        names = frozenset(name for name, _ in self.properties) | self.known
        parts: list[Formula] = [
            Has(_opposite(claim), name, declared_by=self.side) for name, claim in self.properties
        ]
        parts += [
            Has(_opposite(claim), matches=(pattern,)) for pattern, claim in self.patterns if claim
        ]
        if self.rest is not None:
            refuses = tuple(pattern for pattern, _ in self.patterns)
            parts.append(Has(_opposite(self.rest), refuses=refuses, excludes=names))
        return either(parts)


@dataclass(frozen=True, slots=True)
class Has:
    """Some member is present and meets a goal: the one called `name`, or one whose name fits."""

    goal: Goal
    name: str | None = None
    matches: tuple[str, ...] = ()
    refuses: tuple[str, ...] = ()
    excludes: frozenset[str] = frozenset()
    declared_by: str = ""
    named: Goal = frozenset()  # what the name itself has to satisfy
    kind: str = "object"

    def negated(self) -> Formula:
        if self.name is not None and not self.goal:
            return Lacks(self.name)
        return Opaque("the absence of a member with a value", "object")


@dataclass(frozen=True, slots=True)
class Lacks:
    """The member is absent."""

    name: str
    kind: str = "object"

    def negated(self) -> Formula:
        return Has(frozenset(), self.name)


@dataclass(frozen=True, slots=True)
class Names:
    """Every member's name satisfies a schema."""

    claim: Claim
    kind: str = "object"

    def negated(self) -> Formula:
        return Has(frozenset(), named=_opposite(self.claim))


@dataclass(frozen=True, slots=True)
class Each:
    """The items satisfy their schemas: the first ones `prefix`, all further ones `rest`."""

    prefix: tuple[Claim, ...] = ()
    rest: Claim | None = None
    kind: str = "array"

    def negated(self) -> Formula:
        parts: list[Formula] = [
            Item(_opposite(claim), index, exact=True) for index, claim in enumerate(self.prefix)
        ]
        if self.rest is not None:
            parts.append(Item(_opposite(self.rest), len(self.prefix)))
        return either(parts)


@dataclass(frozen=True, slots=True)
class Item:
    """Some item meets a goal: the one at `start` when `exact`, else one from there on.

    Items of one `group` (above zero) are different ones.
    """

    goal: Goal
    start: int = 0
    exact: bool = False
    group: int = 0
    kind: str = "array"

    def negated(self) -> Formula:
        return Opaque("the absence of an item with a value", "array")


@dataclass(frozen=True, slots=True)
class Distinct:
    """All items differ, or two are equal."""

    holds: bool = True
    kind: str = "array"

    def negated(self) -> Formula:
        return Distinct(not self.holds)


@dataclass(frozen=True, slots=True)
class Contains:
    """How many items satisfy a schema."""

    claim: Claim
    low: int = 1
    high: int | None = None
    kind: str = "array"

    def negated(self) -> Formula:
        parts: list[Formula] = []
        if self.low > 0:
            parts.append(Contains(self.claim, 0, self.low - 1))
        if self.high is not None:
            parts.append(Contains(self.claim, self.high + 1))
        return either(parts)


def _opposite(claim: Claim) -> Goal:
    return frozenset({Claim(claim.side, not claim.holds, claim.pointer, claim.node)})


Atom: TypeAlias = (
    Opaque | Among | Between | Multiple | Matches | Formatted | Size | Every | Has | Lacks | Names
    | Each | Item | Distinct | Contains
)  # fmt: skip
Fact: TypeAlias = Claim | Is | Atom
Formula: TypeAlias = Fact | All | Some


def order(fact: Formula) -> tuple[str, ...]:
    """Return a key that sorts the facts of a goal alike in every process."""
    if isinstance(fact, Claim):
        return ("", fact.side, fact.pointer, str(fact.holds), *fact.only)
    if isinstance(fact, Among):
        return ("among", str(fact.holds), *sorted(fact.texts))
    if isinstance(fact, Has | Item):
        inner = [text for one in sorted(map(order, fact.goal)) for text in one]
        where = str(fact.name) if isinstance(fact, Has) else str(fact.start)
        return ("some", where, *inner)
    if isinstance(fact, All | Some):
        inner = [text for part in fact.parts for text in order(part)]
        return (type(fact).__name__, *inner)
    return (type(fact).__name__, repr(fact))
