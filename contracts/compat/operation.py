"""Walks what an operation consists of, also where the service is the one that calls.

Called by `contracts.compat.walk` for operations of both versions, webhooks and callbacks.
"""

from collections.abc import Iterator
from dataclasses import replace

from contracts import pointer as jp
from contracts.compat import bodies, matching, unread
from contracts.compat.lifecycle import UNSTABLE
from contracts.compat.pairs import (
    IncomingPair,
    Life,
    LifePair,
    OperationPair,
    Pair,
    ParameterPair,
    RequestBodyPair,
    ResponsePair,
    Root,
    SecurityPair,
    ServersPair,
    Site,
    UndecidedPair,
)
from contracts.compat.scene import Scene
from contracts.model import Node, Operation, Parameter, Response
from contracts.report import Direction


def pair(scene: Scene, old: Operation | None, new: Operation | None) -> OperationPair:
    """Return the pair of an operation, with the site that everything inside stands on."""
    key = next(op.key for op in (old, new) if op)
    home = Site(key, key, "/paths", "/paths", unstable=_stability(old) in UNSTABLE)
    return OperationPair(home.at(old, new), old, new, scene.on)


def inside(scene: Scene, site: Site, old: Operation, new: Operation) -> Iterator[Pair | Root]:
    """Yield what an operation that both versions have consists of."""
    if not site.flipped:
        at = replace(site, old=old.security.node.pointer, new=new.security.node.pointer)
        yield SecurityPair(at, old.security, new.security)
    if old.servers or new.servers:
        addresses = old.servers or scene.old.addresses, new.servers or scene.new.addresses
        yield ServersPair(site, *addresses)
    yield LifePair(site, "the operation", life(old), life(new), scene.on, scene.lifecycle)
    broken = [
        set(unread.members(op, res)) for op, res in zip((old, new), scene.resolvers, strict=True)
    ]
    yield from _undecided(site, old, new, broken[0], broken[1])
    yield from _parameters(scene, site, old, new, broken)
    if not any("/requestBody" in pointers for pointers in broken):
        yield from _request_body(scene, site, old, new)
    for was, now in matching.responses(old.responses, new.responses):
        if (was or not _unread_status(now, broken[0])) and (
            now or not _unread_status(was, broken[1])
        ):
            yield from _response(scene, site, was, now)
    yield from _callbacks(scene, site, old, new, broken)


def life(part: Operation | Parameter | None) -> Life | None:
    """Return what an operation or a parameter says about how long it lives."""
    if part is None:
        return None
    value = part.node.value if isinstance(part.node.value, dict) else {}
    return Life(part.deprecated, value.get("x-sunset"), value.get("x-stability-level"))


def _stability(op: Operation | None) -> object:
    said = life(op)
    return said.stability if said and isinstance(said.stability, str) else None


def _undecided(
    site: Site, old: Operation, new: Operation, before: set[str], after: set[str]
) -> Iterator[UndecidedPair]:
    """Yield what the reader had to leave out on one side, unless it is the same on the other."""
    for pointer in sorted(before - after):
        at = replace(site, old=old.node.pointer + pointer)
        yield UndecidedPair(at, "the old version has a part that cannot be read")
    for pointer in sorted(after - before):
        at = replace(site, new=new.node.pointer + pointer)
        yield UndecidedPair(at, "the new version has a part that cannot be read")


def _unread_status(response: Response | None, broken: set[str]) -> bool:
    names = (response.status, response.status.lower()) if response else ()
    return any(jp.join("", "responses", name) in broken for name in names)


def _parameters(
    scene: Scene, site: Site, old: Operation, new: Operation, broken: list[set[str]]
) -> Iterator[Pair | Root]:
    hidden = [any(p.startswith("/parameters") for p in pointers) for pointers in broken]
    for before, after in matching.parameters(old, new):
        # A parameter without a partner may be the one that cannot be read.
        if (before or not hidden[0]) and (after or not hidden[1]):
            yield from _parameter(scene, site, before, after)


def _parameter(
    scene: Scene, site: Site, old: Parameter | None, new: Parameter | None
) -> Iterator[Pair | Root]:
    at = site.at(old, new)
    many = any(bodies.many(parameter.schema) for parameter in (old, new) if parameter)
    yield ParameterPair(at, old, new, many, scene.on)
    known = new or old
    if known is None:
        return
    subject = f"parameter `{known.name}` ({known.location})"
    yield LifePair(at, subject, life(old), life(new), scene.on, scene.lifecycle)
    if old is None or new is None:
        return
    yield Root(
        at,
        subject,
        site.seen(Direction.REQUEST),
        bodies.spot(old.schema or _first(old), old.node),
        bodies.spot(new.schema or _first(new), new.node),
        textual=bool(old.schema and new.schema),
    )


