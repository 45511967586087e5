"""One schema as the emulated registries hold it: a class (`Kind`) with members, not a mapping.

A mapping with keywords of several classes is a combined shape over one shape per class. Built by
`reading`, looked at by the rules of each profile.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from contracts import pointer as jp
from contracts.compat.profiles.dialect import Dialect
from contracts.compat.profiles.difference import Difference
from contracts.document import Json
from contracts.model import Node


class Kind(StrEnum):
    """The schema classes that both registries tell apart."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    NULL = "null"
    ARRAY = "array"
    OBJECT = "object"
    ENUM = "enum"
    CONST = "const"
    COMBINED = "combined"
    NOT = "not"
    CONDITIONAL = "conditional"
    EMPTY = "empty"
    FALSE = "false"
    UNREADABLE = "unreadable"


class Source(Protocol):
    """Where the shapes of one document come from."""

    @property
    def dialect(self) -> Dialect:
        """The draft of the document."""

    def read(self, node: Node) -> "Shape":
        """Return the shape of a schema, references followed."""


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A schema, or the part of one that belongs to one class.

    `key` tells shapes of both documents apart; `pointer` is where it is written. `criterion` is
    `allOf`, `anyOf` or `oneOf` for a combined shape, `members` are its subschemas, unread where
    they are nodes. `whole` is False for a part: titles and defaults belong to the whole.
    """

    source: Source
    kind: Kind
    key: str
    pointer: str
    value: Json
    typed: bool = True
    integer: bool = False
    whole: bool = True
    has_default: bool = False
    criterion: str = ""
    members: tuple["Shape | Node", ...] = ()

    @property
    def keywords(self) -> dict[str, Json]:
        """The mapping that the shape was read from; empty for a boolean schema."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def implied(self) -> bool:
        """Whether the shape combines classes of keywords that stand beside each other."""
        return self.kind is Kind.COMBINED and self.key.endswith("\x00")

    @property
    def subs(self) -> tuple["Shape", ...]:
        """The subschemas of a combined shape."""
        return tuple(
            member if isinstance(member, Shape) else self.source.read(member)
            for member in self.members
        )

    def child(self, *tokens: str | int) -> "Shape | None":
        """Return the schema that the tokens lead to, None where nothing is written."""
        try:
            value = jp.walk(self.value, [str(token) for token in tokens])
        except (LookupError, ValueError):
            return None
        if not isinstance(value, dict | bool):
            return None
        return self.source.read(Node(jp.join(self.pointer, *tokens), value))

    def table(self, keyword: str) -> dict[str, Json]:
        """Return the mapping under a keyword, empty where there is none."""
        value = self.keywords.get(keyword)
        return value if isinstance(value, dict) else {}

    def names(self, keyword: str) -> dict[str, None]:
        """Return the strings listed under a keyword, in order and once each."""
        value = self.keywords.get(keyword)
        items = value if isinstance(value, list) else []
        return dict.fromkeys(item for item in items if isinstance(item, str))

    def flag(self, keyword: str) -> bool:
        """Whether a boolean keyword is set."""
        return self.keywords.get(keyword) is True

    def to(self, other: "Shape", name: str, *tokens: str | int) -> Difference:
        """Return a difference between this shape and `other`, at a keyword of both."""
        return Difference(name, jp.join(self.pointer, *tokens), jp.join(other.pointer, *tokens))
