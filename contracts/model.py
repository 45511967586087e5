"""The contract as the rest of Treaty sees it: operations with everything merged and placed.

Built by `contracts.formats`; read by compat, policies, the mock and the registry. Values stay
plain JSON; each `Node` says where its value is written, after references were followed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from contracts.document import Document, Json


class Format(StrEnum):
    """The family of a contract, as written in the machine interface."""

    OPENAPI = "openapi"
    JSON_SCHEMA = "json-schema"
    ASYNCAPI = "asyncapi"


@dataclass(frozen=True, slots=True)
class Node:
    """A value and the pointer where it is written (the target's, where a `$ref` led to it)."""

    pointer: str
    value: Json


@dataclass(frozen=True, slots=True)
class MediaType:
    """One entry of `content`; `name` as written, e.g. `application/json`."""

    name: str
    node: Node
    schema: Node | None  # of the whole content; of each item where only `itemSchema` is written
    encoding: Mapping[str, Json] = field(default_factory=dict)
    item_schema: Node | None = None  # of each item of a stream (OpenAPI 3.2)


@dataclass(frozen=True, slots=True)
class Server:
    """An address of the service; `{names}` in the URL stand for variables."""

    node: Node
    url: str
    variables: Mapping[str, Node] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter after path-level and operation-level lists were merged."""

    name: str
    location: str  # path | query | header | cookie
    required: bool
    node: Node
    schema: Node | None
    content: tuple[MediaType, ...] = ()
    style: str = ""
    explode: bool = False
    deprecated: bool = False
    allow_reserved: bool = False
    allow_empty: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What identifies a parameter: header names compare without case (RFC 9110 5.1)."""
        name = self.name.lower() if self.location == "header" else self.name
        return (self.location, name)


@dataclass(frozen=True, slots=True)
class RequestBody:
    """What an operation accepts."""

    node: Node
    required: bool
    content: tuple[MediaType, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """A response header; it is always written in the style `simple`."""

    name: str
    required: bool
    node: Node
    schema: Node | None
    content: tuple[MediaType, ...] = ()
    explode: bool = False
    deprecated: bool = False


@dataclass(frozen=True, slots=True)
class Response:
    """One response; `status` is `200`, `4XX` or `default`."""

    status: str
    node: Node
    content: tuple[MediaType, ...]
    headers: tuple[Header, ...] = ()
    links: Mapping[str, Node] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One scheme of a security requirement, with the scopes or roles it asks for."""

    scheme: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Security:
    """Alternatives (OR) of requirements (AND); no alternatives means open to everybody.

    An empty alternative (`{}` in the document) makes security optional.
    """

    node: Node
    alternatives: tuple[tuple[Requirement, ...], ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path."""

    method: str  # upper case
    path: str  # as written, with {templates}
    operation_id: str | None
    node: Node
    parameters: tuple[Parameter, ...]
    request_body: RequestBody | None
    responses: tuple[Response, ...]
    security: Security
    deprecated: bool = False
    sunset: str | None = None  # x-sunset, an ISO 8601 date, as written
    summary: str = ""
    tags: tuple[str, ...] = ()
    servers: tuple[Server, ...] = ()  # its own or its path's; empty where the document's apply
    callbacks: tuple["Callback", ...] = ()

    @property
    def key(self) -> str:
        """The operation as people name it: `GET /projects/{id}`."""
        return f"{self.method} {self.path}"

    @property
    def name(self) -> str:
        """The operationId, or the key where there is none."""
        return self.operation_id or self.key


@dataclass(frozen=True, slots=True)
class Callback:
    """Calls that the service makes to its consumer; their path is the expression of the URL."""

    name: str
    node: Node
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """One kind of message on a channel.

    `schema_format` and `headers_format` name the language of the schemas, empty for the default.
    """

    name: str
    node: Node
    payload: Node | None
    headers: Node | None
    content_type: str = ""
    schema_format: str = ""
    headers_format: str = ""
    correlation: str = ""  # where the correlation id is written
    bindings: Node | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """Messages in one direction on a channel, as the described application sees it.

    `action` is `send` or `receive`; a reply (AsyncAPI 3) flows the other way.
    """

    action: str
    name: str
    node: Node
    messages: tuple[Message, ...]
    security: Security
    replies: tuple[Message, ...] = ()
    deprecated: bool = False
    bindings: Node | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """Where messages travel: a topic, a queue, a routing key."""

    name: str
    address: str
    node: Node
    flows: tuple[Flow, ...]
    parameters: Mapping[str, Node] = field(default_factory=dict)
    bindings: Node | None = None


@dataclass(frozen=True)
class Contract:
    """One version of one interface."""

    document: Document
    format: Format
    dialect: str  # openapi-3.0 to 3.2, swagger-2.0, asyncapi-2 or -3, or a JSON Schema URI
    title: str
    version: str
    digest: str  # "sha256:" and the hex digest of the canonical form
    operations: tuple[Operation, ...] = ()
    addresses: tuple[Server, ...] = ()
    security_schemes: Mapping[str, Node] = field(default_factory=dict)
    schema: Node | None = None  # the root, for a JSON Schema contract
    webhooks: tuple[Operation, ...] = ()  # calls that the service makes; their path is their name
    channels: tuple[Channel, ...] = ()  # of an AsyncAPI contract

    @property
    def servers(self) -> tuple[str, ...]:
        """The URLs of the servers, as written."""
        return tuple(server.url for server in self.addresses)

    def operation(self, name: str) -> Operation | None:
        """Return the operation with this operationId or key, if there is one."""
        return next((op for op in self.operations if name in (op.operation_id, op.key)), None)
