"""Objects: chooses the members that meet the atoms, and asks the solver for each value.

Called by `search`. Exact as long as few patterns divide the names; else it says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING

from contracts.containment.claims import (
    Among,
    Atom,
    Every,
    Goal,
    Has,
    Is,
    Lacks,
    Matches,
    Names,
    Size,
)
from contracts.containment.outcome import NONE, Found, Outcome, Unknown
from contracts.languages.matching import matches
from contracts.merging import literal

if TYPE_CHECKING:
    from contracts.containment.search import Solver
    from contracts.document import Json

MAX_PATTERNS = 5  # they divide the names into twice as many regions each
MAX_MEMBERS = 500


@dataclass(frozen=True, slots=True)
class _Wanted:
    """All atoms about one object, together; `members` are those that must be present."""

    everies: tuple[Every, ...] = ()
    absent: frozenset[str] = frozenset()
    low: int = 0
    high: int | None = None
    names: Goal = frozenset()
    members: dict[str, Goal] = field(default_factory=dict)
    some: tuple[Has, ...] = ()
    refused: bool = False
    lenient: bool = False

    @property
    def declared(self) -> dict[str, None]:
        """The names that are written down anywhere, in their order."""
        return {
            name: None
            for every in self.everies
            for name in (*(n for n, _ in every.properties), *sorted(every.known))
        }


def settle(solver: Solver, atoms: Sequence[Atom], *, final: bool) -> Outcome:
    """Return an object that meets the atoms, with no more members than it needs.

    What `a` does not send is known only when its alternatives are chosen, so when `final`.
    """
    wanted = _gather(solver, atoms, lenient=solver.lenient and final)
    if wanted.refused or (wanted.high is not None and wanted.low > wanted.high):
        return NONE
    return _place(solver, wanted)


def _gather(solver: Solver, atoms: Sequence[Atom], *, lenient: bool) -> _Wanted:
    everies = tuple(atom for atom in atoms if isinstance(atom, Every))
    sizes = [atom for atom in atoms if isinstance(atom, Size)]
    highs = [atom.high for atom in sizes if atom.high is not None]
    wanted = _Wanted(
        everies=everies,
        absent=frozenset(atom.name for atom in atoms if isinstance(atom, Lacks)),
        low=max((atom.low for atom in sizes), default=0),
        high=min(highs, default=None),
        names=frozenset(atom.claim for atom in atoms if isinstance(atom, Names)),
        some=tuple(atom for atom in atoms if isinstance(atom, Has) and atom.name is None),
        lenient=lenient,
    )
    named = [atom for atom in atoms if isinstance(atom, Has) and atom.name is not None]
    sent = frozenset(atom.name for atom in named if not atom.declared_by)
    for atom in named:
        name = str(atom.name)
        unsent = name not in sent and _unsent(solver, wanted, atom, name)
        if name in wanted.absent or unsent:
            return replace(wanted, refused=True)
        wanted.members[name] = wanted.members.get(name, frozenset()) | atom.goal
    return wanted


def _unsent(solver: Solver, wanted: _Wanted, atom: Has, name: str) -> bool:
    """Whether, read leniently, `a` does not send a member that only `b` declares."""
    if not wanted.lenient or not atom.declared_by or atom.declared_by == solver.a.name:
        return False
    return not any(
        name in every.known
        or any(name == known for known, _ in every.properties)
        or any(matches(pattern, name) for pattern, _ in every.patterns)
        or (every.rest is not None and every.rest.node.value is not False)
        for every in wanted.everies
        if every.side == solver.a.name
    )


def _place(solver: Solver, wanted: _Wanted) -> Outcome:
    """Choose a name for each member that may have any, then fill in the values."""
    if not wanted.some:
        return _fill(solver, wanted)
    members = _values(solver, wanted)
    if members is NONE:
        return NONE
    first, rest = wanted.some[0], wanted.some[1:]
    doubt: Outcome = NONE
    for choice in _choices(solver, wanted, first):
        if isinstance(choice, Unknown):
            doubt = choice
            continue
        if _unsent(solver, wanted, first, choice):
            continue
        goal = wanted.members.get(choice, frozenset()) | first.goal
        outcome = _place(
            solver, replace(wanted, some=rest, members={**wanted.members, choice: goal})
        )
        if isinstance(outcome, Found):
            return outcome
        doubt = outcome if isinstance(outcome, Unknown) else doubt
    return doubt


def _choices(solver: Solver, wanted: _Wanted, has: Has) -> Iterator[str | Unknown]:
    """Yield a new name of each region, then the known names that fit."""
    yield from _fresh(solver, wanted, has)
    for name in wanted.declared | dict.fromkeys(wanted.members):
        if name in wanted.absent or name in has.excludes:
            continue
        found = [matches(pattern, name) for pattern in has.matches]
        kept = [matches(pattern, name) for pattern in has.refuses]
        if None in found or None in kept:
            yield Unknown("a pattern for names cannot be evaluated")
        elif all(found) and not any(kept):
            named = frozenset({Is(literal(name))}) | has.named
            outcome = solver.solve(named) if has.named else Found(name)
            if isinstance(outcome, Unknown):
                yield outcome
            elif isinstance(outcome, Found):
                yield name


def _fresh(solver: Solver, wanted: _Wanted, has: Has) -> Iterator[str | Unknown]:
    """Yield one unused name for each combination of patterns that names may match."""
    used = wanted.declared.keys() | wanted.members.keys() | wanted.absent | has.excludes
    patterns = list(
        dict.fromkeys(
            (
                *(p for every in wanted.everies for p, _ in every.patterns),
                *has.matches,
                *has.refuses,
            )
        )
    )
    if len(patterns) > MAX_PATTERNS:
        yield Unknown("too many patterns for names")
        patterns = list(dict.fromkeys((*has.matches, *has.refuses)))
    taken = Among("string", frozenset(literal(name) for name in used), holds=False)
    for count in range(len(patterns) + 1):
        for region in combinations(patterns, count):
            if not set(has.matches) <= set(region) or set(has.refuses) & set(region):
                continue
            solver.spend()
            facts = [Matches(pattern, pattern in region) for pattern in patterns]
            goal = frozenset({*facts, taken, *wanted.names, *has.named})
            outcome = solver.solve(goal | {_READABLE})
            if outcome is NONE:
                outcome = solver.solve(goal)
            if isinstance(outcome, Found):
                yield str(outcome.value)
            elif isinstance(outcome, Unknown):
                yield outcome


_READABLE = Size("string", 1)  # an empty name is legal, but hard to read


def _goal(wanted: _Wanted, name: str, extra: Goal) -> Goal | Unknown:
    """Return everything that the value of a member has to meet."""
    claims = set(extra)
    for every in wanted.everies:
        known = name in every.known
        for own, claim in every.properties:
            if own == name:
                known = True
                claims.add(claim)
        for pattern, wants in every.patterns:
            matched = matches(pattern, name)
            if matched is None:
                return Unknown("a pattern for names cannot be evaluated")
            known = known or matched
            if matched and wants is not None:
                claims.add(wants)
        if not known and every.rest is not None:
            claims.add(every.rest)
    return frozenset(claims)


def _member(solver: Solver, wanted: _Wanted, name: str, extra: Goal) -> Outcome:
    """Return a value for one member, when its name is allowed at all."""
    if wanted.names:
        allowed = solver.solve(wanted.names | {Is(literal(name))})
        if not isinstance(allowed, Found):
            return allowed
    goal = _goal(wanted, name, extra)
    return goal if isinstance(goal, Unknown) else solver.solve(goal)


def _values(solver: Solver, wanted: _Wanted) -> Outcome:
    """Return the members that must be present, with their values."""
    values: dict[str, Json] = {}
    doubt: Unknown | None = None
    for name, extra in wanted.members.items():
        outcome = _member(solver, wanted, name, extra)
        if outcome is NONE:
            return NONE
        if isinstance(outcome, Unknown):
            doubt = outcome
            values[name] = outcome.guesses[0] if outcome.guesses else None
        elif isinstance(outcome, Found):
            values[name] = outcome.value
    return Unknown(doubt.reason, (values,)) if doubt else Found(values)


def _fill(solver: Solver, wanted: _Wanted) -> Outcome:
    """Return the object; add members while it has too few."""
    outcome = _values(solver, wanted)
    if outcome is NONE:
        return NONE
    guesses = outcome.guesses[0] if isinstance(outcome, Unknown) else None
    values = outcome.value if isinstance(outcome, Found) else guesses
    if not isinstance(values, dict):
        return outcome
    if wanted.high is not None and len(values) > wanted.high:
        return NONE if len(wanted.members) == len(values) else Unknown("too many members")
    if len(values) >= wanted.low:
        return outcome
    if wanted.low > MAX_MEMBERS:
        return Unknown("it needs too many members")
    return _add(solver, wanted, dict(values), sure=isinstance(outcome, Found))


def _add(solver: Solver, wanted: _Wanted, values: dict[str, Json], *, sure: bool) -> Outcome:
    reason = "" if sure else "a member cannot be decided"
    for name in wanted.declared:
        if len(values) >= wanted.low:
            break
        if name in values or name in wanted.absent:
            continue
        outcome = _member(solver, wanted, name, frozenset())
        if isinstance(outcome, Found):
            values[name] = outcome.value
        elif isinstance(outcome, Unknown):
            reason = outcome.reason
    while len(values) < wanted.low:
        grown = replace(wanted, members=dict.fromkeys(values, frozenset()))
        for fresh in _fresh(solver, grown, Has(frozenset())):
            if isinstance(fresh, Unknown):
                reason = fresh.reason
                continue
            outcome = _member(solver, grown, fresh, frozenset())
            if isinstance(outcome, Found):
                values[fresh] = outcome.value
                break
            reason = outcome.reason if isinstance(outcome, Unknown) else reason
        else:
            return Unknown(reason) if reason else NONE
    return Unknown(reason, (values,)) if reason else Found(values)
