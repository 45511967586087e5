"""Finds a text that some patterns accept and others do not, or proves that there is none.

Called by `contracts.containment.strings`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.languages import sets
from contracts.languages.nodes import Term, Terms, TooManyClassesError
from contracts.languages.pattern import language, texts
from contracts.languages.syntax import NotRegularError

BUDGET = 20_000  # terms; a state of the search is one term
MAX_SHORTEST = 2_000
MAX_EXCLUDED = 2_000  # characters of texts that are not wanted


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


Way = tuple["Way | None", int]  # the way before, and the character that came then


def answer(question: Question, *, budget: int = BUDGET) -> Found | Nothing | Unknown:
    """Return a text that meets the question, the proof that there is none, or why not known."""
    if question.shortest > MAX_SHORTEST:
        return Unknown("a text would be too long")
    try:
        return _Search(question, budget).run()
    except NotRegularError as error:
        return Unknown(str(error))
    except (TooManyClassesError, _SpentError):
        return Unknown("a pattern takes too many steps")
    except RecursionError:
        return Unknown("a pattern is nested too deeply")


class _SpentError(Exception):
    pass


class _Search:
    def __init__(self, question: Question, budget: int) -> None:
        self.question = question
        self.budget = budget
        self.steps = 0
        self.terms = Terms()
        terms = self.terms
        wanted = [texts(terms)]
        wanted += [language(terms, pattern) for pattern in question.matches]
        wanted += [terms.negate(language(terms, pattern)) for pattern in question.refuses]
        self.start = terms.derive(terms.both(*wanted, *self._unlike()), sets.START)

    def _unlike(self) -> Iterator[Term]:
        """Yield the languages of the texts that are not wanted, negated."""
        terms = self.terms
        if sum(map(len, self.question.distinct_from)) > MAX_EXCLUDED:
            raise NotRegularError("too many texts are excluded")
        for text in sorted(self.question.distinct_from):
            word = terms.chars(((sets.END, sets.END),))
            for char in reversed(text):
                word = terms.cat(terms.chars(((ord(char), ord(char)),)), word)
            yield terms.negate(terms.cat(terms.chars(((sets.START, sets.START),)), word))

    def run(self) -> Found | Nothing:
        layer: dict[Term, Way | None] = {self.start: None}
        for _ in range(self.question.shortest):
            layer = self._next(layer, set())
        longest = self.question.longest
        left = None if longest is None else longest - self.question.shortest
        seen = set(layer)
        while layer and (left is None or left >= 0):
            for term, way in layer.items():
                if self.terms.derive(term, sets.END).nullable:
                    return Found(_text(way))
            layer = self._next(layer, seen)
            seen |= layer.keys()
            left = None if left is None else left - 1
        return Nothing()

    def _next(self, layer: dict[Term, Way | None], seen: set[Term]) -> dict[Term, Way | None]:
        """Return the terms one character further, with the nicest way to each."""
        following: dict[Term, Way | None] = {}
        for term, way in layer.items():
            ranked = sorted(
                sets.nice(chars)
                for whole in self.terms.classes(term)
                if (chars := sets.common(whole, sets.ANY))
            )
            for _, point in ranked:
                self._spend()
                derived = self.terms.derive(term, point)
                if derived is not self.terms.none and derived not in seen:
                    following.setdefault(derived, (way, point))
        return following

    def _spend(self) -> None:
        self.steps += 1
        if self.terms.made > self.budget or self.steps > self.budget:
            raise _SpentError


def _text(way: Way | None) -> str:
    points = []
    while way is not None:
        points.append(way[1])
        way = way[0]
    return "".join(map(chr, reversed(points)))
