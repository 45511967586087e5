"""A schema in normal form: what it accepts, whatever dialect or style it was written in.

Built by `contracts.normal`; read by compat, and by whoever needs types, properties and bounds of
OpenAPI 3.x, Swagger 2.0 and JSON Schema alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.document import Json
from contracts.model import Node

TYPES = frozenset({"array", "boolean", "integer", "number", "object", "string"})


@dataclass(frozen=True, slots=True)
class Spot:
    """A schema as a place: all nodes apply together (`allOf`); no node accepts anything.

    `at` is where a reader should look when there is no node.
    """

    nodes: tuple[Node, ...]
    at: str

    @property
    def key(self) -> tuple[str, ...]:
        """What identifies the schema inside its document."""
        return (*(node.pointer for node in self.nodes), "@" + self.at)

    @classmethod
    def of(cls, node: Node) -> "Spot":
        return cls((node,), node.pointer)

    @classmethod
    def anything(cls, at: str) -> "Spot":
        """Return the schema that accepts every value, as seen from `at`."""
        return cls((), at)


@dataclass(frozen=True, slots=True)
class Limit:
    """One end of a range; `exclusive` when the value itself is outside."""

    value: float
    exclusive: bool = False

    def __str__(self) -> str:
        return f"{self.value:.15g}" + (" (excluded)" if self.exclusive else "")


@dataclass(frozen=True, slots=True)
class Union:
    """A `oneOf` or `anyOf`; `null` when null is a further branch.

    `plain` when its branches only name types, which `types` says too. `exclusive` when a value may
    match two branches of a `oneOf` and is refused for it: then it is not the sum of its branches.
    """

    kind: str
    branches: tuple[Spot, ...]
    pointer: str
    null: bool = False
    plain: bool = False
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """What a schema accepts. `types` is without null, `nullable` says whether null is accepted.

    `enum` is None when there is no enumeration, and never contains null. `additional` is True for
    an open content model, False for a closed one, or the schema of further members. `opaque` holds
    the keywords whose meaning is compared for equality only.
    """

    at: str
    types: frozenset[str] = TYPES
    nullable: bool = True
    enum: tuple[Json, ...] | None = None
    properties: Mapping[str, Spot] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    additional: Spot | bool = True
    items: Spot | None = None
    limits: Mapping[str, Limit] = field(default_factory=dict)
    multiple_of: tuple[float, ...] = ()
    unique: bool = False
    patterns: tuple[str, ...] = ()
    format: str = ""
    default: tuple[Json, ...] = ()  # empty when there is none
    read_only: bool = False
    write_only: bool = False
    deprecated: bool = False
    unions: tuple[Union, ...] = ()
    discriminator: str = ""
    opaque: tuple[tuple[str, Node], ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)

    def place(self, keyword: str) -> str:
        """Return the pointer of a keyword, or of the schema where the keyword is not written."""
        return self.places.get(keyword, self.at)

    @property
    def typed(self) -> bool:
        """Whether anything limits the type."""
        return self.types != TYPES or not self.nullable

    @property
    def constrained(self) -> bool:
        """Whether anything but the type limits what is accepted."""
        return bool(
            self.enum is not None
            or self.properties
            or self.required
            or self.additional is not True
            or self.items is not None
            or self.limits
            or self.multiple_of
            or self.unique
            or self.patterns
            or self.format
            or any(not union.plain for union in self.unions)
            or self.opaque
        )
