"""Walks two schemas side by side and runs the schema checks on every pair that differs.

A pair of places is judged once and remembered; each use then only follows the changed edges, so
a shared component costs the same however many operations use it. Called by `contracts.compat.run`.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from contracts.compat.branches import Side, match
from contracts.compat.check import AnyCheck, Hit
from contracts.compat.overlap import settle
from contracts.compat.pairs import PropertyPair, SchemaLevelPair, SchemaPair
from contracts.errors import TreatyError
from contracts.identity import Identity
from contracts.model import Contract, Format
from contracts.normal import Normaliser
from contracts.refs import Resolver, reference
from contracts.report import Direction
from contracts.sameness import Sameness
from contracts.schema import Schema, Spot

Checks = Mapping[type, Sequence[AnyCheck]]


class BudgetError(Exception):
    """The walk has looked at as many places as it may."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A step from a pair to a pair inside it; `segment` extends the path that readers see."""

    segment: str
    old: Spot
    new: Spot


@dataclass(frozen=True, slots=True)
class Stop:
    """One pair on the way from a root; `segment` is how it was reached, empty at the root."""

    segment: str
    old: Spot
    new: Spot


@dataclass(frozen=True, slots=True)
class Judged:
    """What the checks said about one pair, and where the walk goes on."""

    hits: tuple[tuple[AnyCheck, Hit], ...]
    edges: tuple[Edge, ...]
    old_at: str
    new_at: str
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A hit with the path from the root of the walk; `trouble` instead where reading failed.

    `trail` holds the pairs on the way, the root first and the pair of the hit last.
    """

    path: str
    check: AnyCheck | None
    hit: Hit
    old_at: str
    new_at: str
    trouble: str = ""
    trail: tuple[Stop, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """One version: its normal forms and identities."""

    normaliser: Normaliser
    identity: Identity

    @classmethod
    def of(cls, contract: Contract) -> "Reader":
        lenient = contract.format is not Format.JSON_SCHEMA
        resolver = Resolver(contract.document)
        normaliser = Normaliser(resolver, contract.dialect, lenient=lenient)
        return cls(normaliser, Identity(normaliser))

    def side(self, spot: Spot) -> Side:
        return Side(spot, self.normaliser.schema(spot), self.normaliser, self.identity)

    def broken(self, spot: Spot) -> bool:
        """Whether the schema refers to something that is not there."""
        try:
            self.normaliser.schema(self.normaliser.settle(spot))
        except TreatyError:
            return True
        return False

    def peek(self, spot: Spot) -> Schema:
        """Return the normal form, or one that says nothing where the reference is broken."""
        try:
            return self.normaliser.schema(self.normaliser.settle(spot))
        except TreatyError:
            return Schema(spot.at)  # judged, and reported, when the walk gets there


@dataclass
class SchemaWalk:
    """The walk over one pair of contracts."""

    old: Reader
    new: Reader
    checks: Checks
    exact: bool
    base: str
    budget: int
    nodes: int = 0
    _judged: dict[object, Judged] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sameness = Sameness(self.old.normaliser.resolver, self.new.normaliser.resolver)
        self.alike = self.old.normaliser.dialect == self.new.normaliser.dialect

    def walk(self, old: Spot, new: Spot, direction: Direction, *, textual: bool) -> Iterator[Found]:
        """Yield everything found under a pair of roots. Raises `BudgetError`."""
        start: tuple[Stop, ...] = (Stop("", old, new),)
        queue = deque([("", start)])
        seen = set()
        while queue:
            path, trail = queue.popleft()
            self._spend()
            before, after = trail[-1].old, trail[-1].new
            if self.same(before, after):
                continue
            judged, key = self._judge(before, after, direction, textual=textual and not path)
            if key in seen:
                continue
            seen.add(key)
            yield from _found(path, judged, trail)
            for edge in judged.edges:
                stop = Stop(edge.segment, edge.old, edge.new)
                queue.append((path + edge.segment, (*trail, stop)))

    def same(self, old: Spot, new: Spot) -> bool:
        """Whether both schemas are written alike, in dialects that read them alike."""
        return self.alike and self.sameness.same(old, new)

    def _spend(self) -> None:
        self.nodes += 1
        if self.nodes > self.budget:
            raise BudgetError

    def _judge(
        self, old: Spot, new: Spot, direction: Direction, *, textual: bool
    ) -> tuple[Judged, object]:
        try:
            old, new = self.old.normaliser.settle(old), self.new.normaliser.settle(new)
            key = (old.key, new.key, direction, textual)
            if key not in self._judged:
                self._judged[key] = self._look(old, new, direction, textual=textual)
        except TreatyError as error:
            key = (old.key, new.key, direction, textual)
            # The same reference, broken on both sides, says nothing of a change.
            trouble = "" if self._broken_alike(old, new) else _reason(error)
            self._judged[key] = Judged((), (), old.at, new.at, trouble)
        return self._judged[key], key

    def _broken_alike(self, old: Spot, new: Spot) -> bool:
        refs = [[reference(node.value) for node in spot.nodes] for spot in (old, new)]
        if refs[0] != refs[1] or None in refs[0]:
            return False
        return self.old.broken(old) and self.new.broken(new)

    def _look(self, old: Spot, new: Spot, direction: Direction, *, textual: bool) -> Judged:
        before, after = self.old.side(old), self.new.side(new)
        matching = match(before, after)
        pair = SchemaPair(
            old=matching.old,
            new=matching.new,
            direction=direction,
            exact=self.exact,
            textual=textual,
            base=self.base,
            old_opaque=_opaque(before),
            new_opaque=_opaque(after),
        )
        members = list(self._members(pair)) if pair.both("object") else []
        pairs: list[SchemaLevelPair] = [pair, *members]
        pairs += [matching.union] if matching.union else []
        hits = settle(self._run(pairs, direction))
        edges = [Edge(f"<{label}>", one, other) for label, one, other in matching.pairs]
        edges += _edges(pair, members)
        return Judged(tuple(hits), tuple(edges), before.schema.at, after.schema.at)

    def _run(
        self, pairs: Iterable[SchemaLevelPair], direction: Direction
    ) -> Iterator[tuple[AnyCheck, Hit]]:
        for pair in pairs:
            for check in self.checks[type(pair)]:
                if direction in check.directions:
                    for hit in check(pair):
                        yield check, hit

    def _members(self, pair: SchemaPair) -> Iterator[PropertyPair]:
        old, new = pair.old, pair.new
        names = dict.fromkeys((*old.properties, *new.properties))
        names |= dict.fromkeys(sorted(old.required ^ new.required))
        for name in names:
            before, after = old.properties.get(name), new.properties.get(name)
            alike = before and after and self.same(before, after)
            if alike and name not in old.required ^ new.required:
                continue
            declared = (
                self.old.peek(before) if before else None,
                self.new.peek(after) if after else None,
            )
            yield PropertyPair(
                name=name,
                direction=pair.direction,
                exact=self.exact,
                old=_visible(declared[0], pair.direction),
                new=_visible(declared[1], pair.direction),
                old_declared=declared[0],
                new_declared=declared[1],
                old_owner=old,
                new_owner=new,
                base=self.base,
            )


def _visible(schema: Schema | None, direction: Direction) -> Schema | None:
    if schema is None:
        return None
    hidden = {Direction.REQUEST: schema.read_only, Direction.RESPONSE: schema.write_only}
    return None if hidden.get(direction, False) else schema


def _opaque(side: Side) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for keyword, node in side.schema.opaque:
        found[keyword] = found.get(keyword, "") + side.identity.keyword(keyword, node)
    return found


def _edges(pair: SchemaPair, members: Iterable[PropertyPair]) -> Iterator[Edge]:
    old, new = pair.old, pair.new
    for member in members:
        edge = _member_edge(member)
        if edge is not None:
            yield edge
    if (
        pair.both("object")
        and isinstance(old.additional, Spot)
        and isinstance(new.additional, Spot)
    ):
        yield Edge(".*", old.additional, new.additional)
    if pair.both("array") and (old.items or new.items):
        before = old.items or Spot.anything(old.at)
        yield Edge("[]", before, new.items or Spot.anything(new.at))


def _member_edge(member: PropertyPair) -> Edge | None:
    """Return the pair of schemas that a member had to follow before and after, where both exist."""
    name = member.name
    old, new = member.old_owner.properties.get(name), member.new_owner.properties.get(name)
    if old and new:
        return Edge(f".{name}", old, new) if member.old and member.new else None
    if new and member.new and isinstance(member.old_owner.additional, Spot):
        return Edge(f".{name}", member.old_owner.additional, new)
    if old and member.old and isinstance(member.new_owner.additional, Spot):
        return Edge(f".{name}", old, member.new_owner.additional)
    return None


def _found(path: str, judged: Judged, trail: tuple[Stop, ...]) -> Iterator[Found]:
    places = (judged.old_at, judged.new_at)
    if judged.trouble:
        yield Found(path, None, Hit(judged.trouble), *places, judged.trouble, trail)
    for check, hit in judged.hits:
        full = path + (f".{hit.path}" if hit.path else "")
        at = (hit.old or judged.old_at, hit.new or judged.new_at)
        yield Found(full, check, hit, *at, "", trail)


def _reason(error: TreatyError) -> str:
    details = error.problem.errors
    return (details[0].detail if details else error.problem.detail).rstrip(".")
