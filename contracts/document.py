"""A parsed text: plain JSON-like values, and the line and column of every one of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from contracts import pointer as jp

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class Number(float):
    """A number that remembers how it was written, so that `1.10` is not `1.1` to a reader."""

    __slots__ = ("text",)

    def __new__(cls, text: str) -> Self:
        number = super().__new__(cls, text)
        number.text = text
        return number

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a text; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Place:
    """A node of a document as people and tools find it."""

    pointer: str
    file: str
    line: int
    column: int

    def as_json(self) -> dict[str, object]:
        """Return the four members of the machine interface."""
        return {
            "pointer": self.pointer,
            "file": self.file,
            "line": self.line,
            "column": self.column,
        }

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column} {self.pointer or '/'}"


@dataclass(frozen=True)
class Document:
    """One text, parsed. `positions` maps JSON Pointers to where the key (or item) is written."""

    source: str
    root: Json
    positions: Mapping[str, Position] = field(repr=False)
    text: bytes = field(default=b"", repr=False)

    def place(self, pointer: str) -> Place:
        """Return where `pointer` is written, or its nearest ancestor that is written at all."""
        at = pointer
        while at and at not in self.positions:
            at = at.rpartition("/")[0]
        position = self.positions.get(at, Position(1, 1))
        return Place(pointer, self.source, position.line, position.column)

    def at(self, pointer: str) -> Json:
        """Return the value at `pointer`. Raises `LookupError` when there is none."""
        value: Json = jp.walk(self.root, jp.split(pointer))  # type: ignore[assignment]  # a walk through Json yields Json
        return value