def _first(parameter: Parameter) -> Node | None:
    return parameter.content[0].schema if parameter.content else None


def _request_body(
    scene: Scene, site: Site, old: Operation, new: Operation
) -> Iterator[Pair | Root]:
    before, after = old.request_body, new.request_body
    if before is None and after is None:
        return
    at = site.at(before, after, f"request of {site.where}")
    yield RequestBodyPair(at, before, after)
    if before and after:
        direction = site.seen(Direction.REQUEST)
        yield from bodies.contents(scene, at, direction, before, after)


def _response(
    scene: Scene, site: Site, old: Response | None, new: Response | None
) -> Iterator[Pair | Root]:
    known = old or new
    if known is None:
        return
    home = replace(site, old=jp.join(site.old, "responses"), new=jp.join(site.new, "responses"))
    at = home.at(old, new, f"response {known.status} of {site.where}")
    yield ResponsePair(at, known.status, old, new)
    if old is None or new is None:
        return
    direction = site.seen(Direction.RESPONSE)
    if old.content and new.content:
        yield from bodies.contents(scene, at, direction, old, new)
    yield from bodies.headers(scene, at, direction, old, new)
    yield from bodies.links(at, old, new)


def webhooks(scene: Scene, site: Site) -> Iterator[Pair | Root]:
    """Yield the calls that the service makes to whoever has subscribed."""
    home = replace(site, old="/webhooks", new="/webhooks", flipped=True)
    owners = (reader.raw(reader.root, "webhooks") for reader in scene.readers)
    sides = scene.old.webhooks, scene.new.webhooks
    yield from _incoming(scene, home, "webhook", tuple(owners), sides)


def _callbacks(
    scene: Scene, site: Site, old: Operation, new: Operation, broken: list[set[str]]
) -> Iterator[Pair | Root]:
    home = replace(
        site,
        old=jp.join(site.old, "callbacks"),
        new=jp.join(site.new, "callbacks"),
        flipped=True,
    )
    sides = [{c.name: c for c in op.callbacks} for op in (old, new)]
    for name in dict.fromkeys(name for side in sides for name in side):
        before, after = (side.get(name) for side in sides)
        # A callback that cannot be read is named with the other parts of the operation.
        if jp.join("", "callbacks", name) not in broken[0] | broken[1]:
            calls = tuple(c.operations if c else () for c in (before, after))
            owners = tuple(c.node if c else None for c in (before, after))
            at = replace(home, where=f"callback `{name}` of {site.where}")
            yield from _incoming(scene, at, "callback", owners, calls)


def _incoming(
    scene: Scene,
    site: Site,
    kind: str,
    owners: tuple[Node | None, ...],
    sides: tuple[tuple[Operation, ...], ...],
) -> Iterator[Pair | Root]:
    resolvers = scene.resolvers
    broken = [unread.items(o, r) for o, r in zip(owners, resolvers, strict=True)]
    for name in broken[0].keys() ^ broken[1].keys():
        at = replace(site, old=broken[0].get(name, site.old), new=broken[1].get(name, site.new))
        at = replace(at, where=site.where if kind == "callback" else f"webhook {name}")
        yield UndecidedPair(at, "one version has a part that cannot be read")
    for before, after in matching.operations(*sides):
        known = next(op for op in (before, after) if op)
        if (before or known.path not in broken[0]) and (after or known.path not in broken[1]):
            yield from _call(scene, site, kind, before, after)


def _call(
    scene: Scene, site: Site, kind: str, old: Operation | None, new: Operation | None
) -> Iterator[Pair | Root]:
    key = next(op.key for op in (old, new) if op)
    where = f"webhook {key}" if kind == "webhook" else f"{site.where}, {key}"
    unstable = site.unstable or _stability(old) in UNSTABLE
    at = replace(site.at(old, new, where), unstable=unstable)
    at = replace(at, operation=at.operation or where)
    yield IncomingPair(at, kind, old, new)
    if old and new:
        yield OperationPair(at, old, new, scene.on)
        yield from inside(scene, at, old, new)
        if _written(old, "callbacks") != _written(new, "callbacks"):
            yield UndecidedPair(at, "it has callbacks of its own, which are not compared")


def _written(op: Operation, key: str) -> object:
    return op.node.value.get(key) if isinstance(op.node.value, dict) else None
