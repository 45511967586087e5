"""The object model of OpenAPI 3.1 as data: each object with its fields and sample values.

Read by `locations`. Extensions that Treaty gives a meaning stand with the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from contracts.document import Json


class Kind(StrEnum):
    """What a field holds; decides which edits there are."""

    VALUE = "value"  # a text, a number, a boolean with a default of its own, any data
    FLAG = "flag"  # true, or false by default
    TEXTS = "texts"
    OBJECT = "object"
    MAP = "map"
    LIST = "list"
    SCHEMA = "schema"
    SECURITY = "security"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `one` and `other` are two values that differ in meaning.

    For a map, `key` is the name of the member that is looked into, and `keys` the names of members
    that come and go. `around` is what must stand beside the field for it to mean anything.
    """

    kind: Kind
    of: str = ""
    one: Json = "one"
    other: Json = "other"
    required: bool = False
    key: str = "a"
    keys: tuple[str, ...] = ("b",)
    around: Mapping[str, Json] | None = None
    deep: bool = True  # whether the walk goes on inside


def value(one: Json = "one", other: Json = "other", *, required: bool = False) -> Field:
    """Return a field of plain data."""
    return Field(Kind.VALUE, one=one, other=other, required=required)


def listed(of: str, other: Json) -> Field:
    """Return a field that lists objects; `other` is a further one."""
    return Field(Kind.LIST, of, other=other)


def mapped(of: str, key: str, *keys: str, other: Json = None, deep: bool = True) -> Field:
    """Return a field that maps names to objects; `other` is the further member."""
    return Field(Kind.MAP, of, key=key, keys=keys, other=other, deep=deep)


def nested(of: str, *, deep: bool = True) -> Field:
    """Return a field that holds an object."""
    return Field(Kind.OBJECT, of, deep=deep)


FLAG = Field(Kind.FLAG)
SCHEMA = Field(Kind.SCHEMA)
SECURITY = Field(Kind.SECURITY)
WORDS = value()
DATE = Field(Kind.VALUE, one="2031-01-01", other="2030-01-01", around={"deprecated": True})
_ELSEWHERE: Json = {"url": "https://b.example.com"}
_METHODS = ("get", "put", "delete", "options", "head", "patch", "trace")
_DONE: Json = {"responses": {"200": {"description": "d"}}}
_ITEM: Json = {"post": _DONE}
_LIST: Json = {"type": "array", "items": {"type": "string"}}
_FLOW: Json = {"tokenUrl": "https://a.example.com/t", "scopes": {"read": "r"}}
_SCHEME: Json = {"type": "apiKey", "in": "header", "name": "X-Extra"}

# What an object must have before an edit inside it can mean anything.
SKELETONS: Mapping[str, dict[str, Json]] = {
    "OpenAPI": {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1.0.0"},
        "paths": {"/used": {"get": _DONE}},
        "security": [{"a": []}],
    },
    "Info": {"title": "t", "version": "1.0.0"},
    "PathItem": {"post": _DONE},
    "Operation": {"responses": {"200": {"description": "d"}}},
    "Parameter": {"name": "p", "in": "query", "schema": _LIST},
    "RequestBody": {},
    "MediaType": {"schema": {"type": "object", "properties": {"a": _LIST, "b": _LIST}}},
    "Header": {"schema": _LIST},
    "Response": {"description": "d"},
    "Link": {"operationId": "a"},
    "Server": {"url": "https://{a}.example.com/v1"},
    "ServerVariable": {"default": "x"},
    "SecurityScheme": {"type": "oauth2", "flows": {"clientCredentials": _FLOW}},
    "OAuthFlow": {"scopes": {}},
}
# Only one of these may stand; the first, unless the walk goes into another.
EXCLUSIVE: Mapping[str, tuple[str, str]] = {
    "Parameter": ("schema", "content"),
    "Header": ("schema", "content"),
}

_WORDS = {"description": WORDS}
_SAMPLES = {"example": value(), "examples": mapped("Example", "a", "b", deep=False)}
_CONTENT = mapped("MediaType", "application/json", "application/xml")
_HEADERS = mapped("Header", "X-A", "X-B")
_SERVERS = listed("Server", _ELSEWHERE)

