"""Finds a text that some patterns accept and others do not, or proves that there is none.

Called by `contracts.containment.strings`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from contracts.languages import sets
from contracts.languages.matching import matches
from contracts.languages.nodes import SpentError, Term, Terms
from contracts.languages.order import Order
from contracts.languages.pattern import language
from contracts.languages.syntax import NotRegularError
from contracts.languages.unwanted import Unwanted

BUDGET = 10_000  # states: what is still asked of the rest of a text
MAX_LAYERS = 100_000  # a text that is asked to be longer is not written out
_WORK = 40  # steps that one state may take, on average
_WIDTHS = (16, 3)  # states of one length that a narrow search looks at; fewer reach further


@dataclass(frozen=True, slots=True)
class Question:
    """What is wanted of a text; lengths count code points, `longest` None is without end."""

    matches: tuple[str, ...] = ()
    refuses: tuple[str, ...] = ()
    shortest: int = 0
    longest: int | None = None
    distinct_from: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """A shortest text, of letters and digits where it may be."""

    text: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """Proven: there is no such text."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not decided, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class _State:
    """What the rest of a text has to be in, what it must not be in, and which it must not be."""

    wanted: tuple[Term, ...]
    refused: tuple[Term, ...]
    unwanted: Unwanted | None


Way = tuple["Way | None", int]  # the way before, and the character that came then
Layer = dict[_State, Way | None]


def answer(question: Question, *, budget: int = BUDGET) -> Found | Nothing | Unknown:
    """Return a text that meets the question, the proof that there is none, or why not known.

    `budget` counts states. When they are spent, a quarter of them is tried on each of the easier
    questions: whether nothing matches even without lookarounds, and whether a search that leaves
    most states out comes to a text (which is then a text, but maybe not a shortest).
    """
    try:
        found = _tried(question, budget)
        if found is None and isinstance(_tried(question, budget // 4, loosely=True), Nothing):
            return Nothing()
        for width in _WIDTHS if found is None else ():
            narrow = _tried(question, budget // 4, width=width)
            if isinstance(narrow, Found):
                return narrow
    except RecursionError:
        return Unknown("a pattern is nested too deeply")
    return Unknown("a pattern takes too many steps") if found is None else found


def _tried(
    question: Question, budget: int, *, loosely: bool = False, width: int | None = None
) -> Found | Nothing | Unknown | None:
    """Return the answer, None when the budget was spent."""
    try:
        return _Search(question, budget, width).run(loosely=loosely)
    except SpentError:
        return None


class _Search:
    def __init__(self, question: Question, budget: int, width: int | None) -> None:
        self.question = question
        self.budget = budget
        self.width = width
        self.terms = Terms(budget * _WORK)
        self.order = Order(self.terms.empty)
        self.unread: dict[str, str] = {}  # patterns, and why
        self._moves: dict[_State, tuple[tuple[int, _State], ...]] = {}

    def run(self, *, loosely: bool) -> Found | Nothing | Unknown:
        """Leave out what cannot be read: what is nothing then is nothing with more to meet."""
        found = self._search(loosely=loosely)
        if not isinstance(found, Found):
            return found
        for pattern, reason in self.unread.items():
            if matches(pattern, found.text) is not (pattern in self.question.matches):
                return Unknown(reason)
        return found

    def _read(self, pattern: str, *, loosely: bool = False) -> Term | None:
        try:
            return language(self.terms, pattern, loosely=loosely)
        except NotRegularError as error:
            self.unread[pattern] = str(error)
            return None

    def _search(self, *, loosely: bool) -> Found | Nothing | Unknown:
        question = self.question
        if set(question.matches) & set(question.refuses):
            return Nothing()
        start = self._state(
            filter(None, (self._read(text, loosely=loosely) for text in question.matches)),
            filter(None, (self._read(text) for text in question.refuses)),
            Unwanted.of(question.distinct_from),
        )
        layer: Layer = {} if start is None else {start: None}
        for _ in range(min(question.shortest, MAX_LAYERS)):
            if not layer:
                return Nothing()
            layer = self._next(layer)
        if layer and question.shortest > MAX_LAYERS:
            return Unknown("a text would be too long")
        return self._within(layer, question.shortest)

    def _within(self, layer: Layer, length: int) -> Found | Nothing:
        """Look for the end of a text; a state that was met before needs no second look."""
        seen = set(layer)
        while layer and (self.question.longest is None or length <= self.question.longest):
            for state, way in layer.items():
                if _ends(state):
                    return Found(_text(way))
            reached = self._next(layer)
            layer = {state: way for state, way in reached.items() if state not in seen}
            seen.update(layer)
            length += 1
        return Nothing()

    def _next(self, layer: Layer) -> Layer:
        """Return the states one character further, with the nicest way to each."""
        following: Layer = {}
        for state, way in layer.items():
            moves = self._moves.get(state)
            if moves is None:
                if len(self._moves) >= self.budget:
                    raise SpentError
                moves = self._moves[state] = tuple(self._ahead(state))
            self.terms.spend(1)
            for point, reached in moves:
                following.setdefault(reached, (way, point))
        return following if self.width is None else dict(islice(following.items(), self.width))

    def _ahead(self, state: _State) -> Iterator[tuple[int, _State]]:
        divisions = (self.terms.classes(term) for term in (*state.wanted, *state.refused))
        choices: list[tuple[tuple[int, int], Unwanted | None]] = []
        for alike in self.terms.cross(divisions):
            left, spelled = state.unwanted.divide(alike) if state.unwanted else (alike, ())
            choices += [(sets.nice(left), None)] if left else []
            choices += [(sets.nice(sets.only(point)), after) for point, after in spelled]
        for (_, point), unwanted in sorted(choices, key=lambda choice: choice[0]):
            reached = self._state(
                (self.terms.derive(term, point) for term in state.wanted),
                (self.terms.derive(term, point) for term in state.refused),
                unwanted,
            )
            if reached is not None:
                yield point, reached

    def _state(
        self, wanted: Iterable[Term], refused: Iterable[Term], unwanted: Unwanted | None
    ) -> _State | None:
        """Return the state, None when no text leads from it to an end."""
        all_of = {term.number: term for term in wanted if term is not self.terms.anything}
        none_of = {term.number: term for term in refused if term is not self.terms.none}
        if self.terms.none.number in all_of or self.terms.anything.number in none_of:
            return None
        if any(self.order.within(a, b) for a in all_of.values() for b in none_of.values()):
            return None
        return _State(
            tuple(all_of[number] for number in sorted(all_of)),
            tuple(none_of[number] for number in sorted(none_of)),
            unwanted,
        )


def _ends(state: _State) -> bool:
    return (
        all(term.nullable for term in state.wanted)
        and not any(term.nullable for term in state.refused)
        and not (state.unwanted is not None and state.unwanted.whole)
    )


def _text(way: Way | None) -> str:
    points = []
    while way is not None:
        points.append(way[1])
        way = way[0]
    return "".join(map(chr, reversed(points)))
