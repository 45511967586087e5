"""Walks two contracts side by side and hands out ready pairs, each with its context.

Called by `contracts.compat.run`. What cannot be read on one side is handed out as undecided.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from contracts.compat import annotations, matching, messages, operation, unread
from contracts.compat.lifecycle import TOLERANT, Lifecycle
from contracts.compat.pairs import (
    ContractPair,
    Pair,
    SchemePair,
    ServersPair,
    Site,
    UndecidedPair,
)
from contracts.compat.pairs import Root as Root  # what a walk yields beside pairs
from contracts.compat.scene import Scene
from contracts.formats.detect import known
from contracts.model import Contract, Operation, Security
from contracts.report import Direction
from contracts.schema import Spot


def walk(
    old: Contract, new: Contract, on: date, lifecycle: Lifecycle = TOLERANT
) -> Iterator[Pair | Root]:
    """Yield every pair of two contracts of the same format, `on` the day of the judgement."""
    site = Site("", "the contract", "", "")
    if old.format is not new.format:
        yield UndecidedPair(site, f"one side is {old.format.value}, the other {new.format.value}")
        return
    scene = Scene.of(old, new, on, lifecycle)
    for item in _contract(scene, site):
        yield item
        if isinstance(item, Root) and scene.annotated:
            yield from annotations.walk(scene, item)


def _contract(scene: Scene, site: Site) -> Iterator[Pair | Root]:
    old, new = scene.old, scene.new
    yield ContractPair(site, old, new)
    yield ServersPair(site, old.addresses, new.addresses)
    if old.schema and new.schema:
        for dialect in {old.dialect, new.dialect}:
            if not known(dialect):
                yield UndecidedPair(site, f"the dialect `{dialect[:100]}` is not known")
        yield Root(site, "the value", Direction.NONE, Spot.of(old.schema), Spot.of(new.schema))
    used = {name for security in _securities(old) for name in _named(security)}
    for name in dict.fromkeys((*old.security_schemes, *new.security_schemes)):
        yield _scheme(name, old, new, used=name in used)
    yield from _operations(scene)
    yield from operation.webhooks(scene, site)
    yield from messages.walk(scene)


def _securities(contract: Contract) -> Iterator[Security]:
    for op in (*contract.operations, *contract.webhooks):
        yield op.security
        for callback in op.callbacks:
            yield from (incoming.security for incoming in callback.operations)
    for channel in contract.channels:
        yield from (flow.security for flow in channel.flows)


def _named(security: Security) -> Iterator[str]:
    for alternative in security.alternatives:
        yield from (requirement.scheme for requirement in alternative)


def _scheme(name: str, old: Contract, new: Contract, *, used: bool) -> SchemePair:
    before, after = old.security_schemes.get(name), new.security_schemes.get(name)
    home = "/securityDefinitions" if "swagger" in old.dialect else "/components/securitySchemes"
    site = Site(
        "",
        f"security scheme `{name}`",
        before.pointer if before else home,
        after.pointer if after else home,
    )
    return SchemePair(site, name, before, after, used)


def _operations(scene: Scene) -> Iterator[Pair | Root]:
    old, new = scene.old, scene.new
    broken = tuple(
        unread.paths(side, res) for side, res in zip((old, new), scene.resolvers, strict=True)
    )
    yield from _unread_paths(*broken)
    renamed = matching.renamed_schemes(old.security_schemes, new.security_schemes)
    for before, after in matching.operations(old.operations, new.operations):
        # Where the partner may be in what cannot be read, nobody can say that it is gone.
        if before and (after or not _hidden(before, broken[1])):
            yield from _both(scene, before, after, renamed)
        elif after and not before and not _hidden(after, broken[0]):
            yield operation.pair(scene, None, after)


def _both(
    scene: Scene, old: Operation, new: Operation | None, renamed: Mapping[str, str]
) -> Iterator[Pair | Root]:
    security = matching.rename(old.security, renamed)
    if new and _alike(scene, old, new, security):
        return
    pair = operation.pair(scene, old, new)
    yield pair
    if new:
        yield from operation.inside(scene, pair.site, replace(old, security=security), new)


def _alike(scene: Scene, old: Operation, new: Operation, security: Security) -> bool:
    """Whether nothing was changed in an operation, nor in what it inherits from around it."""
    return (
        old.path == new.path
        and security.alternatives == new.security.alternatives
        and [p.node.value for p in old.parameters] == [p.node.value for p in new.parameters]
        and [s.node.value for s in old.servers] == [s.node.value for s in new.servers]
        and scene.old.dialect == scene.new.dialect
        and scene.sameness.same_value(old.node.value, new.node.value)
        and all(map(scene.sameness.same_value, *(
            [p.node.value for p in op.parameters] for op in (old, new)
        )))
    )  # fmt: skip


def _hidden(op: Operation, broken: unread.Paths) -> bool:
    shape = matching.shape(op.path)
    return any(key in broken for key in (("", ""), (shape, ""), (shape, op.method)))


def _unread_paths(old: unread.Paths, new: unread.Paths) -> Iterator[UndecidedPair]:
    for side, one, other in (("old", old, new), ("new", new, old)):
        for key in one.keys() - other.keys():
            places = {"old": "/paths", "new": "/paths", side: one[key]}
            where = " ".join(part for part in reversed(key) if part) or "all paths"
            site = Site("", where, places["old"], places["new"])
            yield UndecidedPair(site, f"the {side} version has a part that cannot be read")
