"""Looks for a value that meets a goal: a tableau over the kinds of JSON values.

`Solver.solve` answers with a value, with the proof that there is none, or with the reason why it
cannot tell. Called by `decide`; the four kinds with an inside have files of their own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from contracts.containment import arrays, constants, numbers, objects, scalars, strings
from contracts.containment.claims import (
    FALSE,
    KINDS,
    All,
    Atom,
    Claim,
    Fact,
    Formula,
    Goal,
    Is,
    Opaque,
    Some,
    order,
)
from contracts.containment.constants import kind_of, spelled
from contracts.containment.expand import expand
from contracts.containment.outcome import NONE, Found, Outcome, Unknown
from contracts.containment.words import Side
from contracts.document import Json
from contracts.errors import TreatyError
from contracts.sameness import Sameness

MAX_DEPTH = 24  # levels of values inside values; keeps the stack small
MANY = 8  # alternatives of one union, from which it pays to rule out what contradicts each
MAX_PAIRS = 32  # violated schemas that a branch is held against alone
PARTS_A_STEP = 16  # alternatives that may be looked through for one step of the budget
MAX_CHOICES = 320  # alternatives under way at once, for the same reason


class SpentError(Exception):
    """The search has taken as many steps as it may."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """A conjunction under way: what holds, and the alternatives that are still open."""

    facts: dict[Fact, None]
    open: tuple[tuple[Formula, ...], ...]


class Solver:
    """A search over the schemas of two sides, `a` and `b`; outcomes are remembered.

    `lenient` takes a member that only the other side declares as not sent by `a`.
    """

    def __init__(
        self, a: Side, b: Side, alike: Sameness | None, *, lenient: bool, budget: int
    ) -> None:
        self.a = a
        self.sides = {a.name: a, b.name: b}
        self.alike = alike
        self.lenient = lenient
        self.budget = budget
        self.steps = 0
        self.hunches: tuple[Json, ...] = ()  # the last guess of a search that may run out of steps
        self._known: dict[Goal, Outcome] = {}
        self._under_way: dict[Goal, int] = {}
        self._cut: list[int] = []  # per goal under way: the outermost goal it leads back to
        self._provisional: dict[Goal, int] = {}
        self._meanings: dict[tuple[Claim, str], Formula] = {}
        self._choices = 0

    def spend(self, steps: int = 1) -> None:
        """Count work. Raises `SpentError` when the budget is used."""
        self.steps += steps
        if self.steps > self.budget:
            raise SpentError

    def solve(self, goal: Goal) -> Outcome:
        """Return a value that meets every fact of the goal, NONE, or why it is not known."""
        found = self._known.get(goal)
        if found is not None:
            return found
        if goal in self._provisional:
            self._cut[-1] = min(self._cut[-1], self._provisional[goal])
            return NONE
        if goal in self._under_way:
            # A smallest value that meets the goal does not contain another one that does.
            self._cut[-1] = min(self._cut[-1], self._under_way[goal])
            return NONE
        depth = len(self._under_way)
        if depth >= MAX_DEPTH:
            return Unknown("it is nested too deeply")
        self._under_way[goal] = depth
        self._cut.append(depth)
        try:
            outcome = self._solve(goal)
        finally:
            del self._under_way[goal]
            reached = self._cut.pop()
        self._remember(goal, outcome, depth, reached)
        return outcome

    def _remember(self, goal: Goal, outcome: Outcome, depth: int, reached: int) -> None:
        """Keep the outcome; one that rests on a goal under way holds only as long as that is."""
        if self._cut:
            self._cut[-1] = min(self._cut[-1], reached)
        resting = [g for g, on in self._provisional.items() if on >= depth]
        if reached < depth and outcome is NONE:
            self._provisional[goal] = reached
            for other in resting:
                self._provisional[other] = reached
            return
        for other in resting:
            del self._provisional[other]
            if outcome is NONE:
                self._known[other] = NONE
        self._known[goal] = outcome

    def _solve(self, goal: Goal) -> Outcome:
        doubt: Outcome = NONE
        facts = sorted(goal, key=order)
        for kind in KINDS:
            outcome = self._of_kind(facts, kind)
            if isinstance(outcome, Found):
                return outcome
            if isinstance(outcome, Unknown) and (
                not isinstance(doubt, Unknown) or not doubt.guesses
            ):
                doubt = outcome
        return doubt

    def _of_kind(self, goal: list[Formula], kind: str) -> Outcome:
        choice = self._add(_Choice({}, ()), goal, kind)
        if choice is None or self._covered(choice):
            return NONE
        return self._search(choice, kind)

    def _search(self, choice: _Choice, kind: str) -> Outcome:
        """Return what meets the facts and one part of each open alternative."""
        self.spend()
        outcome = self._settle(choice, kind)
        if outcome is NONE or not choice.open:
            return outcome
        if self._choices >= MAX_CHOICES:
            guesses = (outcome.value,) if isinstance(outcome, Found) else ()
            if len(self._under_way) == 1:
                self.hunches = guesses or self.hunches
            return Unknown("it has too many alternatives", guesses)
        parts = min(choice.open, key=_promise)
        rest = _Choice(choice.facts, tuple(o for o in choice.open if o is not parts))
        doubt: Outcome = NONE
        self._choices += 1
        try:
            for part in parts:
                narrowed = self._add(rest, (part,), kind)
                if narrowed is not None and self._covered(narrowed):
                    continue
                if narrowed is not None and len(parts) >= MANY:
                    narrowed = self._prune(narrowed, kind)
                outcome = NONE if narrowed is None else self._search(narrowed, kind)
                if isinstance(outcome, Found):
                    return outcome
                doubt = outcome if isinstance(outcome, Unknown) else doubt
        finally:
            self._choices -= 1
        return doubt

    def _covered(self, choice: _Choice) -> bool:
        """Whether a schema that must be violated accepts, by itself, all that one which holds does.

        With many alternatives that is far from plain to the search, which takes them one by one.
        The schema at the same place of its list is asked first: most branches keep their place.
        """
        if len(choice.open) < MANY:
            return False
        claims = [fact for fact in choice.facts if isinstance(fact, Claim)]
        for one in (claim for claim in claims if claim.holds and claim.side == self.a.name):
            place = one.pointer.rpartition("/")[2]
            others = [c for c in claims if not c.holds and c.side != one.side]
            others.sort(key=lambda claim: claim.pointer.rpartition("/")[2] != place)
            for other in others[:MAX_PAIRS]:
                goal: Goal = frozenset({one, other})
                # A goal under way speaks of this very value here, not of a smaller one inside it.
                if goal not in self._under_way and self.solve(goal) is NONE:
                    return True
        return False

    def _prune(self, choice: _Choice, kind: str) -> _Choice | None:
        """Drop the parts that the facts alone rule out; None where a list has no other."""
        opened: list[Formula] = []
        for parts in choice.open:
            possible = [part for part in parts if self._possible(choice, part, kind)]
            if not possible:
                return None
            opened.append(Some(tuple(possible)))
        return self._add(_Choice(choice.facts, ()), opened, kind)

    def _possible(self, choice: _Choice, part: Formula, kind: str) -> bool:
        self.spend()
        narrowed = self._add(_Choice(choice.facts, ()), (part,), kind)
        return narrowed is not None and self._settle(narrowed, kind) is not NONE

    def _add(self, choice: _Choice, formulas: Iterable[Formula], kind: str) -> _Choice | None:
        """Return the conjunction with more formulas, or None when they contradict it."""
        facts = dict(choice.facts)
        opened = list(choice.open)
        todo = list(formulas)
        while todo:
            formula = todo.pop()
            if isinstance(formula, All):
                todo.extend(formula.parts)
            elif isinstance(formula, Some):
                if formula == FALSE:
                    return None
                opened.append(tuple(_parts(formula)))
            elif formula not in facts:
                if self._contradicts(formula, facts, kind):
                    return None
                facts[formula] = None
                if isinstance(formula, Claim):
                    todo.append(self._meaning(formula, kind))
                elif isinstance(formula, Is):
                    todo.append(constants.meaning(formula, kind))
        return self._simplify(facts, opened, kind)

    def _simplify(
        self, facts: dict[Fact, None], opened: list[tuple[Formula, ...]], kind: str
    ) -> _Choice | None:
        """Drop alternatives that hold already and parts that cannot; follow the only part left."""
        kept: list[tuple[Formula, ...]] = []
        forced: list[Formula] = []
        self.spend(sum(map(len, opened)) // PARTS_A_STEP)
        for parts in opened:
            if any(not isinstance(p, All | Some) and p in facts for p in parts):
                continue
            possible = tuple(
                p
                for p in parts
                if isinstance(p, All | Some) or not self._contradicts(p, facts, kind)
            )
            if not possible:
                return None
            if len(possible) == 1:
                forced.append(possible[0])
            else:
                kept.append(possible)
        choice = _Choice(facts, tuple(kept))
        return self._add(choice, forced, kind) if forced else choice

    def _contradicts(self, fact: Fact, facts: dict[Fact, None], kind: str) -> bool:
        if isinstance(fact, Claim):
            return any(
                isinstance(other, Claim)
                and other.holds is not fact.holds
                and self._same(fact, other)
                for other in facts
            )
        if isinstance(fact, Is):
            return fact.holds and kind_of(spelled(fact)) != kind
        return bool(fact.kind) and fact.kind != kind

    def _same(self, one: Claim, other: Claim) -> bool:
        """Whether two claims are about schemas that mean the same."""
        if one.only or other.only:
            return False
        if one.side == other.side:
            return one.pointer == other.pointer
        if self.alike is None:
            return False
        theirs = other if one.side == self.a.name else one
        if theirs.holds and self.sides.get(theirs.side, self.a).loose:
            return False  # read loosely, it accepts more than it says
        old, new = (one, other) if one.side == "old" else (other, one)
        return self.alike.same_value(old.node.value, new.node.value)

    def _meaning(self, claim: Claim, kind: str) -> Formula:
        key = (claim, kind)
        if key not in self._meanings:
            self.spend()
            try:
                self._meanings[key] = expand(self.sides.get(claim.side, self.a), claim, kind)
            except TreatyError as error:
                self._meanings[key] = Opaque(_reason(error))
        return self._meanings[key]

    def _settle(self, choice: _Choice, kind: str) -> Outcome:
        """Return a value that meets the atoms, whatever the open alternatives say."""
        atoms = [fact for fact in choice.facts if not isinstance(fact, Claim | Is | Opaque)]
        opaque = [fact for fact in choice.facts if isinstance(fact, Opaque)]
        outcome = _LEAVES[kind](self, atoms, final=not choice.open)
        if opaque and isinstance(outcome, Found):
            return Unknown(opaque[0].reason, (outcome.value,))
        return outcome


def _parts(formula: Some) -> Iterator[Formula]:
    """Yield the alternatives, also those of an alternative that is a list of them."""
    for part in formula.parts:
        if isinstance(part, Some):
            yield from _parts(part)
        else:
            yield part


def _promise(parts: tuple[Formula, ...]) -> tuple[bool, int]:
    """Order alternatives: schemas of which one has to hold say most, then the shortest list."""
    return (not all(isinstance(part, Claim) and part.holds for part in parts), len(parts))


def _reason(error: TreatyError) -> str:
    details = error.problem.errors
    return (details[0].detail if details else error.problem.detail).rstrip(".")


class _Leaf(Protocol):
    """Finds a value of one kind; `final` when no alternative is open any more."""

    def __call__(self, solver: Solver, atoms: Sequence[Atom], /, *, final: bool) -> Outcome: ...


_LEAVES: Mapping[str, _Leaf] = {
    "string": strings.settle,
    "number": numbers.settle,
    "boolean": scalars.boolean,
    "null": scalars.null,
    "array": arrays.settle,
    "object": objects.settle,
}
