"""Swagger 2.0 documents to the same model as OpenAPI 3; called by `formats.read`.

Pointers stay those of the Swagger text; values that have no place of their own (a form's object
schema) point at the parameters they were made from.
"""

from collections.abc import Iterator

from contracts import pointer as jp
from contracts.document import Document, Json
from contracts.formats.openapi import merged, methods, path_items
from contracts.formats.reader import Reader, flag, text, texts
from contracts.model import (
    Contract,
    Format,
    Header,
    MediaType,
    Node,
    Operation,
    Parameter,
    RequestBody,
    Response,
    Server,
)

# What a parameter or header object says about its value (the rest is about the parameter).
_SCHEMA = frozenset(
    [
        "type",
        "format",
        "items",
        "default",
        "maximum",
        "exclusiveMaximum",
        "minimum",
        "exclusiveMinimum",
        "maxLength",
        "minLength",
        "pattern",
        "maxItems",
        "minItems",
        "uniqueItems",
        "enum",
        "multipleOf",
    ]
)
_STYLES = {"path": "simple", "header": "simple", "query": "form", "formData": "form"}
# collectionFormat → style and explode; `tsv` has no counterpart in OpenAPI 3 and keeps a name.
_COLLECTIONS = {
    "ssv": ("spaceDelimited", False),
    "tsv": ("tabDelimited", False),
    "pipes": ("pipeDelimited", False),
    "multi": ("form", True),
}
_FLOWS = {"accessCode": "authorizationCode", "application": "clientCredentials"}
_FLOW_MEMBERS = ("authorizationUrl", "tokenUrl", "scopes")
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"


def read(document: Document, dialect: str, digest: str) -> Contract:
    """Return the contract; parts that cannot be read are left out (`validate` names them)."""
    reader = Reader(document)
    info = reader.member(reader.root, "info") or Node("/info", {})
    schemes = reader.members(reader.raw(reader.root, "securityDefinitions"))
    return Contract(
        document=document,
        format=Format.OPENAPI,
        dialect=dialect,
        title=text(info, "title"),
        version=text(info, "version"),
        digest=digest,
        operations=tuple(_operations(reader, dialect)),
        addresses=_servers(reader),
        security_schemes={name: _scheme(n) for name, n in schemes if isinstance(n.value, dict)},
    )


def _servers(reader: Reader) -> tuple[Server, ...]:
    host, base = text(reader.root, "host"), text(reader.root, "basePath")
    at = Node("/basePath" if base or not host else "/host", base or host)
    if not host:
        return (Server(at, base),) if base else ()
    schemes = texts(reader.raw(reader.root, "schemes")) or ("https",)
    return tuple(Server(at, f"{scheme}://{host}{base}") for scheme in schemes)


def _scheme(node: Node) -> Node:
    """Return a security definition in the words of OpenAPI 3."""
    value = dict(node.value) if isinstance(node.value, dict) else {}
    if value.get("type") == "basic":
        return Node(node.pointer, {**value, "type": "http", "scheme": "basic"})
    if value.get("type") != "oauth2":
        return node
    name = text(node, "flow")
    flow = {key: value.pop(key) for key in _FLOW_MEMBERS if key in value}
    value.pop("flow", None)
    return Node(node.pointer, {**value, "flows": {_FLOWS.get(name, name): flow}})


def _operations(reader: Reader, dialect: str) -> Iterator[Operation]:
    for path, item in path_items(reader):
        for method, node in methods(reader, item, dialect):
            yield _operation(reader, path, item, method, node)


def _operation(reader: Reader, path: str, item: Node, method: str, node: Node) -> Operation:
    parameters = merged(reader, item, node)
    return Operation(
        method=method,
        path=path,
        operation_id=text(node, "operationId") or None,
        node=node,
        parameters=tuple(
            _parameter(p) for p in parameters if text(p, "in") in ("path", "query", "header")
        ),
        request_body=_request_body(reader, node, parameters),
        responses=tuple(_responses(reader, node)),
        security=reader.security(node),
        deprecated=flag(node, "deprecated"),
        sunset=text(node, "x-sunset") or None,
        summary=text(node, "summary"),
        tags=texts(reader.raw(node, "tags")),
    )


