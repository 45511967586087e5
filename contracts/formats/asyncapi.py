"""AsyncAPI 2 and 3 documents to the model; called by `formats.read`.

Directions are the described application's own: in AsyncAPI 2, `publish` says what clients may
publish, so the application receives it; AsyncAPI 3 says `send` and `receive`.
"""

from collections.abc import Iterator

from contracts import pointer as jp
from contracts.document import Document, Json
from contracts.formats.detect import ASYNCAPI_2
from contracts.formats.reader import Reader, flag, text, texts
from contracts.model import (
    Channel,
    Contract,
    Flow,
    Format,
    Message,
    Node,
    Requirement,
    Security,
    Server,
)
from contracts.structure import reference

_ACTIONS = {"publish": "receive", "subscribe": "send"}
# What a trait may not bring along: it would hide whether a message has a payload of its own.
_TRAITS = "traits"


def read(document: Document, dialect: str, digest: str) -> Contract:
    """Return the contract; parts that cannot be read are left out (`validate` names them)."""
    reader = Reader(document)
    info = reader.member(reader.root, "info") or Node("/info", {})
    components = reader.member(reader.root, "components")
    schemes = reader.member(components, "securitySchemes") if components else None
    found = ((name, reader.follow(node)) for name, node in reader.members(schemes))
    channels = _channels_2 if dialect == ASYNCAPI_2 else _channels_3
    return Contract(
        document=document,
        format=Format.ASYNCAPI,
        dialect=dialect,
        title=text(info, "title"),
        version=text(info, "version"),
        digest=digest,
        addresses=tuple(_servers(reader)),
        security_schemes={name: node for name, node in found if node},
        channels=tuple(channels(reader)),
    )


def _servers(reader: Reader) -> Iterator[Server]:
    for _, written in reader.members(reader.raw(reader.root, "servers")):
        node = reader.follow(written)
        if node is None:
            continue
        url, protocol = text(node, "url"), text(node, "protocol")
        if not url:
            url = text(node, "host") + text(node, "pathname")
        variables = dict(reader.members(reader.raw(node, "variables")))
        yield Server(node, url if "://" in url else f"{protocol}://{url}", variables)


def _channels_2(reader: Reader) -> Iterator[Channel]:
    for address, written in reader.members(reader.raw(reader.root, "channels")):
        node = reader.follow(written)
        if node is None:
            continue
        flows = []
        for word, action in _ACTIONS.items():
            operation = reader.member(node, word)
            if operation is not None:
                flows.append(_flow_2(reader, address, action, operation))
        yield _channel(reader, address, address, node, tuple(flows))


def _flow_2(reader: Reader, address: str, action: str, written: Node) -> Flow:
    node = _with_traits(reader, written)
    message = reader.raw(node, "message")
    return Flow(
        action=action,
        name=text(node, "operationId") or f"{action} {address}",
        node=node,
        messages=tuple(_messages_2(reader, message)) if message else (),
        security=_security(reader, node),
        bindings=reader.member(node, "bindings"),
    )


def _messages_2(reader: Reader, written: Node) -> Iterator[Message]:
    target = reader.follow(written)
    one_of = reader.raw(target, "oneOf") if target else None
    for node in reader.items(one_of) if one_of else [written]:
        message = reader.follow(node)
        if message is not None:
            name = text(message, "messageId") or text(message, "name") or _last(node)
            yield _message(reader, name, message)


def _channels_3(reader: Reader) -> Iterator[Channel]:
    flows = list(_flows_3(reader))
    for name, written in reader.members(reader.raw(reader.root, "channels")):
        node = reader.follow(written)
        if node is None:
            continue
        own = [flow for place, flow in flows if place == node.pointer]
        merged = (_merge([f for f in own if f.action == a]) for a in ("receive", "send"))
        address = text(node, "address") or name
        yield _channel(reader, name, address, node, tuple(flow for flow in merged if flow))


def _merge(flows: list[Flow]) -> Flow | None:
    """Return all operations of one direction on a channel as one: nobody on the wire sees which."""
    if not flows:
        return None
    first = flows[0]
    return Flow(
        action=first.action,
        name=first.name,
        node=first.node,
        messages=_once(message for flow in flows for message in flow.messages),
        security=first.security,
        replies=_once(message for flow in flows for message in flow.replies),
        deprecated=all(flow.deprecated for flow in flows),
        bindings=first.bindings,
    )


def _once(messages: Iterator[Message]) -> tuple[Message, ...]:
    return tuple({message.name: message for message in messages}.values())


