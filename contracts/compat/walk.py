"""Walks two contracts side by side and hands out ready pairs, each with its context.

Called by `contracts.compat.run`. What cannot be read on one side is handed out as undecided.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from contracts import pointer as jp
from contracts.compat import matching
from contracts.compat.pairs import (
    ContractPair,
    HeaderPair,
    MediaTypePair,
    OperationPair,
    Pair,
    ParameterPair,
    RequestBodyPair,
    ResponsePair,
    SchemePair,
    SecurityPair,
    Site,
    UndecidedPair,
)
from contracts.document import Json
from contracts.errors import TreatyError
from contracts.model import (
    Contract,
    MediaType,
    Node,
    Operation,
    Parameter,
    Response,
    Security,
)
from contracts.refs import Resolver
from contracts.report import Direction
from contracts.schema import Spot


@dataclass(frozen=True, slots=True)
class Root:
    """Two schemas that a schema walk starts from; `subject` is what a reader calls their value."""

    site: Site
    subject: str
    direction: Direction
    old: Spot
    new: Spot
    textual: bool = False


def walk(old: Contract, new: Contract, on: date) -> Iterator[Pair | Root]:
    """Yield every pair of two contracts of the same format, `on` the day of the judgement."""
    site = Site("", "the contract", "", "")
    if old.format is not new.format:
        yield UndecidedPair(site, f"one side is {old.format.value}, the other {new.format.value}")
        return
    yield ContractPair(site, old, new)
    if old.schema and new.schema:
        yield Root(site, "the value", Direction.NONE, Spot.of(old.schema), Spot.of(new.schema))
    for name in dict.fromkeys((*old.security_schemes, *new.security_schemes)):
        yield _scheme(name, old, new)
    resolvers = (Resolver(old.document), Resolver(new.document))
    renamed = matching.renamed_schemes(old.security_schemes, new.security_schemes)
    for before, after in matching.operations(old.operations, new.operations):
        yield _pair(before, after, on)
        if before and after:
            security = matching.rename(before.security, renamed)
            yield from _inside(before, after, security, resolvers)


def _scheme(name: str, old: Contract, new: Contract) -> SchemePair:
    before, after = old.security_schemes.get(name), new.security_schemes.get(name)
    home = "/securityDefinitions" if "swagger" in old.dialect else "/components/securitySchemes"
    site = Site(
        "",
        f"security scheme `{name}`",
        before.pointer if before else home,
        after.pointer if after else home,
    )
    return SchemePair(site, name, before, after)


def _pair(old: Operation | None, new: Operation | None, on: date) -> OperationPair:
    key = next(op.key for op in (old, new) if op)
    home = "/paths"
    site = Site(key, key, old.node.pointer if old else home, new.node.pointer if new else home)
    return OperationPair(site, old, new, on)


def _inside(
    old: Operation, new: Operation, security: Security, resolvers: tuple[Resolver, Resolver]
) -> Iterator[Pair | Root]:
    """Yield what an operation that both versions have consists of."""
    site = Site(old.key, old.key, old.node.pointer, new.node.pointer)
    at = replace(site, old=security.node.pointer, new=new.security.node.pointer)
    yield SecurityPair(at, security, new.security)
    yield from _unread(site, old, new, resolvers)
    for before, after in matching.parameters(old, new):
        yield from _parameter(site, before, after)
    yield from _request_body(site, old, new)
    for was, now in matching.responses(old.responses, new.responses):
        yield from _response(site, was, now)


def _unread(
    site: Site, old: Operation, new: Operation, resolvers: tuple[Resolver, Resolver]
) -> Iterator[UndecidedPair]:
    """Yield what the reader had to leave out on one side, unless it is the same on the other."""
    before, after = (set(_left_out(op, res)) for op, res in zip((old, new), resolvers, strict=True))
    for pointer in sorted(before - after):
        at = replace(site, old=old.node.pointer + pointer)
        yield UndecidedPair(at, "the old version has a part that cannot be read")
    for pointer in sorted(after - before):
        at = replace(site, new=new.node.pointer + pointer)
        yield UndecidedPair(at, "the new version has a part that cannot be read")


def _left_out(operation: Operation, resolver: Resolver) -> Iterator[str]:
    """Yield the relative pointers of members that are, or refer to, nothing readable."""
    for pointer, written in _members(operation.node.value):
        try:
            value = resolver.resolve(Node(operation.node.pointer + pointer, written)).value
        except TreatyError:
            value = None
        if not isinstance(value, dict):
            yield pointer


def _members(operation: Json) -> Iterator[tuple[str, Json]]:
    value = operation if isinstance(operation, dict) else {}
    responses, parameters = value.get("responses"), value.get("parameters")
    if isinstance(responses, dict):
        for status, written in responses.items():
            if not status.startswith("x-"):
                yield jp.join("", "responses", status), written
    if isinstance(parameters, list):
        for index, written in enumerate(parameters):
            yield jp.join("", "parameters", index), written
    if "requestBody" in value:
        yield "/requestBody", value["requestBody"]


def _parameter(site: Site, old: Parameter | None, new: Parameter | None) -> Iterator[Pair | Root]:
    at = Site(
        site.operation,
        site.where,
        old.node.pointer if old else site.old,
        new.node.pointer if new else site.new,
    )
    many = any(_many(parameter) for parameter in (old, new) if parameter)
    yield ParameterPair(at, old, new, many)
    if old is None or new is None:
        return
    subject = f"parameter `{new.name}` ({new.location})"
    written = bool(old.schema and new.schema)
    yield Root(
        at,
        subject,
        Direction.REQUEST,
        _spot(old.schema or _first(old.content), old.node),
        _spot(new.schema or _first(new.content), new.node),
        textual=written,
    )


def _many(parameter: Parameter) -> bool:
    value = parameter.schema.value if parameter.schema else None
    kind = value.get("type") if isinstance(value, dict) else None
    # Behind a reference or without a type, an array cannot be ruled out.
    return kind is None or kind in ("array", "object") or isinstance(kind, list)


def _first(content: tuple[MediaType, ...]) -> Node | None:
    return content[0].schema if content else None


def _spot(schema: Node | None, owner: Node) -> Spot:
    return Spot.of(schema) if schema else Spot.anything(owner.pointer)


def _request_body(site: Site, old: Operation, new: Operation) -> Iterator[Pair | Root]:
    before, after = old.request_body, new.request_body
    if before is None and after is None:
        return
    at = Site(
        site.operation,
        f"request of {site.where}",
        before.node.pointer if before else site.old,
        after.node.pointer if after else site.new,
    )
    yield RequestBodyPair(at, before, after)
    if before and after:
        for was, now in matching.media_types(before.content, after.content):
            yield from _media_type(at, Direction.REQUEST, was, now)


def _media_type(
    site: Site, direction: Direction, old: MediaType | None, new: MediaType | None
) -> Iterator[Pair | Root]:
    at = Site(
        site.operation,
        site.where,
        old.node.pointer if old else jp.join(site.old, "content"),
        new.node.pointer if new else jp.join(site.new, "content"),
    )
    if old and new:
        yield Root(
            at, "the body", direction, _spot(old.schema, old.node), _spot(new.schema, new.node)
        )
    if old is None or new is None or old.name != new.name:
        yield MediaTypePair(at, direction, old, new)


def _response(site: Site, old: Response | None, new: Response | None) -> Iterator[Pair | Root]:
    known = old or new
    if known is None:
        return
    at = Site(
        site.operation,
        f"response {known.status} of {site.where}",
        old.node.pointer if old else jp.join(site.old, "responses"),
        new.node.pointer if new else jp.join(site.new, "responses"),
    )
    yield ResponsePair(at, known.status, old, new)
    if old is None or new is None:
        return
    if old.content and new.content:
        for was, now in matching.media_types(old.content, new.content):
            yield from _media_type(at, Direction.RESPONSE, was, now)
    yield from _headers(at, old, new)


def _headers(site: Site, old: Response, new: Response) -> Iterator[Pair | Root]:
    left = {header.name.lower(): header for header in old.headers}
    right = {header.name.lower(): header for header in new.headers}
    for name in dict.fromkeys((*left, *right)):
        before, after = left.get(name), right.get(name)
        at = Site(
            site.operation,
            site.where,
            before.node.pointer if before else site.old,
            after.node.pointer if after else site.new,
        )
        yield HeaderPair(at, before, after)
        if before and after:
            yield Root(
                at,
                f"header `{after.name}`",
                Direction.RESPONSE,
                _spot(before.schema, before.node),
                _spot(after.schema, after.node),
                textual=True,
            )