def _parameter(node: Node) -> Parameter:
    location = text(node, "in")
    style, explode = _serialisation(node, location)
    return Parameter(
        name=text(node, "name"),
        location=location,
        required=flag(node, "required") or location == "path",
        node=node,
        schema=_schema(node),
        style=style,
        explode=explode,
        deprecated=flag(node, "x-deprecated"),
        allow_empty=flag(node, "allowEmptyValue"),
    )


def _serialisation(node: Node, location: str) -> tuple[str, bool]:
    style = _STYLES[location]
    if text(node, "type") != "array":
        return style, style == "form"
    return _COLLECTIONS.get(text(node, "collectionFormat"), (style, False))


def _schema(node: Node) -> Node:
    """Return the schema that a parameter, header or items object has within itself."""
    value = node.value if isinstance(node.value, dict) else {}
    schema = {k: v for k, v in value.items() if k in _SCHEMA or k.startswith("x-")}
    if schema.get("type") == "file":
        schema |= {"type": "string", "format": "binary"}
    return Node(node.pointer, schema)


def _types(reader: Reader, operation: Node, key: str) -> tuple[str, ...]:
    own = reader.raw(operation, key)
    return texts(own if own is not None else reader.raw(reader.root, key))


def _request_body(reader: Reader, operation: Node, parameters: list[Node]) -> RequestBody | None:
    body = next((node for node in parameters if text(node, "in") == "body"), None)
    if body is not None:
        names = _types(reader, operation, "consumes") or ("application/json",)
        schema = reader.raw(body, "schema")
        return RequestBody(body, flag(body, "required"), _media(names, body, schema))
    fields = [node for node in parameters if text(node, "in") == "formData"]
    if not fields:
        return None
    node = Node(jp.join(operation.pointer, "parameters"), _form(fields))
    encodings: dict[str, Json] = {text(field, "name"): _encoding(field) for field in fields}
    names = _form_types(_types(reader, operation, "consumes"), fields)
    required = any(flag(field, "required") for field in fields)
    return RequestBody(
        node, required, tuple(MediaType(name, node, node, encodings) for name in names)
    )


def _form(fields: list[Node]) -> dict[str, Json]:
    required: list[Json] = [text(field, "name") for field in fields if flag(field, "required")]
    properties: dict[str, Json] = {text(field, "name"): _schema(field).value for field in fields}
    schema: dict[str, Json] = {"type": "object", "properties": properties}
    return {**schema, "required": required} if required else schema


def _form_types(consumes: tuple[str, ...], fields: list[Node]) -> tuple[str, ...]:
    named = tuple(name for name in consumes if name.partition(";")[0] in (_FORM, _MULTIPART))
    if named:
        return named
    return (_MULTIPART,) if any(text(field, "type") == "file" for field in fields) else (_FORM,)


def _encoding(field: Node) -> Json:
    style, explode = _serialisation(field, "formData")
    return {"style": style, "explode": explode}


def _media(names: tuple[str, ...], owner: Node, schema: Node | None) -> tuple[MediaType, ...]:
    return tuple(MediaType(name, owner, schema) for name in names)


def _responses(reader: Reader, operation: Node) -> Iterator[Response]:
    produces = _types(reader, operation, "produces") or ("application/json",)
    for status, written in reader.members(reader.raw(operation, "responses")):
        node = None if status.startswith("x-") else reader.follow(written)
        if node is not None:
            headers = reader.members(reader.raw(node, "headers"))
            yield Response(
                status,
                node,
                tuple(_response_media(reader, node, produces)),
                tuple(
                    Header(n, False, h, _schema(h)) for n, h in headers if isinstance(h.value, dict)
                ),
            )


def _response_media(reader: Reader, node: Node, produces: tuple[str, ...]) -> Iterator[MediaType]:
    schema = reader.raw(node, "schema")
    if schema is None:
        return
    examples = reader.raw(node, "examples")
    by_type = examples.value if examples and isinstance(examples.value, dict) else {}
    for name in produces:
        value: dict[str, Json] = {"schema": schema.value}
        if name in by_type:
            value["example"] = by_type[name]
        yield MediaType(name, Node(node.pointer, value), schema)
