"""Arrays: chooses a length and the places of special items, and asks the solver for each item.

Called by `search`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING

from contracts.containment.claims import Atom, Contains, Distinct, Each, Goal, Is, Item, Size
from contracts.containment.outcome import NONE, Found, Outcome, Unknown
from contracts.merging import literal

if TYPE_CHECKING:
    from contracts.containment.search import Solver
    from contracts.document import Json

MAX_ITEMS = 500


@dataclass(frozen=True, slots=True)
class _Wanted:
    """All atoms about one array, together; `places` are the items that must be there."""

    eaches: tuple[Each, ...] = ()
    low: int = 0
    high: int | None = None
    unique: bool = False
    twice: bool = False
    items: tuple[Item, ...] = ()
    places: dict[int, Goal] = field(default_factory=dict)
    rare: tuple[Contains, ...] = ()  # upper bounds above zero
    last: dict[int, int] = field(default_factory=dict)  # where the last item of a group is

    @property
    def settled(self) -> int:
        """From this index on all items have the same schemas."""
        return max((len(each.prefix) for each in self.eaches), default=0)


def settle(solver: Solver, atoms: Sequence[Atom], *, final: bool) -> Outcome:  # noqa: ARG001  # one signature for all kinds
    """Return an array that meets the atoms, no longer than it needs to be."""
    wanted = _gather(atoms)
    if (wanted.unique and wanted.twice) or (wanted.high is not None and wanted.low > wanted.high):
        return NONE
    return _repeat(solver, wanted) if wanted.twice else _place(solver, wanted)


def _gather(atoms: Sequence[Atom]) -> _Wanted:
    sizes = [atom for atom in atoms if isinstance(atom, Size)]
    highs = [atom.high for atom in sizes if atom.high is not None]
    counted = [atom for atom in atoms if isinstance(atom, Contains)]
    items = [atom for atom in atoms if isinstance(atom, Item)]
    for group, atom in enumerate(counted, 1):
        items += [Item(frozenset({atom.claim}), group=group)] * min(atom.low, MAX_ITEMS)
    never = [atom for atom in counted if atom.high == 0]
    eaches = [atom for atom in atoms if isinstance(atom, Each)]
    eaches += [Each((), replace(atom.claim, holds=not atom.claim.holds)) for atom in never]
    return _Wanted(
        eaches=tuple(eaches),
        low=max((atom.low for atom in sizes), default=0),
        high=min(highs, default=None),
        unique=any(isinstance(atom, Distinct) and atom.holds for atom in atoms),
        twice=any(isinstance(atom, Distinct) and not atom.holds for atom in atoms),
        items=tuple(sorted(items, key=lambda item: (not item.exact, item.start))),
        rare=tuple(atom for atom in counted if atom.high),
    )


def _goal(wanted: _Wanted, index: int) -> Goal:
    claims = set(wanted.places.get(index, frozenset()))
    for each in wanted.eaches:
        if index < len(each.prefix):
            claims.add(each.prefix[index])
        elif each.rest is not None:
            claims.add(each.rest)
    return frozenset(claims)


def _place(solver: Solver, wanted: _Wanted) -> Outcome:
    """Choose the index of each item that may be anywhere, then fill in the values."""
    if not wanted.items:
        return _fill(solver, wanted)
    item, rest = wanted.items[0], wanted.items[1:]
    doubt: Outcome = NONE
    for index in _indexes(wanted, item):
        if wanted.high is not None and index >= wanted.high:
            continue
        solver.spend()
        goal = wanted.places.get(index, frozenset()) | item.goal
        grown = replace(
            wanted,
            items=rest,
            places={**wanted.places, index: goal},
            last={**wanted.last, item.group: index} if item.group else wanted.last,
        )
        if solver.solve(_goal(grown, index)) is NONE:
            continue
        outcome = _place(solver, grown)
        if isinstance(outcome, Found):
            return outcome
        doubt = outcome if isinstance(outcome, Unknown) else doubt
    return doubt


def _indexes(wanted: _Wanted, item: Item) -> range:
    """Return where an item may be: beyond these all places are alike, and some are free."""
    if item.exact:
        return range(item.start, item.start + 1)
    first = max(item.start, wanted.last.get(item.group, -1) + 1)  # items of a group are counted
    last = max(wanted.settled, first, *(index + 1 for index in wanted.places), 0)
    return range(first, last + 1)


def _fill(solver: Solver, wanted: _Wanted) -> Outcome:
    length = max(wanted.low, *(index + 1 for index in wanted.places), 0)
    if wanted.high is not None and length > wanted.high:
        return NONE
    if length > MAX_ITEMS:
        return Unknown("it needs too many items")
    values: list[Json] = []
    doubt = ""
    counter = _Counter(wanted.rare)
    for index in range(length):
        goal = _goal(wanted, index)
        if wanted.unique:
            goal |= {Is(literal(value), holds=False) for value in values}
        outcome = counter.solve(solver, goal)
        if outcome is NONE:
            return NONE if not wanted.unique or index == 0 else _clash(solver, wanted, index)
        if isinstance(outcome, Unknown):
            doubt = outcome.reason
            values.append(outcome.guesses[0] if outcome.guesses else None)
        elif isinstance(outcome, Found):
            values.append(outcome.value)
    return Unknown(doubt, (values,)) if doubt else Found(values)


class _Counter:
    """Chooses items that few `contains` count, for each may count only so many."""

    def __init__(self, rare: tuple[Contains, ...]) -> None:
        self._misses = [replace(atom.claim, holds=not atom.claim.holds) for atom in rare]
        self._left = [atom.high or 0 for atom in rare]
        self._doubtful = False

    def solve(self, solver: Solver, goal: Goal) -> Outcome:
        """Return an item for the goal; NONE only when no choice of earlier items would help."""
        everyone = range(len(self._misses))
        for count in reversed(range(len(self._misses) + 1)):
            for missed in combinations(everyone, count):
                outcome = solver.solve(goal | {self._misses[i] for i in missed})
                hit = [i for i in everyone if i not in missed]
                self._doubtful |= isinstance(outcome, Unknown)
                if not isinstance(outcome, Found):
                    continue
                if any(self._left[i] == 0 for i in hit):
                    self._doubtful |= len(everyone) > 1  # others could have been missed before
                    continue
                for i in hit:
                    self._left[i] -= 1
                return outcome
        return self._stuck(solver, goal)

    def _stuck(self, solver: Solver, goal: Goal) -> Outcome:
        if not self._doubtful:
            return NONE
        outcome = solver.solve(goal)
        guesses = (outcome.value,) if isinstance(outcome, Found) else ()
        if isinstance(outcome, Found) or outcome is NONE:
            return Unknown("how often an item may be contained", guesses)
        return outcome


def _clash(solver: Solver, wanted: _Wanted, index: int) -> Outcome:
    """Say whether an item is impossible, or only equal to the ones chosen before it."""
    if solver.solve(_goal(wanted, index)) is NONE:
        return NONE
    if wanted.rare:
        return Unknown("how often an item may be contained")
    alike = len({_goal(wanted, i) for i in range(index + 1)}) == 1
    # Taken from one set, which is used up: no other order of choices helps.
    return NONE if alike else Unknown("its items have to differ")


def _repeat(solver: Solver, wanted: _Wanted) -> Outcome:
    """Return an array with two equal items: the first two, or two of those that are alike."""
    doubt: Outcome = NONE
    last = wanted.settled + 1
    for first in range(last):
        for second in range(first + 1, last + 1):
            outcome = _equal(solver, wanted, first, second)
            if isinstance(outcome, Found):
                return outcome
            doubt = outcome if isinstance(outcome, Unknown) else doubt
    sure = not wanted.items and not wanted.rare
    return doubt if isinstance(doubt, Unknown) or sure else Unknown("equal items")


def _equal(solver: Solver, wanted: _Wanted, first: int, second: int) -> Outcome:
    """Return an array whose items at two places are equal, preferably ones that nothing counts."""
    goal = _goal(wanted, first) | _goal(wanted, second)
    misses = {replace(atom.claim, holds=not atom.claim.holds) for atom in wanted.rare}
    outcome: Outcome = NONE
    for wish in dict.fromkeys((goal | misses, goal)):
        outcome = solver.solve(wish)
        if isinstance(outcome, Found):
            same = frozenset({Is(literal(outcome.value))})
            places = {**wanted.places, first: same, second: same}
            outcome = _place(solver, replace(wanted, twice=False, places=places))
        if isinstance(outcome, Found):
            return outcome
    return outcome
