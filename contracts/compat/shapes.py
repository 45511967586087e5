"""What the sides of an example are part of: a short value, and the contract around it.

Called by `contracts.compat.examples`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from contracts.document import Json

Mapped = dict[str, Json]

_INFO: Mapped = {"title": "Things", "version": "1.0.0"}
_DONE: Mapped = {"responses": {"204": {"description": "done"}}}
_DRAFT: Mapped = {"$schema": "https://json-schema.org/draft/2020-12/schema"}


@dataclass(frozen=True, slots=True)
class Shape:
    """`place` is how a reader calls it; `build` returns the contract around a value."""

    place: str
    build: Callable[[Json], Mapped]


def _openapi(paths: Json, **rest: Json) -> Mapped:
    return {"openapi": "3.1.0", "info": _INFO, "paths": paths, **rest}


def _body(schema: Json) -> Mapped:
    return {"content": {"application/json": {"schema": schema}}}


def _thing(method: str, operation: Mapped) -> Mapped:
    return _openapi({"/things": {method: operation}})


def _found(schema: Json) -> Mapped:
    return {"200": {"description": "found", **_body(schema)}}


def _members(value: Json) -> Mapped:
    return value if isinstance(value, dict) else {}


def _callback(value: Json) -> Mapped:
    callbacks: Json = {"made": {"{$request.body#/url}": value}}
    return _thing("post", {**_DONE, "callbacks": callbacks})


def _webhook(value: Json) -> Mapped:
    return _openapi({}, webhooks={"made": {"post": {**_DONE, **_members(value)}}})


def _asyncapi(version: str) -> Callable[[Json], Mapped]:
    return lambda value: {"asyncapi": version, "info": _INFO, **_members(value)}


def _message(action: str) -> Callable[[Json], Mapped]:
    def build(message: Json) -> Mapped:
        channel: Json = {"address": "things", "messages": {"made": message}}
        operation: Json = {"action": action, "channel": {"$ref": "#/channels/things"}}
        parts: Mapped = {"channels": {"things": channel}, "operations": {"handle": operation}}
        return _asyncapi("3.0.0")(parts)

    return build


SHAPES: Mapping[str, Shape] = {
    "request": Shape(
        "the schema of a request body", lambda v: _thing("post", {"requestBody": _body(v), **_DONE})
    ),
    "response": Shape(
        "the schema of a response body", lambda v: _thing("get", {"responses": _found(v)})
    ),
    "parameters": Shape(
        "the parameters of an operation", lambda v: _thing("get", {"parameters": v, **_DONE})
    ),
    "responses": Shape("the responses of an operation", lambda v: _thing("get", {"responses": v})),
    "operation": Shape("an operation", lambda v: _thing("get", {**_DONE, **_members(v)})),
    "paths": Shape("the paths of a contract", _openapi),
    "webhook": Shape("a webhook", _webhook),
    "callback": Shape("a callback", _callback),
    "openapi": Shape("an OpenAPI document", lambda v: _openapi({}) | _members(v)),
    "json-schema": Shape("a JSON Schema", lambda v: _DRAFT | _members(v)),
    "asyncapi": Shape("an AsyncAPI 3 document", _asyncapi("3.0.0")),
    "asyncapi-2": Shape("an AsyncAPI 2 document", _asyncapi("2.6.0")),
    "sent": Shape("a message that is sent", _message("send")),
    "received": Shape("a message that is received", _message("receive")),
}
