"""What checks look at: the old and the new side of one thing, with its context.

Made by the walkers; a side is None where the thing exists in one version only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from contracts.compat.channelpairs import BindingsPair, ChannelPair, FlowPair, MessagePair
from contracts.compat.lifecycle import Lifecycle
from contracts.compat.site import Root as Root  # what a walk hands out beside pairs
from contracts.compat.site import Site as Site
from contracts.document import Json
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
    Server,
)
from contracts.report import Direction
from contracts.schema import Schema


@dataclass(frozen=True, slots=True)
class ContractPair:
    """Two versions of a whole contract."""

    site: Site
    old: Contract
    new: Contract


@dataclass(frozen=True, slots=True)
class ServersPair:
    """The addresses of a contract, or of an operation that has its own."""

    site: Site
    old: tuple[Server, ...]
    new: tuple[Server, ...]


@dataclass(frozen=True, slots=True)
class SchemePair:
    """A security scheme by its name; `used` where an operation of the old version asks for it."""

    site: Site
    name: str
    old: Node | None
    new: Node | None
    used: bool = True


@dataclass(frozen=True, slots=True)
class OperationPair:
    """One method on one path; `on` is the day of the judgement."""

    site: Site
    old: Operation | None
    new: Operation | None
    on: date


@dataclass(frozen=True, slots=True)
class IncomingPair:
    """A call that the service makes to its consumer; `kind` is `webhook` or `callback`."""

    site: Site
    kind: str
    old: Operation | None
    new: Operation | None


@dataclass(frozen=True, slots=True)
class Life:
    """What a part says about how long it lives; `sunset` and `stability` as written."""

    deprecated: bool
    sunset: Json
    stability: Json


@dataclass(frozen=True, slots=True)
class LifePair:
    """The announced life of an operation, a parameter or a property, called `subject`."""

    site: Site
    subject: str
    old: Life | None
    new: Life | None
    on: date
    lifecycle: Lifecycle


@dataclass(frozen=True, slots=True)
class ValuesPair:
    """The extensible enumeration (`x-extensible-enum`) of a value called `subject`."""

    site: Site
    direction: Direction
    subject: str
    old: tuple[Json, ...] | None
    new: tuple[Json, ...] | None


@dataclass(frozen=True, slots=True)
class ContentPair:
    """What a text called `subject` holds: an encoding, a media type, empty where not said."""

    site: Site
    direction: Direction
    subject: str
    keyword: str  # contentEncoding or contentMediaType
    old: str
    new: str


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
    on: date = date.min

    @property
    def direction(self) -> Direction:
        return self.site.seen(Direction.REQUEST)


@dataclass(frozen=True, slots=True)
class RequestBodyPair:
    """The request body of an operation."""

    site: Site
    old: RequestBody | None
    new: RequestBody | None

    @property
    def direction(self) -> Direction:
        return self.site.seen(Direction.REQUEST)


@dataclass(frozen=True, slots=True)
class MediaTypePair:
    """A media type of a request or a response body, where its name differs between the sides."""

    site: Site
    direction: Direction
    old: MediaType | None
    new: MediaType | None


@dataclass(frozen=True, slots=True)
class EncodingPair:
    """How one part of a form or multipart body is written; `name` is the property."""

    site: Site
    direction: Direction
    name: str
    media_type: str
    old: Mapping[str, Json]
    new: Mapping[str, Json]


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

    @property
    def direction(self) -> Direction:
        return self.site.seen(Direction.RESPONSE)


@dataclass(frozen=True, slots=True)
class HeaderPair:
    """A header by its name; `direction` says who writes it."""

    site: Site
    old: Header | None
    new: Header | None
    direction: Direction = Direction.RESPONSE
    many: bool = False


@dataclass(frozen=True, slots=True)
class LinkPair:
    """A link of a response by its name."""

    site: Site
    name: str
    old: Node | None
    new: Node | None


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
    | ServersPair
    | SchemePair
    | OperationPair
    | IncomingPair
    | LifePair
    | ValuesPair
    | ContentPair
    | SecurityPair
    | ParameterPair
    | RequestBodyPair
    | MediaTypePair
    | EncodingPair
    | ResponsePair
    | HeaderPair
    | LinkPair
    | ChannelPair
    | FlowPair
    | MessagePair
    | BindingsPair
    | UndecidedPair
)
SchemaLevelPair = SchemaPair | PropertyPair | UnionPair


def written_by(pair: Pair, possible: tuple[Direction, ...]) -> Direction | None:
    """Return the direction in which a check speaks about a pair, or None where it does not.

    A check names the directions that it is about. Where the service calls its consumer, only
    checks of that direction speak; elsewhere the first one stands when the pair has another.
    """
    own: Direction | None = getattr(pair, "direction", None)
    if own is None or own in possible:
        return own or possible[0]
    return None if pair.site.flipped else possible[0]
