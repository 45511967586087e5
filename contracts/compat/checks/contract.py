"""Checks on the contract as a whole: what could not be compared."""

from collections.abc import Iterator

from contracts.compat.check import Hit, check
from contracts.compat.pairs import UndecidedPair
from contracts.report import Direction, Effect


@check(
    "part-undecided",
    Effect.UNKNOWN,
    UndecidedPair,
    directions=(Direction.NONE,),
    why="What cannot be read or followed cannot be called compatible.",
    fix="Repair the part that cannot be read, then check again.",
)
def part_undecided(pair: UndecidedPair) -> Iterator[Hit]:
    """A part of a contract could not be compared."""
    yield Hit(pair.reason)


CHECKS = (part_undecided,)
