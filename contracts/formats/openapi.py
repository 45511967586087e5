"""OpenAPI 3.0, 3.1 and 3.2 documents to the model; called by `formats.read`."""

from collections.abc import Iterator
from dataclasses import replace

from contracts import pointer as jp
from contracts.document import Document
from contracts.formats.detect import OPENAPI_30, OPENAPI_32
from contracts.formats.reader import Reader, flag, text, texts
from contracts.model import (
    Callback,
    Contract,
    Format,
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

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
LOCATIONS = frozenset(("path", "query", "header", "cookie", "querystring"))
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
# Described by other parts of the document; OpenAPI 3.x says such parameters are ignored.
_IGNORED_HEADERS = frozenset(("accept", "content-type", "authorization"))


def read(document: Document, dialect: str, digest: str) -> Contract:
    """Return the contract; parts that cannot be read are left out (`validate` names them)."""
    reader = Reader(document)
    info = reader.member(reader.root, "info") or Node("/info", {})
    components = reader.member(reader.root, "components")
    schemes = reader.member(components, "securitySchemes") if components else None
    found = ((name, reader.follow(node)) for name, node in reader.members(schemes))
    return Contract(
        document=document,
        format=Format.OPENAPI,
        dialect=dialect,
        title=text(info, "title"),
        version=text(info, "version"),
        digest=digest,
        operations=tuple(_operations(reader, dialect)),
        addresses=servers(reader, reader.root),
        security_schemes={name: node for name, node in found if node},
        webhooks=tuple(_webhooks(reader, dialect)) if dialect != OPENAPI_30 else (),
    )


def servers(reader: Reader, owner: Node) -> tuple[Server, ...]:
    """Return the servers that a document, a path item or an operation lists."""
    listed = ((node, text(node, "url")) for node in reader.items(reader.raw(owner, "servers")))
    return tuple(Server(node, url, _variables(reader, node)) for node, url in listed if url)


def _variables(reader: Reader, server: Node) -> dict[str, Node]:
    return dict(reader.members(reader.raw(server, "variables")))


def _operations(reader: Reader, dialect: str) -> Iterator[Operation]:
    for path, item in path_items(reader):
        for method, node in methods(reader, item, dialect):
            operation = _operation(reader, path, item, method, node)
            callbacks = tuple(_callbacks(reader, node, dialect))
            yield replace(operation, callbacks=callbacks) if callbacks else operation


def _callbacks(reader: Reader, operation: Node, dialect: str) -> Iterator[Callback]:
    for name, written in reader.members(reader.raw(operation, "callbacks")):
        callback = reader.follow(written)
        if callback is not None:
            items = [
                (expression, item)
                for expression, node in reader.members(callback)
                if not expression.startswith("x-") and (item := reader.follow(node)) is not None
            ]
            yield Callback(name, callback, tuple(_incoming(reader, items, dialect)))


def _webhooks(reader: Reader, dialect: str) -> Iterator[Operation]:
    written = reader.members(reader.raw(reader.root, "webhooks"))
    items = [(name, item) for name, node in written if (item := reader.follow(node)) is not None]
    yield from _incoming(reader, items, dialect)


def _incoming(reader: Reader, items: list[tuple[str, Node]], dialect: str) -> Iterator[Operation]:
    """Yield calls that the service makes; the security of the document is not about them."""
    for path, item in items:
        for method, node in methods(reader, item, dialect):
            operation = _operation(reader, path, item, method, node)
            if reader.raw(node, "security") is None:
                at = Node(jp.join(node.pointer, "security"), None)
                operation = replace(operation, security=Security(at, ()))
            yield operation


def path_items(reader: Reader) -> Iterator[tuple[str, Node]]:
    """Yield each path with its item, where a reference led to it."""
    for path, written in reader.members(reader.raw(reader.root, "paths")):
        item = reader.follow(written) if path.startswith("/") else None
        if item is not None:
            yield path, item


def methods(reader: Reader, item: Node, dialect: str) -> Iterator[tuple[str, Node]]:
    """Yield the operations of a path item by upper-case method, in the order of the text."""
    fixed = (*METHODS, "query") if dialect == OPENAPI_32 else METHODS
    for key, node in reader.members(item):
        if key in fixed and isinstance(node.value, dict):
            yield key.upper(), node
        elif key == "additionalOperations" and dialect == OPENAPI_32:
            for method, additional in reader.members(node):
                if isinstance(additional.value, dict):
                    yield method.upper(), additional


def _operation(reader: Reader, path: str, item: Node, method: str, node: Node) -> Operation:
    body = reader.member(node, "requestBody")
    return Operation(
        method=method,
        path=path,
        operation_id=text(node, "operationId") or None,
        node=node,
        parameters=tuple(_parameters(reader, item, node)),
        request_body=_request_body(reader, body) if body else None,
        responses=tuple(_responses(reader, node)),
        security=reader.security(node),
        deprecated=flag(node, "deprecated"),
        sunset=text(node, "x-sunset") or None,
        summary=text(node, "summary"),
        tags=texts(reader.raw(node, "tags")),
        servers=servers(reader, node) or servers(reader, item),
    )


def merged(reader: Reader, item: Node, operation: Node) -> list[Node]:
    """Return the parameters of a path item and its operation; the operation's replace the path's.

    In the order of the text, path item first (OpenAPI 3.1.1, 4.8.10.1 `parameters`).
    """
    found: dict[tuple[str, str], Node] = {}
    for owner in (item, operation):
        for written in reader.items(reader.raw(owner, "parameters")):
            node = reader.follow(written)
            if node is not None and (name := text(node, "name")):
                location = text(node, "in")
                name = name.lower() if location == "header" else name
                found[(location, name)] = node
    return list(found.values())


def _parameters(reader: Reader, item: Node, operation: Node) -> Iterator[Parameter]:
    for node in merged(reader, item, operation):
        name, location = text(node, "name"), text(node, "in")
        if location not in LOCATIONS:
            continue
        if location == "header" and name.lower() in _IGNORED_HEADERS:
            continue
        style = text(node, "style") or _STYLES.get(location, "")
        explode = reader.raw(node, "explode")
        by_style = style in ("form", "cookie")
        yield Parameter(
            name=name,
            location=location,
            required=flag(node, "required") or location == "path",
            node=node,
            schema=reader.raw(node, "schema"),
            content=tuple(_content(reader, node)),
            style=style,
            explode=explode.value if explode and isinstance(explode.value, bool) else by_style,
            deprecated=flag(node, "deprecated"),
            allow_reserved=flag(node, "allowReserved"),
            allow_empty=flag(node, "allowEmptyValue"),
        )


def _request_body(reader: Reader, node: Node) -> RequestBody:
    return RequestBody(node, flag(node, "required"), tuple(_content(reader, node)))


def _content(reader: Reader, owner: Node) -> Iterator[MediaType]:
    for name, written in reader.members(reader.raw(owner, "content")):
        node = reader.follow(written)
        if node is not None:
            # 3.2 describes streams by `itemSchema`, the schema of each item.
            item = reader.raw(node, "itemSchema")
            schema = reader.raw(node, "schema") or item
            encoding = reader.raw(node, "encoding")
            members = encoding.value if encoding and isinstance(encoding.value, dict) else {}
            yield MediaType(name, node, schema, members, item)


def _responses(reader: Reader, operation: Node) -> Iterator[Response]:
    for status, written in reader.members(reader.raw(operation, "responses")):
        node = None if status.startswith("x-") else reader.follow(written)
        if node is not None:
            headers = tuple(_headers(reader, node))
            links = dict(reader.members(reader.raw(node, "links")))
            content = tuple(_content(reader, node))
            yield Response(_status(status), node, content, headers, links)


def _status(status: str) -> str:
    return status if status == "default" else status.upper()


def _headers(reader: Reader, response: Node) -> Iterator[Header]:
    for name, written in reader.members(reader.raw(response, "headers")):
        node = reader.follow(written)
        if node is not None and name.lower() != "content-type":
            yield header(reader, name, node)


def header(reader: Reader, name: str, node: Node) -> Header:
    """Return a header of a response, or of a part of a multipart body."""
    content = tuple(_content(reader, node))
    schema = reader.raw(node, "schema") or next((media.schema for media in content), None)
    return Header(
        name=name,
        required=flag(node, "required"),
        node=node,
        schema=schema,
        content=content,
        explode=flag(node, "explode"),
        deprecated=flag(node, "deprecated"),
    )
