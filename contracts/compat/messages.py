"""Walks the channels of an event-driven contract; called by `contracts.compat.walk`.

A message that the described application receives is like a request, one that it sends is like a
response.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from contracts import pointer as jp
from contracts.compat import bodies, matching
from contracts.compat.channelpairs import BindingsPair, ChannelPair, FlowPair, MessagePair
from contracts.compat.pairs import (
    Life,
    LifePair,
    Pair,
    Root,
    SecurityPair,
    Site,
    UndecidedPair,
)
from contracts.compat.scene import Scene
from contracts.model import Channel, Flow, Message, Node
from contracts.report import Direction

_OTHER = {Direction.REQUEST: Direction.RESPONSE, Direction.RESPONSE: Direction.REQUEST}
# Languages of schemas that are, for what they accept, JSON Schema.
_READABLE = ("application/vnd.aai.asyncapi", "application/schema", "application/vnd.oai.openapi")


def walk(scene: Scene) -> Iterator[Pair | Root]:
    """Yield the channels of both versions and what travels on them."""
    for old, new in _partners(scene.old.channels, scene.new.channels):
        known = old or new
        if known is None:
            continue
        where = f"channel {known.address}"
        site = Site(where, where, "/channels", "/channels").at(old, new)
        yield ChannelPair(site, old, new)
        if old and new:
            yield from _bindings(site, "the channel", old.bindings, new.bindings)
            yield from _parameters(site, old, new)
            yield from _flows(scene, site, old, new)


def _partners(
    old: tuple[Channel, ...], new: tuple[Channel, ...]
) -> Iterator[tuple[Channel | None, Channel | None]]:
    """Yield partners by address, the rest by name; names of parameters do not matter."""
    left, right = list(old), list(new)
    for alike in (_same_address, _same_name):
        for one in list(left):
            other = next((channel for channel in right if alike(one, channel)), None)
            if other is not None:
                left.remove(one)
                right.remove(other)
                yield one, other
    yield from ((channel, None) for channel in left)
    yield from ((None, channel) for channel in right)


def _same_address(one: Channel, other: Channel) -> bool:
    return matching.shape(one.address) == matching.shape(other.address)


def _same_name(one: Channel, other: Channel) -> bool:
    return one.name == other.name


def _parameters(site: Site, old: Channel, new: Channel) -> Iterator[Root]:
    for name, before in old.parameters.items():
        after = new.parameters.get(name)
        schemas = [_member(node, "schema") for node in (before, after) if node]
        if after and all(schemas):
            at = replace(site, old=before.pointer, new=after.pointer)
            spots = (bodies.spot(node, before) for node in schemas)
            subject = f"parameter `{name}` of the address"
            yield Root(at, subject, Direction.REQUEST, next(spots), next(spots), textual=True)


def _member(node: Node, key: str) -> Node | None:
    value = node.value if isinstance(node.value, dict) else {}
    return Node(jp.join(node.pointer, key), value[key]) if key in value else None


def _flows(scene: Scene, site: Site, old: Channel, new: Channel) -> Iterator[Pair | Root]:
    for action in ("receive", "send"):
        sides = [next((f for f in c.flows if f.action == action), None) for c in (old, new)]
        before, after = sides
        if before or after:
            at = site.at(before, after, f"{site.where}, {action}")
            yield FlowPair(at, action, before, after)
        if before and after:
            yield from _flow(scene, at, before, after)


def _flow(scene: Scene, site: Site, old: Flow, new: Flow) -> Iterator[Pair | Root]:
    at = replace(site, old=old.security.node.pointer, new=new.security.node.pointer)
    yield SecurityPair(at, old.security, new.security)
    yield LifePair(site, "the operation", _life(old), _life(new), scene.on, scene.lifecycle)
    yield from _bindings(site, "the operation", old.bindings, new.bindings)
    direction = Direction.REQUEST if old.action == "receive" else Direction.RESPONSE
    yield from _messages(site, direction, old.messages, new.messages)
    if old.replies and new.replies:
        at = replace(site, where=f"{site.where}, reply")
        yield from _messages(at, _OTHER[direction], old.replies, new.replies)


def _life(flow: Flow) -> Life:
    value = flow.node.value if isinstance(flow.node.value, dict) else {}
    return Life(flow.deprecated, value.get("x-sunset"), value.get("x-stability-level"))


def _messages(
    site: Site, direction: Direction, old: tuple[Message, ...], new: tuple[Message, ...]
) -> Iterator[Pair | Root]:
    left, right = ({message.name: message for message in side} for side in (old, new))
    if len(left) == len(right) == 1:  # the only message needs no name
        right = dict(zip(left, right.values(), strict=True))
    for name in dict.fromkeys((*left, *right)):
        before, after = left.get(name), right.get(name)
        at = site.at(before, after, f"{site.where}, message `{name}`")
        yield MessagePair(at, direction, before, after)
        if before and after:
            yield from _bindings(at, "the message", before.bindings, after.bindings)
            yield from _schemas(at, direction, before, after)


def _schemas(site: Site, direction: Direction, old: Message, new: Message) -> Iterator[Pair | Root]:
    parts = (
        ("the payload", (old.payload, new.payload), (old.schema_format, new.schema_format)),
        ("the headers", (old.headers, new.headers), (old.headers_format, new.headers_format)),
    )
    for subject, (before, after), formats in parts:
        spots = bodies.spot(before, old.node), bodies.spot(after, new.node)
        if all(_readable(name) for name in formats):
            yield Root(site, subject, direction, *spots)
        elif formats[0] != formats[1] or _value(before) != _value(after):
            foreign = next(name for name in formats if not _readable(name))
            at = replace(site, old=spots[0].at, new=spots[1].at)
            yield UndecidedPair(at, f"{subject} is described in `{foreign}`, which is not read")


def _readable(language: str) -> bool:
    return not language or language.startswith(_READABLE)


def _value(node: Node | None) -> object:
    return node.value if node else None


def _bindings(
    site: Site, subject: str, old: Node | None, new: Node | None
) -> Iterator[BindingsPair]:
    left, right = _protocols(old), _protocols(new)
    for protocol in dict.fromkeys((*left, *right)):
        before, after = left.get(protocol), right.get(protocol)
        at = replace(
            site,
            old=before.pointer if before else site.old,
            new=after.pointer if after else site.new,
        )
        yield BindingsPair(at, f"{subject}, protocol `{protocol}`", before, after)


def _protocols(bindings: Node | None) -> Mapping[str, Node]:
    value = bindings.value if bindings and isinstance(bindings.value, dict) else {}
    pointer = bindings.pointer if bindings else ""
    return {name: Node(jp.join(pointer, name), member) for name, member in value.items()}
