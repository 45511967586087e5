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
    schema: Node | None
    encoding: Mapping[str, Json] = field(default_factory=dict)


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
    """A response header."""

    name: str
    required: bool
    node: Node
    schema: Node | None


@dataclass(frozen=True, slots=True)
class Response:
    """One response; `status` is `200`, `4XX` or `default`."""

    status: str
    node: Node
    content: tuple[MediaType, ...]
    headers: tuple[Header, ...] = ()


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

    @property
    def key(self) -> str:
        """The operation as people name it: `GET /projects/{id}`."""
        return f"{self.method} {self.path}"

    @property
    def name(self) -> str:
        """The operationId, or the key where there is none."""
        return self.operation_id or self.key


@dataclass(frozen=True)
class Contract:
    """One version of one interface."""

    document: Document
    format: Format
    dialect: str  # openapi-3.0, openapi-3.1, openapi-3.2, swagger-2.0, or a JSON Schema URI
    title: str
    version: str
    digest: str  # "sha256:" and the hex digest of the canonical form
    operations: tuple[Operation, ...] = ()
    servers: tuple[str, ...] = ()
    security_schemes: Mapping[str, Node] = field(default_factory=dict)
    schema: Node | None = None  # the root, for a JSON Schema contract

    def operation(self, name: str) -> Operation | None:
        """Return the operation with this operationId or key, if there is one."""
        return next((op for op in self.operations if name in (op.operation_id, op.key)), None)
