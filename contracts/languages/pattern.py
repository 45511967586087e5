"""Turns the tree of a pattern into the language of all texts in which it is found.

Called by `question`. The tree is read from its end, and what follows a piece is known for each
place where the piece may end: at the start of the text, or behind each kind of character that a
lookbehind or the edge of a word tells apart. So every assertion says only what may follow it.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from contracts.languages import sets
from contracts.languages.nodes import Term, Terms
from contracts.languages.sets import Set
from contracts.languages.syntax import NotRegularError, Tree, parse

ASSERTIONS = frozenset(
    {"start", "end", "edge", "not-edge", "ahead", "not-ahead", "behind", "not-behind"}
)
MAX_PLACES = 8
MAX_UNROLLED = 100  # rounds of a repetition that holds assertions

Rest = tuple[Term, ...]  # what follows: at the start, then behind each kind of character


def language(terms: Terms, pattern: str, *, loosely: bool = False) -> Term:
    """Return the texts that the pattern is found in; loosely, also some in which it is not.

    Raises `NotRegularError`, `SpentError`.
    """
    tree = _loose(_parsed(pattern)) if loosely else _parsed(pattern)
    kinds = _kinds(tree)
    first, *later = _Reader(terms, kinds).then(tree, (terms.anything,) * (1 + len(kinds)))
    if all(rest is first for rest in later):
        return terms.cat(terms.anything, first)
    found = [first]
    for kind, rest in zip(kinds, later, strict=True):
        found.append(terms.cat(terms.anything, terms.cat(terms.chars(kind), rest)))
    return terms.alt(*found)


@lru_cache(maxsize=512)
def _parsed(pattern: str) -> Tree:
    return parse(pattern)


def _loose(tree: Tree) -> Tree:
    """Leave out what looks around."""
    if tree.kind in ASSERTIONS - {"start", "end"}:
        return Tree("sequence")
    return replace(tree, parts=tuple(map(_loose, tree.parts)))


def _kinds(tree: Tree) -> tuple[Set, ...]:
    """Divide the characters into those that the assertions of a pattern tell apart."""
    kinds: list[Set] = [sets.ANY]
    for part in _walk(tree):
        told = sets.WORDS if part.kind in ("edge", "not-edge") else part.chars
        if part.kind in ("edge", "not-edge", "behind", "not-behind"):
            halves = ((sets.common(kind, told), sets.without(kind, told)) for kind in kinds)
            kinds = [half for pair in halves for half in pair if half]
        if len(kinds) > MAX_PLACES:
            raise NotRegularError("a pattern looks behind for too many characters")
    return tuple(kinds)


def _walk(tree: Tree) -> Iterator[Tree]:
    todo = [tree]
    while todo:
        part = todo.pop()
        yield part
        todo += part.parts


class _Reader:
    def __init__(self, terms: Terms, kinds: tuple[Set, ...]) -> None:
        self.terms = terms
        self.kinds = kinds
        self.word = terms.cat(terms.chars(sets.WORDS), terms.anything)

    def then(self, tree: Tree, rest: Rest) -> Rest:
        """Return what the tree accepts, followed by `rest`, for each place where it may begin."""
        if tree.kind == "chars":
            return self._chars(tree.chars, rest)
        if tree.kind == "choice":
            return self._either(*(self.then(part, rest) for part in tree.parts))
        if tree.kind == "sequence":
            for part in reversed(tree.parts):
                rest = self.then(part, rest)
            return rest
        if tree.kind == "repeat":
            return self._repeat(tree, rest)
        return self._asserted(tree, rest)

    def _either(self, *ways: Rest) -> Rest:
        return tuple(self.terms.alt(*place) for place in zip(*ways, strict=True))

    def _chars(self, chars: Set, rest: Rest) -> Rest:
        terms = self.terms
        if _same(rest):
            found = terms.cat(terms.chars(sets.common(chars, sets.ANY)), rest[1])
        else:
            found = terms.alt(
                *(
                    terms.cat(terms.chars(sets.common(chars, kind)), after)
                    for kind, after in zip(self.kinds, rest[1:], strict=True)
                )
            )
        return (found,) * len(rest)

    def _asserted(self, tree: Tree, rest: Rest) -> Rest:
        terms = self.terms
        if tree.kind in ("ahead", "not-ahead"):
            seen = self.then(tree.parts[0], (terms.anything,) * len(rest))
        elif tree.kind == "end":
            seen = (terms.empty,) * len(rest)
        elif tree.kind in ("edge", "not-edge"):
            seen = tuple(
                terms.negate(self.word) if sets.common(kind, sets.WORDS) else self.word
                for kind in ((), *self.kinds)
            )
        else:
            places = [bool(sets.common(kind, tree.chars)) for kind in self.kinds]
            here = (tree.low == 1, *places)  # the start itself may be what is looked for
            seen = tuple(terms.anything if met else terms.none for met in here)
        if tree.kind.startswith("not-"):
            seen = tuple(terms.negate(one) for one in seen)
        return tuple(terms.both(one, after) for one, after in zip(seen, rest, strict=True))

    def _repeat(self, tree: Tree, rest: Rest) -> Rest:
        if any(part.kind in ASSERTIONS for part in _walk(tree)):
            return self._rounds(tree, rest)
        terms = self.terms
        inner = self.then(tree.parts[0], (terms.empty,) * len(rest))[0]
        loop = terms.loop(inner, tree.low, tree.high)
        if _same(rest) and rest[0] is rest[1]:
            return (terms.cat(loop, rest[0]),) * len(rest)
        taken = terms.alt(
            *(
                terms.cat(terms.both(loop, terms.cat(terms.anything, terms.chars(kind))), after)
                for kind, after in self._behind(rest)
            )
        )
        return tuple(terms.alt(taken, after) if loop.nullable else taken for after in rest)

    def _behind(self, rest: Rest) -> Iterator[tuple[Set, Term]]:
        """Yield what follows a character, with all the characters which that follows."""
        alike: dict[Term, list[Set]] = {}
        for kind, after in zip(self.kinds, rest[1:], strict=True):
            alike.setdefault(after, []).append(kind)
        for after, kinds in alike.items():
            yield sets.union(*kinds), after

    def _rounds(self, tree: Tree, rest: Rest) -> Rest:
        """Repeat what holds assertions: they look at what follows, so no round is like another."""
        body, high = tree.parts[0], tree.high
        if tree.low > MAX_UNROLLED or (high is not None and high > MAX_UNROLLED):
            raise NotRegularError("a pattern repeats an assertion too often")
        following = rest
        if high is None:
            if not _takes(body):  # ECMA-262 ends a loop whose round takes nothing
                raise NotRegularError("a pattern repeats an assertion without an end")
            following = tuple(self.terms.promise(nullable=after.nullable) for after in rest)
            meant = self._either(self.then(body, following), rest)
            for promised, meaning in zip(following, meant, strict=True):
                self.terms.define(promised, meaning)
        for _ in range((high or tree.low) - tree.low):
            following = self._either(self.then(body, following), rest)
        for _ in range(tree.low):
            following = self.then(body, following)
        return following


def _same(rest: Rest) -> bool:
    return all(after is rest[1] for after in rest[1:])


def _takes(tree: Tree) -> bool:
    """Whether every way through the tree takes a character."""
    if tree.kind == "sequence":
        return any(_takes(part) for part in tree.parts)
    if tree.kind == "choice":
        return all(_takes(part) for part in tree.parts)
    if tree.kind == "repeat":
        return tree.low > 0 and _takes(tree.parts[0])
    return tree.kind == "chars"
