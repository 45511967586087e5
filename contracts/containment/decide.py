"""Decides `a ⊆ b` for the schemas of two versions, and finds and proves what is in between.

The door of this room: `contracts.compat` asks here. A value counts only when an independent
validator says that one side accepts it and the other does not.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from contracts.containment.claims import (
    Claim,
    Formula,
    Goal,
    Has,
    Item,
    Lacks,
    either,
)
from contracts.containment.expand import claim_of
from contracts.containment.outcome import NONE, Found, Unknown
from contracts.containment.proof import Prover
from contracts.containment.search import Solver, SpentError
from contracts.containment.words import Side
from contracts.document import Json
from contracts.errors import TreatyError
from contracts.sameness import Sameness
from contracts.schema import Spot

BUDGET = 20_000  # steps of one question; far above what real schemas need
_SHRINKS = 200
_TOO_LONG = "it would take too many steps"
_PATIENCE = 16  # questions that may use up their budget; each further such number halves it


@dataclass(frozen=True, slots=True)
class Contained:
    """Proven: `b` accepts everything that `a` accepts."""


@dataclass(frozen=True, slots=True)
class Refuted:
    """`a` accepts the value and `b` rejects it; an independent validator agrees."""

    value: Json


@dataclass(frozen=True, slots=True)
class Undecided:
    """Neither is proven, and why."""

    reason: str


Answer = Contained | Refuted | Undecided


@dataclass(frozen=True, slots=True)
class Step:
    """A step from a pair of schemas to a pair inside it: `.name`, `.*`, `[]` or `<branch>`."""

    segment: str
    a: Spot
    b: Spot


class Containment:
    """Questions about one writer `a` and one reader `b`; answers are remembered."""

    def __init__(
        self, a: Side, b: Side, alike: Sameness | None, *, lenient: bool, budget: int = BUDGET
    ) -> None:
        self.a = a
        self.b = b
        self._budget = budget
        self._given_up = 0
        self._solver = Solver(a, b, alike, lenient=lenient, budget=0)
        self._provers = (Prover(a, writes=True), Prover(b, writes=False))
        self._known: dict[tuple[object, ...], Answer] = {}
        self._contained: dict[tuple[object, ...], bool] = {}

    @property
    def steps(self) -> int:
        """How many steps all questions took."""
        return self._solver.steps

    def ask(self, a: Spot, b: Spot) -> Answer:
        """Return whether `b` accepts everything that `a` accepts."""
        key = (a.key, b.key)
        if key not in self._known:
            self._known[key] = self._attempt(
                lambda: self._search(a, b, self._holds(a) | {self._violated(b)})
            )
        return self._known[key]

    def contained(self, a: Spot, b: Spot) -> bool:
        """Whether it is proven that `b` accepts everything that `a` accepts; no validator is asked."""
        key = (a.key, b.key)
        if key not in self._contained:
            answer = self._attempt(lambda: self._decide(self._holds(a) | {self._violated(b)}))
            self._contained[key] = isinstance(answer, Contained)
        return self._contained[key]

    def _decide(self, goal: Goal) -> Answer:
        return Contained() if self._solver.solve(goal) is NONE else Undecided("")

    def witness(self, trail: tuple[Step, ...], focus: Iterable["Focus"]) -> Refuted | None:
        """Return a value for the schemas that a trail starts from, refuted because of its end.

        `focus` names what the end of the trail is about, the most exact first.
        """
        for wanted in focus:
            answer = self._attempt(partial(self._follow, trail, wanted))
            if isinstance(answer, Refuted):
                return answer
        return None

    def _follow(self, trail: tuple[Step, ...], focus: "Focus") -> Answer:
        """Look for a value that is refused at the end of the trail, and so at its start."""
        a, b = trail[0].a, trail[0].b
        goal = self._lifted(trail, self._end(trail[-1], focus))
        answer = self._search(a, b, goal)
        if isinstance(answer, Refuted) or len(trail) == 1:
            return answer
        # Other branches may accept it: ask for a value that the start refuses, too.
        return self._search(a, b, goal | {self._violated(b)})

    def _attempt(self, search: Callable[[], Answer]) -> Answer:
        """Search within the budget; whatever stops it makes the question undecided."""
        budget = max(self._budget >> (self._given_up // _PATIENCE), 1)
        self._solver.budget = self._solver.steps + budget
        try:
            return search()
        except SpentError:
            self._given_up += 1
            return Undecided(_TOO_LONG)
        except RecursionError:
            return Undecided("it is nested too deeply")
        except TreatyError as error:
            details = error.problem.errors
            text = details[0].detail if details else error.problem.detail
            return Undecided(text.rstrip("."))

    def _search(self, a: Spot, b: Spot, goal: Goal) -> Answer:
        self._solver.hunches = ()
        try:
            outcome = self._solver.solve(goal)
        except SpentError:
            outcome = Unknown(_TOO_LONG, self._solver.hunches)
            self._given_up += 1
        if outcome is NONE:
            return Contained()
        guesses = [outcome.value] if isinstance(outcome, Found) else []
        guesses += outcome.guesses if isinstance(outcome, Unknown) else ()
        for value in guesses:
            if self._proven(a, b, value):
                return Refuted(self._smaller(a, b, value))
        reason = outcome.reason if isinstance(outcome, Unknown) else "a validator disagrees"
        return Undecided(reason)

    def _proven(self, a: Spot, b: Spot, value: Json) -> bool:
        return (
            self._provers[0].accepts(a.nodes, value) is True
            and self._provers[1].accepts(b.nodes, value) is False
        )

    def _holds(self, spot: Spot) -> Goal:
        return frozenset(self._claim(self.a, spot, holds=True))

    def _violated(self, spot: Spot, only: tuple[str, ...] = ()) -> Formula:
        return either(
            Claim(c.side, c.holds, c.pointer, c.node, only)
            for c in self._claim(self.b, spot, holds=False)
        )

    def _claim(self, side: Side, spot: Spot, *, holds: bool) -> Iterator[Claim]:
        for node in spot.nodes:
            yield claim_of(side, node, holds=holds)

    def _end(self, last: Step, focus: "Focus") -> Goal:
        return self._holds(last.a) | {self._violated(last.b, focus.keywords), *focus.facts}

    def _lifted(self, trail: tuple[Step, ...], goal: Goal) -> Goal:
        """Return the goal at the start of the trail that leads to `goal` at its end."""
        for inner, outer in zip(reversed(trail), reversed(trail[:-1]), strict=False):
            if inner.segment.startswith("<"):
                goal |= self._holds(outer.a)
            elif inner.segment == "[]":
                goal = self._holds(outer.a) | {Item(goal)}
            elif inner.segment == ".*":
                goal = self._holds(outer.a) | {Has(goal)}
            else:
                goal = self._holds(outer.a) | {Has(goal, inner.segment.removeprefix("."))}
        return goal

    def _smaller(self, a: Spot, b: Spot, value: Json) -> Json:
        """Return the value without the parts that the proof does not need."""
        tries = 0
        while True:
            for smaller in _without_a_part(value):
                tries += 1
                if tries > _SHRINKS:
                    return value
                if self._proven(a, b, smaller):
                    value = smaller
                    break
            else:
                return value


@dataclass(frozen=True, slots=True)
class Focus:
    """What a value is searched for: a violation of these keywords (any, when empty), and facts."""

    keywords: tuple[str, ...] = ()
    facts: tuple[Formula, ...] = ()


ANYTHING = Focus()


def about(keyword: str, member: str) -> tuple[Focus, ...]:
    """Return the focuses for a finding about a keyword and, unless empty, a member."""
    exact = (keyword,) if keyword else ()
    named = (Lacks(member), Has(frozenset(), member)) if member else ()
    focuses = [Focus(exact, (fact,)) for fact in named] + [Focus(exact)]
    return tuple(dict.fromkeys((*focuses, *(Focus((), (fact,)) for fact in named), ANYTHING)))


def _without_a_part(value: Json) -> Iterator[Json]:
    """Yield the values that lack one member or item, at any depth."""
    if isinstance(value, dict):
        for name in value:
            yield {key: item for key, item in value.items() if key != name}
        for name, item in value.items():
            yield from ({**value, name: smaller} for smaller in _without_a_part(item))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield value[:index] + value[index + 1 :]
        for index, item in enumerate(value):
            for smaller in _without_a_part(item):
                yield [*value[:index], smaller, *value[index + 1 :]]
