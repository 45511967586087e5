"""Turns what the checks saw under two schemas into findings that are proven, or say they are not.

Called by `contracts.compat.run`. Containment decides and a witness proves; the checks explain. A
hit that containment disproves is dropped, one that nobody can prove is only suspected.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from contracts.compat import severity
from contracts.compat.check import AnyCheck, Hit
from contracts.compat.checks.composition import SCHEMA_UNDECIDED, VALUES_ADDED, VALUES_REFUSED
from contracts.compat.mode import Mode, Policy
from contracts.compat.schemas import Found, Reader
from contracts.compat.walk import Root
from contracts.containment.decide import (
    Containment,
    Focus,
    Refuted,
    Step,
    Undecided,
    about,
)
from contracts.containment.words import Side
from contracts.document import Json
from contracts.model import Contract, Format
from contracts.report import Certainty, Direction, Effect, Level
from contracts.sameness import Sameness
from contracts.schema import Spot

_REPLACED = (SCHEMA_UNDECIDED.id, "composition-undecided")


@dataclass(frozen=True, slots=True)
class Way:
    """Who writes and who reads: a way along which values must keep passing."""

    writer: str  # old | new
    reader: str

    @property
    def breaks(self) -> Effect:
        """What a change has to do to the accepted values to break this way."""
        return Effect.NARROWS if self.writer == "old" else Effect.WIDENS


FORTH = Way("old", "new")
BACK = Way("new", "old")


def ways(direction: Direction, mode: Mode) -> tuple[Way, ...]:
    """Return the ways that a mode protects: BACKWARD for requests is from old to new."""
    backward, forward = (BACK, FORTH) if direction is Direction.RESPONSE else (FORTH, BACK)
    return {
        Mode.NONE: (),
        Mode.BACKWARD: (backward,),
        Mode.FORWARD: (forward,),
        Mode.FULL: (backward, forward),
    }[mode.pairwise]


@dataclass(frozen=True, slots=True)
class Proven:
    """A hit, how bad it is, and how sure that is; `value` is what the witness shows."""

    found: Found
    check: AnyCheck
    hit: Hit
    level: Level
    effect: Effect
    certainty: Certainty
    way: Way | None = None
    value: tuple[Json, ...] = ()


@dataclass
class Proving:
    """The proofs of one comparison; questions about shared schemas are answered once."""

    old: Contract
    new: Contract
    readers: tuple[Reader, Reader]
    alike: Sameness | None
    mode: Mode
    policy: Policy
    _asked: dict[tuple[Direction, Way, bool], Containment] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        """How many steps all decisions took."""
        return sum(containment.steps for containment in self._asked.values())

    def containment(self, direction: Direction, way: Way, *, strict: bool = False) -> Containment:
        """Return the answerer of questions along one way."""
        lenient = self.policy is Policy.LENIENT and not strict
        key = (direction, way, lenient)
        if key not in self._asked:
            sides = {
                name: Side(
                    name,
                    reader.normaliser.resolver,
                    contract.dialect,
                    direction,
                    infers=contract.format is not Format.JSON_SCHEMA,
                    loose=lenient and name == way.reader,
                )
                for name, contract, reader in zip(
                    ("old", "new"), (self.old, self.new), self.readers, strict=True
                )
            }
            self._asked[key] = Containment(
                sides[way.writer], sides[way.reader], self.alike, lenient=lenient
            )
        return self._asked[key]

    def settle(self, root: Root, found: Sequence[Found]) -> Iterator[Proven]:
        """Yield what is left of the hits under a root, and what no check has seen."""
        if not found and self.mode is Mode.NONE:
            return
        trouble = [item for item in found if item.check is None]
        if not trouble and found and self._equal(root.direction, root.old, root.new):
            yield from (self._noted(item) for item in found if _beyond(item))
            return
        open_ways = [way for way in ways(root.direction, self.mode) if not self._passes(root, way)]
        hits = (p for item in found if item.check for p in self._hit(root, item, open_ways))
        # Several keywords of one schema that only containment explains are one finding.
        proven = list(_once(hits))
        yield from proven
        for way in open_ways:
            if not any(p.way == way for p in proven):
                yield from self._unexplained(root, way, troubled=bool(trouble))

    def _passes(self, root: Root, way: Way) -> bool:
        """Whether all values still pass; the checks know better how values are written as text."""
        if root.textual and self._crosses_text(root):
            return False
        return self._contained(root.direction, way, root.old, root.new)

    def _crosses_text(self, root: Root) -> bool:
        types = [
            reader.peek(spot).types
            for reader, spot in zip(self.readers, (root.old, root.new), strict=True)
        ]
        return ("string" in types[0]) is not ("string" in types[1])

    def _contained(
        self, direction: Direction, way: Way, old: Spot, new: Spot, *, strict: bool = False
    ) -> bool:
        a, b = (old, new) if way.writer == "old" else (new, old)
        return self.containment(direction, way, strict=strict).contained(a, b)

    def _equal(self, direction: Direction, old: Spot, new: Spot) -> bool:
        """Whether both schemas accept the same values, read to the letter."""
        return all(self._contained(direction, way, old, new, strict=True) for way in (FORTH, BACK))

    def _noted(self, item: Found) -> Proven:
        check = _check(item)
        level = severity.level(check.id, check.effect, Direction.NONE, self.mode)
        return Proven(item, check, item.hit, level, check.effect, Certainty.NOTED)

    def _hit(self, root: Root, item: Found, open_ways: Sequence[Way]) -> Iterator[Proven]:
        check, last = _check(item), item.trail[-1]
        if _beyond(item) or check.id in severity.EXCEPTIONS:
            level = severity.level(check.id, check.effect, root.direction, self.mode)
            yield Proven(item, check, item.hit, level, check.effect, Certainty.NOTED)
            return
        if self._equal(root.direction, last.old, last.new):
            return
        threatened = [way for way in ways(root.direction, self.mode) if _breaks(check, way)]
        judged = [self._along(root, item, way) for way in threatened if way in open_ways]
        worst = sorted((p for p in judged if p), key=lambda p: severity.RANK[p.level])
        if worst:
            yield worst[0]
        elif check.effect is Effect.UNKNOWN:
            yield from self._decided(item, check)
        elif not threatened:
            yield Proven(item, check, item.hit, Level.INFO, check.effect, Certainty.NOTED)

    def _decided(self, item: Found, check: AnyCheck) -> Iterator[Proven]:
        """A change that no check could judge, and that breaks no protected way."""
        if check.id not in _REPLACED:
            yield Proven(item, check, item.hit, Level.INFO, Effect.NONE, Certainty.NOTED)

    def _along(self, root: Root, item: Found, way: Way) -> Proven | None:
        """Return the hit as it stands along one way, or None when it does not break it."""
        check, last = _check(item), item.trail[-1]
        if self._contained(root.direction, way, last.old, last.new):
            return None
        forward = way.writer == "old"
        trail = tuple(
            Step(step.segment, *((step.old, step.new) if forward else (step.new, step.old)))
            for step in item.trail
        )
        containment = self.containment(root.direction, way)
        refuted = containment.witness(trail, self._focus(item, way))
        if refuted is None:
            return Proven(
                item, check, item.hit, Level.WARNING, check.effect, Certainty.SUSPECTED, way
            )
        if check.id in _REPLACED:
            check, hit = _generic(way, item.hit)
        else:
            hit = item.hit
        return Proven(
            item, check, hit, Level.ERROR, _known(check, way), Certainty.PROVEN, way,
            (refuted.value,),
        )  # fmt: skip

    def _focus(self, item: Found, way: Way) -> tuple[Focus, ...]:
        """Return what the witness should show: a violation of the keyword that the hit names."""
        last = item.trail[-1]
        if way.reader == "new":
            at, spot, side = item.hit.new, last.new, self.readers[1]
        else:
            at, spot, side = item.hit.old, last.old, self.readers[0]
        keyword = ""
        for node in side.normaliser.settle(spot).nodes:
            if at and at.startswith(node.pointer + "/"):
                keyword = at[len(node.pointer) + 1 :].partition("/")[0]
        return about(_KEYWORDS.get(keyword, keyword), item.hit.path)

    def _unexplained(self, root: Root, way: Way, *, troubled: bool) -> Iterator[Proven]:
        """Say what containment found and no check has explained.

        Where a part is `troubled`, that is said already: only a proof adds to it.
        """
        if root.textual and self._crosses_text(root):
            return
        a, b = (root.old, root.new) if way.writer == "old" else (root.new, root.old)
        answer = self.containment(root.direction, way).ask(a, b)
        place = Found("", None, Hit("", None, None), root.old.at, root.new.at, "", ())
        if isinstance(answer, Refuted):
            check, hit = _generic(way, place.hit)
            yield Proven(
                place, check, hit, Level.ERROR, way.breaks, Certainty.PROVEN, way, (answer.value,)
            )
        elif isinstance(answer, Undecided) and not troubled:
            hit = Hit(f"changed in a way that cannot be decided: {answer.reason}")
            yield Proven(
                place,
                SCHEMA_UNDECIDED,
                hit,
                Level.WARNING,
                Effect.UNKNOWN,
                Certainty.UNDECIDED,
                way,
            )


def _once(hits: Iterable[Proven]) -> Iterator[Proven]:
    """Yield one of the hits that say the same of the same schema, for want of a check."""
    said = set()
    for hit in hits:
        key = (hit.found.path, hit.check.id)
        if hit.check not in (VALUES_REFUSED, VALUES_ADDED):
            yield hit
        elif key not in said:
            said.add(key)
            yield hit


# How dialects write the same keyword.
_KEYWORDS = {"const": "enum", "nullable": "type", "x-nullable": "type", "additionalItems": "items"}


def _check(item: Found) -> AnyCheck:
    if item.check is None:
        raise ValueError("a place that cannot be read has no check")
    return item.check


def _beyond(item: Found) -> bool:
    """Whether the hit is about something else than which values are accepted."""
    return item.check is not None and item.check.effect is Effect.NONE


def _breaks(check: AnyCheck, way: Way) -> bool:
    return check.effect in (way.breaks, Effect.CHANGES, Effect.UNKNOWN)


def _known(check: AnyCheck, way: Way) -> Effect:
    return way.breaks if check.effect is Effect.UNKNOWN else check.effect


def _generic(way: Way, hit: Hit) -> tuple[AnyCheck, Hit]:
    if way.writer == "old":
        return VALUES_REFUSED, replace(hit, message="no longer accepts some values")
    return VALUES_ADDED, replace(hit, message="may now hold values that were not possible before")