def _flows_3(reader: Reader) -> Iterator[tuple[str, Flow]]:
    """Yield each operation with the pointer of its channel."""
    for name, written in reader.members(reader.raw(reader.root, "operations")):
        followed = reader.follow(written)
        action = text(followed, "action") if followed else ""
        channel = reader.member(followed, "channel") if followed else None
        if followed is None or channel is None or action not in ("send", "receive"):
            continue
        node = _with_traits(reader, followed)
        reply = reader.member(node, "reply")
        answered = (reader.member(reply, "channel") or channel) if reply else channel
        flow = Flow(
            action=action,
            name=name,
            node=node,
            messages=tuple(_messages_3(reader, node, channel)),
            security=_security(reader, node),
            replies=tuple(_messages_3(reader, reply, answered)) if reply else (),
            deprecated=flag(node, "deprecated"),
            bindings=reader.member(node, "bindings"),
        )
        yield channel.pointer, flow


def _messages_3(reader: Reader, owner: Node, channel: Node) -> Iterator[Message]:
    """Yield the messages that an operation names, or all of its channel."""
    named = reader.raw(owner, "messages")
    if named is None:
        listed = list(reader.members(reader.raw(channel, "messages")))
    else:
        listed = [(_last(node), node) for node in reader.items(named)]
    for name, written in listed:
        node = reader.follow(written)
        if node is not None:
            yield _message(reader, name, node)


def _channel(
    reader: Reader, name: str, address: str, node: Node, flows: tuple[Flow, ...]
) -> Channel:
    parameters = reader.members(reader.raw(node, "parameters"))
    return Channel(
        name=name,
        address=address,
        node=node,
        flows=flows,
        parameters={key: found for key, raw in parameters if (found := reader.follow(raw))},
        bindings=reader.member(node, "bindings"),
    )


def _message(reader: Reader, name: str, written: Node) -> Message:
    node = _with_traits(reader, written)
    payload, payload_format = _schema(reader, node, "payload")
    headers, headers_format = _schema(reader, node, "headers")
    correlation = reader.member(node, "correlationId")
    default = text(reader.root, "defaultContentType")
    return Message(
        name=name,
        node=node,
        payload=payload,
        headers=headers,
        content_type=text(node, "contentType") or default,
        schema_format=payload_format or text(node, "schemaFormat"),
        headers_format=headers_format,
        correlation=text(correlation, "location") if correlation else "",
        bindings=reader.member(node, "bindings"),
    )


def _schema(reader: Reader, message: Node, key: str) -> tuple[Node | None, str]:
    """Return a schema and the name of its language (AsyncAPI 3.0.0, Multi Format Schema Object)."""
    written = reader.raw(message, key)
    value = written.value if written else None
    if written and isinstance(value, dict) and "schemaFormat" in value and "schema" in value:
        return reader.raw(written, "schema"), text(written, "schemaFormat")
    return written, ""


def _with_traits(reader: Reader, node: Node) -> Node:
    """Return the node with what its traits add; what it says itself stands.

    The pointer stays the node's own, so a reader is led to what uses the trait.
    """
    traits = [reader.follow(written) for written in reader.items(reader.raw(node, _TRAITS))]
    own = node.value if isinstance(node.value, dict) else {}
    added: dict[str, Json] = {}
    for trait in traits:
        added |= trait.value if trait and isinstance(trait.value, dict) else {}
    return Node(node.pointer, {**added, **own}) if added else node


def _security(reader: Reader, node: Node) -> Security:
    """Return the requirements of an operation: one of them must be met."""
    written = reader.raw(node, "security")
    if written is None or not isinstance(written.value, list):
        return Security(Node(jp.join(node.pointer, "security"), None), ())
    found = (_requirements(reader, item) for item in reader.items(written))
    return Security(written, tuple(found))


def _requirements(reader: Reader, item: Node) -> tuple[Requirement, ...]:
    value = item.value if isinstance(item.value, dict) else {}
    if reference(value) is not None or "type" in value:  # AsyncAPI 3: the scheme itself
        scheme = reader.follow(item)
        scopes = texts(reader.raw(scheme, "scopes")) if scheme else ("",)
        return (Requirement(_last(item), scopes),)
    return tuple(
        Requirement(name, tuple(s for s in scopes if isinstance(s, str)))
        for name, scopes in value.items()
        if isinstance(scopes, list)
    )


def _last(node: Node) -> str:
    """Return the name under which a reference, or else the node itself, is written."""
    ref = reference(node.value)
    return jp.unescape((ref or node.pointer).rpartition("/")[2])
