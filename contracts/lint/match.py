"""All `given` expressions in one traversal: a small automaton over the steps of paths.

Its states are (expression, step) pairs; sets of them are worked out once and remembered, so an
edge of the document costs one look-up. A value behind many references is entered once for each
set of states, because what is found there is reported where it is written.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from contracts.document import Json
from contracts.lint.function import Path
from contracts.lint.path.filters import Scope, Test
from contracts.lint.path.syntax import Expression
from contracts.lint.tree import Tree, link, unchain, walk

State = tuple[int, int]  # expression, step that must match next


class Match(NamedTuple):
    """A value that an expression selects, and where it is written."""

    path: Path
    value: Json
    behind: bool = False  # a reference


@dataclass(slots=True)
class _Move:
    """What following one edge means: who is satisfied, and who looks on below.

    `next` is worked out when the edge is first followed: not every set of states occurs.
    """

    accepts: tuple[int, ...]
    states: frozenset[State]
    next: "_Node | None" = None


@dataclass(slots=True)
class _Node:
    """A set of states, with its moves worked out for every name that it mentions."""

    number: int
    names: dict[str, _Move]
    other: _Move
    tests: tuple[tuple[State, Test], ...]
    looks_up: bool
    joined: dict[tuple[Any, ...], _Move] = field(default_factory=dict)


class Matcher:
    """Compiled expressions; `run` may be called for several trees."""

    def __init__(self, expressions: Sequence[Expression]) -> None:
        self.expressions = expressions
        self._nodes: dict[frozenset[State], _Node] = {}

    def run(self, tree: Tree) -> list[list[Match]]:
        """Return the matches of each expression, in the order of the expressions."""
        walked = _Walk(self, tree)
        start = frozenset((i, 0) for i, each in enumerate(self.expressions) if each.steps)
        if start and isinstance(tree.root, dict | list):
            walked.run(self._node(start))
        return [
            [Match((), tree.root)] if not each.steps else walked.matches(index)
            for index, each in enumerate(self.expressions)
        ]

    def _node(self, states: frozenset[State]) -> _Node:
        found = self._nodes.get(states)
        if found is None:
            steps = [(state, self._step(state)) for state in sorted(states)]
            mentioned = {name for _, step in steps for name in step.names or ()}
            tests = tuple((state, step.test) for state, step in steps if step.test is not None)
            nothing = _Move((), frozenset())
            found = _Node(len(self._nodes), {}, nothing, tests, any(t.looks_up for _, t in tests))
            self._nodes[states] = found
            found.names.update((name, self._move(steps, name)) for name in mentioned)
            found.other = self._move(steps, None)
        return found

    def _step(self, state: State) -> Any:
        return self.expressions[state[0]].steps[state[1]]

    def _move(self, steps: Iterable[tuple[State, Any]], name: str | None) -> _Move:
        accepts: list[int] = []
        states: set[State] = set()
        for state, step in steps:
            if step.descends:
                states.add(state)
            if step.test is None and (step.names is None or name in step.names):
                self._advance(state, accepts, states)
        return self._made(accepts, states)

    def _advance(self, state: State, accepts: list[int], states: set[State]) -> None:
        expression, step = state
        if step + 1 == len(self.expressions[expression].steps):
            accepts.append(expression)
        else:
            states.add((expression, step + 1))

    def _made(self, accepts: Iterable[int], states: set[State]) -> _Move:
        return _Move(tuple(accepts), frozenset(states))

    def below(self, move: _Move) -> _Node:
        """Return who looks on below an edge that has states."""
        if move.next is None:
            move.next = self._node(move.states)
        return move.next

    def join(self, node: _Node, name: str, move: _Move, passed: tuple[State, ...]) -> _Move:
        """Return the move of an edge whose value also passes the tests of some states."""
        key = (name if move is not node.other else None, passed)
        found = node.joined.get(key)
        if found is None:
            accepts, states = list(move.accepts), set(move.states)
            for state in passed:
                self._advance(state, accepts, states)
            found = node.joined[key] = self._made(accepts, states)
        return found


class _Walk:
    """One traversal of one tree; paths are linked lists that start anew behind a reference."""

    def __init__(self, matcher: Matcher, tree: Tree) -> None:
        self.matcher = matcher
        self.tree = tree
        self.hits: list[list[Any]] = [[] for _ in matcher.expressions]

    def run(self, start: _Node) -> None:
        hits, targets = self.hits, self.tree.targets
        seen: set[tuple[Any, ...]] = set()
        stack: list[Any] = [(self.tree.root, None, None, start, False)]
        while stack:
            value, chain, above, node, behind = stack.pop()
            names, other, tests = node.names, node.other, node.tests
            members = value.items() if isinstance(value, dict) else enumerate(value)
            for key, child in members:
                name = key if isinstance(key, str) else str(key)
                move = names.get(name, other)
                if tests:
                    scope = Scope(key, child, value, above, self.tree.root)
                    if passed := _passed(tests, scope):
                        move = self.matcher.join(node, name, move, passed)
                for expression in move.accepts:
                    hits[expression].append((chain, key, child, value, behind))
                if not move.states or not child or not isinstance(child, dict | list):
                    continue
                below = move.next or self.matcher.below(move)
                inner: Any = (chain, key)
                follows = behind
                if (target := targets.get(id(child))) is not None:
                    follows = behind or not same(target, inner)
                    mark = (id(child), below.number, follows, key if below.looks_up else None)
                    if mark in seen:
                        continue
                    seen.add(mark)
                    inner = relinked(target)
                stack.append((child, inner, key, below, follows))

    def matches(self, index: int) -> list[Match]:
        """Return the matches of an expression, one for each place in the text."""
        expression = self.matcher.expressions[index]
        found: dict[tuple[Path, bool], Match] = {}
        for hit in self.hits[index]:
            match = self._match(expression, *hit)
            found.setdefault((match.path, match.behind), match)
        return list(found.values())

    def _match(
        self, expression: Expression, chain: Any, key: Any, child: Json, parent: Json, behind: bool
    ) -> Match:
        path = (*unchain(chain), key)
        value = child
        if expression.parents == 1:
            path, value = path[:-1], parent
        elif expression.parents:
            path = path[: -expression.parents]
            value = walk(self.tree.root, path)
        elif id(child) in self.tree.targets:
            path, behind = self._written(path, child, behind)
        if expression.names:
            return Match(path, path[-1] if path else None, behind)
        return Match(path, value, behind)

    def _written(self, path: Path, child: Json, behind: bool) -> tuple[Path, bool]:
        written = walk(self.tree.document.root, path)
        if link(written) is None:
            return path, behind
        # A `$ref` with members beside it keeps its own place, where none was followed before.
        if not behind and isinstance(written, dict) and len(written) > 1:
            return path, False
        return self.tree.targets[id(child)], True


def _passed(tests: Iterable[tuple[State, Test]], scope: Scope) -> tuple[State, ...]:
    value = scope.value
    mapping = isinstance(value, dict)
    return tuple(
        state
        for state, test in tests
        if (test.needs is None or (mapping and test.needs in value)) and test.holds(scope)  # type: ignore[operator]  # only mappings get there
    )


def same(path: Path, chain: Any) -> bool:
    """Return whether a linked list of keys spells a path."""
    return unchain(chain) == path


def relinked(path: Path) -> Any:
    """Return a path as the linked list that `unchain` reads."""
    chain: Any = None
    for key in path:
        chain = (chain, key)
    return chain
