"""`given` expressions as steps. The dialect is JSONPath-Plus as Spectral runs it.

Beyond RFC 9535: bare words in unions (`[get,put]`), `~` for names, `^` for parents, and filters in
JavaScript (`filters.py`). Called by `match.py`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contracts.lint.function import UnsupportedError
from contracts.lint.path import filters
from contracts.lint.path.filters import Test

MAX_LENGTH = 4_000
MAX_STEPS = 100
_NAME = re.compile(r"[^.\[\]^~()*\s'\"@]+")
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_SLICE = re.compile(r"\s*(-?\d{0,9})\s*:\s*(-?\d{0,9})\s*(?::\s*(-?\d{0,9})\s*)?")
_LAST = re.compile(r"\(\s*@\.length\s*-\s*(\d{1,9})\s*\)")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CLOSING = {"[": "]", "(": ")"}


@dataclass(frozen=True, slots=True)
class Step:
    """One segment: by names (None: any), narrowed by a test, here or anywhere below."""

    names: frozenset[str] | None
    test: Test | None = None
    descends: bool = False


@dataclass(frozen=True, slots=True)
class Expression:
    """A whole path: its steps, then how many parents up, then whether the name is the value."""

    text: str
    steps: tuple[Step, ...]
    parents: int = 0
    names: bool = False


def parse(text: str) -> Expression:
    """Return the steps of an expression. Raises `UnsupportedError`."""
    if len(text) > MAX_LENGTH:
        raise UnsupportedError(f"an expression longer than {MAX_LENGTH} characters")
    return _Parser(text.strip()).expression()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def expression(self) -> Expression:
        if not self.text.startswith("$"):
            raise self._unknown()
        self.at = 1
        steps: list[Step] = []
        while self.at < len(self.text) and self.text[self.at] not in "^~":
            steps.append(self._step())
            if len(steps) > MAX_STEPS:
                raise UnsupportedError(f"an expression of more than {MAX_STEPS} steps")
        tail = re.fullmatch(r"(\^*)(~?)", self.text[self.at :])
        if tail is None or len(tail[1]) > len(steps):
            raise self._unknown()
        return Expression(self.text, tuple(steps), len(tail[1]), bool(tail[2]))

    def _step(self) -> Step:
        descends = self.text.startswith("..", self.at)
        dotted = descends or self.text.startswith(".", self.at)
        self.at += 2 if descends else int(dotted)
        if self.text.startswith("[", self.at):
            return self._bracket(descends)
        if not dotted:
            raise self._unknown()
        if self.text.startswith("*", self.at):
            self.at += 1
            return Step(None, None, descends)
        if self.text.startswith("`", self.at):  # what follows is a name, whatever it looks like
            self.at += 1
        name = _NAME.match(self.text, self.at)
        if name is None:
            raise self._unknown()
        self.at = name.end()
        return Step(frozenset([name[0]]), None, descends)

    def _bracket(self, descends: bool) -> Step:
        start = self.at + 1
        self.at = closing(self.text, self.at, self._unknown) + 1
        inner = self.text[start : self.at - 1].strip()
        if inner == "*":
            return Step(None, None, descends)
        if inner.startswith("?"):
            return Step(None, filters.compiled(inner[1:]), descends)
        if found := _SLICE.fullmatch(inner):
            return Step(None, _slice(*_bounds(found)), descends)
        if found := _LAST.fullmatch(inner):
            return Step(None, _from_end(int(found[1])), descends)
        return Step(frozenset(self._union(inner)), None, descends)

    def _union(self, inner: str) -> list[str]:
        names: list[str] = []
        at = 0
        while True:
            while inner[at : at + 1].isspace():
                at += 1
            if quoted := _QUOTED.match(inner, at):
                names.append(_ESCAPE.sub(r"\1", quoted[0][1:-1]))
                end = quoted.end()
            else:
                comma = inner.find(",", at)
                end = len(inner) if comma < 0 else comma
                bare = inner[at:end].strip()
                if not bare or any(char in "()'\"[]?@*" for char in bare):
                    raise self._unknown()
                names.append(bare)
            rest = inner[end:].lstrip()
            if not rest:
                return names
            if not rest.startswith(","):
                raise self._unknown()
            at = len(inner) - len(rest) + 1

    def _unknown(self) -> UnsupportedError:
        return UnsupportedError(f"the expression '{self.text[:200]}' at character {self.at + 1}")


def closing(text: str, start: int, refusal: Callable[[], Exception]) -> int:
    """Return where the bracket at `start` closes; brackets in quotes and patterns do not count."""
    stack: list[str] = []
    at = start
    while at < len(text):
        char = text[at]
        if quoted := _QUOTED.match(text, at):
            at = quoted.end()
            continue
        if char == "/" and text[:at].rstrip()[-1:] in "(=,|&!" and (end := pattern(text, at)):
            at = end
            continue
        if char in _CLOSING:
            stack.append(_CLOSING[char])
        elif char in ")]":
            if not stack or stack.pop() != char:
                break
            if not stack:
                return at
        at += 1
    raise refusal()


_PATTERN = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")


def pattern(text: str, at: int) -> int | None:
    """Return where the regular expression literal at `at` ends, None when there is none."""
    found = _PATTERN.match(text, at)
    return found.end() if found else None


def _bounds(found: re.Match[str]) -> tuple[int | None, int | None, int | None]:
    start, stop, stride = (int(part) if part and part != "-" else None for part in found.groups())
    if stride is not None and stride <= 0:
        raise UnsupportedError(f"the slice '[{found[0]}]'")
    return start, stop, stride


def _slice(start: int | None, stop: int | None, stride: int | None) -> Test:
    def inside(scope: Any) -> bool:
        size = len(scope.parent) if isinstance(scope.parent, list) else 0
        return isinstance(scope.key, int) and scope.key in range(
            *slice(start, stop, stride).indices(size)
        )

    return Test(inside)


def _from_end(count: int) -> Test:
    """Return the test for one item, `count` before the end of its list."""

    def inside(scope: Any) -> bool:
        return isinstance(scope.parent, list) and scope.key == len(scope.parent) - count

    return Test(inside)
