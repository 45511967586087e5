"""Reads ECMAScript patterns (ECMA-262, 22.2.1) into a tree. Called by `pattern`."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from contracts.languages import sets
from contracts.languages.sets import Set

MAX_LENGTH = 5_000
MAX_DEPTH = 40
MAX_REPEAT = 100_000


class NotRegularError(Exception):
    """The pattern is invalid, or uses what regular languages do not have; says which."""


@dataclass(frozen=True, slots=True)
class Tree:
    """One piece: chars, sequence, choice, repeat; start, end, (not-)edge, -ahead or -behind.

    Of a repetition, `low` and `high` are the bounds. What is looked for behind is one of `chars`,
    or also the start of the text when `low` is 1.
    """

    kind: str
    parts: tuple[Tree, ...] = ()
    chars: Set = ()
    low: int = 0
    high: int | None = None


_CONTROL = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "0": 0}
_HIGH_SURROGATES = range(0xD800, 0xDC00)
_LOW_SURROGATES = range(0xDC00, 0xE000)
_HEX = frozenset("0123456789abcdefABCDEF")
_MAX_DIGITS = 9
_LOOKS = ("(?=", "(?!", "(?<=", "(?<!")
_GROUPS = {"?=": "ahead", "?!": "not-ahead", "?<=": "behind", "?<!": "not-behind", "?:": ""}
_CLASSES = {"d": sets.DIGITS, "w": sets.WORDS, "s": sets.SPACES}


def parse(pattern: str) -> Tree:
    """Return the tree of a pattern. Raises `NotRegularError`."""
    if len(pattern) > MAX_LENGTH:
        raise NotRegularError("a pattern is too long")
    reader = _Reader(pattern)
    tree = reader.choice(0)
    if reader.at < len(pattern):
        raise NotRegularError("a pattern has an unmatched `)`")
    return tree


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.names: set[str] = set()

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _next(self) -> str:
        char = self._peek()
        if not char:
            raise NotRegularError("a pattern ends too early")
        self.at += 1
        return char

    def _take(self, word: str) -> bool:
        if self.text.startswith(word, self.at):
            self.at += len(word)
            return True
        return False

    def choice(self, depth: int) -> Tree:
        if depth > MAX_DEPTH:
            raise NotRegularError("a pattern is nested too deeply")
        options = [self._sequence(depth)]
        while self._take("|"):
            options.append(self._sequence(depth))
        return options[0] if len(options) == 1 else Tree("choice", tuple(options))

    def _sequence(self, depth: int) -> Tree:
        parts = []
        while self._peek() not in ("", "|", ")"):
            whole = self._peek() == "(" and not self.text.startswith(_LOOKS, self.at)
            atom = self._atom(depth)
            parts.append(self._repeated(atom, whole=whole or atom.kind == "chars"))
        return parts[0] if len(parts) == 1 else Tree("sequence", tuple(parts))

    def _repeated(self, atom: Tree, *, whole: bool) -> Tree:
        bounds = self._bounds()
        if bounds is None:
            return atom
        self._take("?")  # lazy or greedy: the same texts match
        if not whole:
            raise NotRegularError("a pattern repeats an assertion")
        return Tree("repeat", (atom,), low=bounds[0], high=bounds[1])

    def _bounds(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                return bounds
        end = self.text.find("}", self.at)
        if self._peek() != "{" or end < 0:
            return None
        low, comma, high = self.text[self.at + 1 : end].partition(",")
        if not low.strip() and _count(high.strip()):
            raise NotRegularError("engines differ about a repetition without a least number")
        if not _count(low) or (high and not _count(high)):
            return None  # a brace that is a character, outside of unicode mode
        self.at = end + 1
        top = int(high) if high else (None if comma else int(low))
        if int(low) > MAX_REPEAT or (top or 0) > MAX_REPEAT or (top is not None and top < int(low)):
            raise NotRegularError("a pattern repeats too often")
        return int(low), top

    def _atom(self, depth: int) -> Tree:
        char = self._next()
        if char == "^":
            return Tree("start", low=1)
        if char == "$":
            return Tree("end")
        if char == ".":
            return Tree("chars", chars=sets.without(sets.ANY, sets.LINES))
        if char == "[":
            return Tree("chars", chars=self._class())
        if char == "(":
            return self._group(depth)
        if char == "\\":
            if self._peek() in ("b", "B"):
                return Tree("edge" if self._next() == "b" else "not-edge")
            return Tree("chars", chars=self._escape(in_class=False))
        self.at -= 1
        if self._bounds() is not None:
            raise NotRegularError("a pattern has nothing to repeat")
        self.at += 1
        return Tree("chars", chars=sets.only(ord(char)))

    def _group(self, depth: int) -> Tree:
        kind = ""
        for sign, found in _GROUPS.items():
            if self._take(sign):
                kind = found
                break
        else:
            if self._take("?<"):
                self._name()
            elif self._peek() == "?":
                raise NotRegularError("a pattern sets flags, or has a group that is not known")
        tree = self.choice(depth + 1)
        if not self._take(")"):
            raise NotRegularError("a pattern has an unmatched `(`")
        if kind in ("behind", "not-behind"):
            return _behind(kind, tree)
        return Tree(kind, (tree,)) if kind else tree

    def _name(self) -> None:
        end = self.text.find(">", self.at)
        name = self.text[self.at : end]
        if end < 0 or not name.replace("$", "_").isidentifier() or name in self.names:
            raise NotRegularError("a pattern has a group without a name of its own")
        self.names.add(name)
        self.at = end + 1

    def _class(self) -> Set:
        negated = self._take("^")
        found: list[Set] = []
        while not self._take("]"):
            low = self._member()
            if self._peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self._member()
                if (
                    len(low) == len(high) == 1
                    and low[0][0] == low[0][1]
                    and high[0][0] == high[0][1]
                ):
                    if low[0][0] > high[0][0]:
                        raise NotRegularError("a pattern has a range out of order")
                    low = ((low[0][0], high[0][0]),)
                else:
                    low = sets.union(low, high, sets.only(ord("-")))
            found.append(low)
        chars = sets.union(*found)
        return sets.common(sets.complement(chars), sets.ANY) if negated else chars

    def _member(self) -> Set:
        char = self._next()
        return self._escape(in_class=True) if char == "\\" else sets.only(ord(char))

    def _escape(self, *, in_class: bool) -> Set:
        char = self._next()
        if char.lower() in _CLASSES:
            chars = _CLASSES[char.lower()]
            return chars if char.islower() else sets.without(sets.ANY, chars)
        if char in _CONTROL and not (char == "0" and self._peek().isdigit()):
            return sets.only(_CONTROL[char])
        if char in "pP" and self._peek() == "{":
            return self._property(negated=char == "P")
        if char in "xu":
            return sets.only(self._code(char))
        if char == "c" and self._peek().isascii() and self._peek().isalpha():
            return sets.only(ord(self._next()) % 32)
        if in_class and char == "b":
            return sets.only(8)
        if char.isdigit():
            raise NotRegularError("a pattern refers back to a group")
        if char.isalpha():  # without a meaning in ECMA-262, but often with one elsewhere
            raise NotRegularError("a pattern has an escape that is not known")
        return sets.only(ord(char))

    def _property(self, *, negated: bool) -> Set:
        end = self.text.find("}", self.at)
        chars = sets.category(self.text[self.at + 1 : end])
        if end < 0 or chars is None:
            raise NotRegularError("a pattern names a property of characters that is not known")
        self.at = end + 1
        return sets.without(sets.ANY, chars) if negated else chars

    def _code(self, kind: str) -> int:
        if kind == "u" and self._take("{"):
            end = self.text.find("}", self.at)
            digits, self.at = self.text[self.at : max(end, 0)], end + 1
            return self._point(digits)
        count = 2 if kind == "x" else 4
        point = self._point(self._digits(count))
        if kind == "u" and point in _HIGH_SURROGATES and self._take("\\u"):
            low = self._point(self._digits(count))
            if low not in _LOW_SURROGATES:
                raise NotRegularError("a pattern has half of a character")
            point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00)
        return point

    def _digits(self, count: int) -> str:
        digits, self.at = self.text[self.at : self.at + count], self.at + count
        return digits if len(digits) == count else ""

    def _point(self, digits: str) -> int:
        if not digits or not _HEX.issuperset(digits) or int(digits, 16) > sys.maxunicode:
            raise NotRegularError("a pattern has a broken escape")
        return int(digits, 16)


def _behind(kind: str, tree: Tree) -> Tree:
    """Return a lookbehind for one character or the start; longer ones are not decided."""
    options = tree.parts if tree.kind == "choice" else (tree,)
    if any(part.kind not in ("chars", "start") for part in options):
        raise NotRegularError("a pattern looks behind for more than one character")
    start = any(part.kind == "start" for part in options)
    return Tree(kind, chars=sets.union(*(part.chars for part in options)), low=int(start))


def _count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