OBJECTS: Mapping[str, Mapping[str, Field]] = {
    "OpenAPI": {
        "openapi": value("3.1.0", "3.1.1", required=True),
        "info": nested("Info"),
        "jsonSchemaDialect": value(),
        "servers": _SERVERS,
        "paths": mapped("PathItem", "/a", "/b", other=_ITEM),
        "webhooks": mapped("PathItem", "a", "b", other=_ITEM),
        "components": nested("Components"),
        "security": SECURITY,
        "tags": listed("Tag", {"name": "b"}),
        "externalDocs": nested("ExternalDocumentation", deep=False),
    },
    "Info": {
        "title": value(required=True),
        "summary": WORDS,
        "description": WORDS,
        "termsOfService": WORDS,
        "contact": nested("Contact", deep=False),
        "license": nested("License", deep=False),
        "version": value("1.0.0", "1.1.0", required=True),
    },
    "PathItem": {
        "$ref": value(),
        "summary": WORDS,
        **_WORDS,
        "post": nested("Operation"),
        **{method: nested("Operation", deep=False) for method in _METHODS},
        "servers": _SERVERS,
        "parameters": listed("Parameter", {"name": "q", "in": "query", "schema": _LIST}),
    },
    "Operation": {
        "tags": Field(Kind.TEXTS),
        "summary": WORDS,
        **_WORDS,
        "externalDocs": nested("ExternalDocumentation", deep=False),
        "operationId": value(),
        "parameters": listed("Parameter", {"name": "q", "in": "query", "schema": _LIST}),
        "requestBody": nested("RequestBody"),
        "responses": mapped("Response", "200", "201", "404"),
        "callbacks": mapped("Callback", "a", "b", other={"{$request.query.u}": _ITEM}),
        "deprecated": FLAG,
        "security": SECURITY,
        "servers": _SERVERS,
        "x-sunset": DATE,
        "x-stability-level": value("stable", "beta"),
    },
    "Callback": {"{$request.query.u}": nested("PathItem")},
    "Parameter": {
        "name": value("p", "q", required=True),
        "in": value("query", "header", required=True),
        **_WORDS,
        "required": FLAG,
        "deprecated": FLAG,
        "allowEmptyValue": FLAG,
        "style": value("pipeDelimited", "spaceDelimited"),
        "explode": value(one=False, other=True),
        "allowReserved": FLAG,
        "schema": SCHEMA,
        "content": mapped("MediaType", "application/json"),
        **_SAMPLES,
        "x-sunset": DATE,
    },
    "RequestBody": {**_WORDS, "content": _CONTENT, "required": FLAG},
    "MediaType": {
        "schema": SCHEMA,
        **_SAMPLES,
        "encoding": mapped("Encoding", "a", "b", other={"style": "pipeDelimited"}),
    },
    "Encoding": {
        "contentType": value("text/csv", "text/xml"),
        "headers": _HEADERS,
        "style": value("pipeDelimited", "spaceDelimited"),
        "explode": value(one=False, other=True),
        "allowReserved": FLAG,
    },
    "Response": {
        **_WORDS,
        "headers": _HEADERS,
        "content": _CONTENT,
        "links": mapped("Link", "a", "b"),
    },
    "Header": {
        **_WORDS,
        "required": FLAG,
        "deprecated": FLAG,
        "style": value("simple", "simple"),
        "explode": FLAG,
        "schema": SCHEMA,
        "content": mapped("MediaType", "application/json"),
        **_SAMPLES,
    },
    "Link": {
        "operationRef": value(),
        "operationId": value(),
        "parameters": value({"a": 1}, {"a": 2}),
        "requestBody": value(),
        **_WORDS,
        "server": nested("Server", deep=False),
    },
    "Server": {
        "url": value("https://{a}.example.com/v1", "https://{a}.example.com/v2", required=True),
        **_WORDS,
        "variables": mapped("ServerVariable", "a", "b"),
    },
    "ServerVariable": {
        "enum": Field(Kind.TEXTS),
        "default": value("x", "y", required=True),
        **_WORDS,
    },
    "Tag": {
        "name": value(required=True),
        **_WORDS,
        "externalDocs": nested("ExternalDocumentation", deep=False),
    },
    "Components": {
        "securitySchemes": mapped("SecurityScheme", "a", "b", other=_SCHEME),
        **{
            name: mapped(of, "a", "b", deep=False)
            for name, of in {
                "schemas": "Schema",
                "responses": "Response",
                "parameters": "Parameter",
                "examples": "Example",
                "requestBodies": "RequestBody",
                "headers": "Header",
                "links": "Link",
                "callbacks": "Callback",
                "pathItems": "PathItem",
            }.items()
        },
    },
    "SecurityScheme": {
        "type": value("oauth2", "http", required=True),
        **_WORDS,
        "name": value(),
        "in": value("header", "query"),
        "scheme": value("basic", "bearer"),
        "bearerFormat": WORDS,
        "flows": nested("OAuthFlows"),
        "openIdConnectUrl": value(),
    },
    "OAuthFlows": {
        flow: nested("OAuthFlow")
        for flow in ("implicit", "password", "clientCredentials", "authorizationCode")
    },
    "OAuthFlow": {
        "authorizationUrl": value(),
        "tokenUrl": value(),
        "refreshUrl": value(),
        "scopes": Field(Kind.MAP, "", key="read", keys=("write",), other="w", deep=False),
    },
}
