"""What checks look at: the old and the new side of one thing, with its context.

Made by the walkers; a side is None where the thing exists in one version only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from contracts.model import (
    Contract,
    Header,
    MediaType,
    Node,
    Operation,
    Parameter,
    RequestBody,
    Response,
    Security,
)
from contracts.report import Direction
from contracts.schema import Schema


@dataclass(frozen=True, slots=True)
class Site:
    """Where a pair stands: its operation, how a reader calls it, and a pointer on either side."""

    operation: str
    where: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ContractPair:
    """Two versions of a whole contract."""

    site: Site
    old: Contract
    new: Contract


@dataclass(frozen=True, slots=True)
class SchemePair:
    """A security scheme by its name."""

    site: Site
    name: str
    old: Node | None
    new: Node | None


@dataclass(frozen=True, slots=True)
class OperationPair:
    """One method on one path; `on` is the day of the judgement."""

    site: Site
    old: Operation | None
    new: Operation | None
    on: date


@dataclass(frozen=True, slots=True)
class SecurityPair:
    """The security requirements of an operation."""

    site: Site
    old: Security
    new: Security


@dataclass(frozen=True, slots=True)
class ParameterPair:
    """A parameter; path parameters are matched by position, others by name.

    `many` says whether its values may be arrays or objects, which `explode` is about.
    """

    site: Site
    old: Parameter | None
    new: Parameter | None
    many: bool = False


@dataclass(frozen=True, slots=True)
class RequestBodyPair:
    """The request body of an operation."""

    site: Site
    old: RequestBody | None
    new: RequestBody | None


@dataclass(frozen=True, slots=True)
class MediaTypePair:
    """A media type of a request or a response body that has others beside it."""

    site: Site
    direction: Direction
    old: MediaType | None
    new: MediaType | None


@dataclass(frozen=True, slots=True)
class ResponsePair:
    """A response by its status; `status` as the older side writes it."""

    site: Site
    status: str
    old: Response | None
    new: Response | None

    @property
    def success(self) -> bool:
        """Whether the status tells of success or of a redirection."""
        return self.status[:1] in ("1", "2", "3")


@dataclass(frozen=True, slots=True)
class HeaderPair:
    """A response header by its name."""

    site: Site
    old: Header | None
    new: Header | None


@dataclass(frozen=True, slots=True)
class SchemaPair:
    """Two schemas for the same value.

    `exact` reads an open content model to the letter (JSON Schema); elsewhere a member that is not
    declared is taken as not sent. `textual` marks values written as plain text (parameters).
    """

    old: Schema
    new: Schema
    direction: Direction
    exact: bool
    textual: bool
    base: str  # the old version, for messages
    old_opaque: Mapping[str, str]  # identities of the keywords compared for equality only
    new_opaque: Mapping[str, str]

    def both(self, *types: str) -> bool:
        """Whether both sides accept one of these types."""
        wanted = frozenset(types)
        return bool(wanted & self.old.types) and bool(wanted & self.new.types)


@dataclass(frozen=True, slots=True)
class PropertyPair:
    """A member of an object by its name.

    `old` and `new` are None where the member is not declared or does not travel in this direction
    (readOnly in requests, writeOnly in responses); the `*_declared` schemas ignore the direction.
    """

    name: str
    direction: Direction
    exact: bool
    old: Schema | None
    new: Schema | None
    old_declared: Schema | None
    new_declared: Schema | None
    old_owner: Schema
    new_owner: Schema
    base: str

    @property
    def was_required(self) -> bool:
        return self.name in self.old_owner.required and (
            self.old is not None or self.old_declared is None
        )

    @property
    def is_required(self) -> bool:
        return self.name in self.new_owner.required and (
            self.new is not None or self.new_declared is None
        )


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of a composition as a reader finds it."""

    label: str
    pointer: str


@dataclass(frozen=True, slots=True)
class UnionPair:
    """The branches of a `oneOf` or `anyOf` that found no partner; `at` where there is none.

    `condition` is set when a whole group appeared or disappeared beside other keywords.
    """

    old_at: str
    new_at: str
    removed: tuple[Branch, ...] = ()
    added: tuple[Branch, ...] = ()
    undecided: bool = False
    condition: str = ""  # "", "added" or "removed"


@dataclass(frozen=True, slots=True)
class UndecidedPair:
    """A part that could not be compared, and why."""

    site: Site
    reason: str


Pair = (
    ContractPair
    | SchemePair
    | OperationPair
    | SecurityPair
    | ParameterPair
    | RequestBodyPair
    | MediaTypePair
    | ResponsePair
    | HeaderPair
    | UndecidedPair
)
SchemaLevelPair = SchemaPair | PropertyPair | UnionPair
