"""Finds the parts of a document that a reader had to leave out, because nobody can read them.

Called by the contract walker: what is unreadable on one side is undecided, not added or removed.
"""

from collections.abc import Iterator, Mapping

from contracts import pointer as jp
from contracts.compat.matching import shape
from contracts.document import Json
from contracts.errors import TreatyError
from contracts.formats.openapi import METHODS
from contracts.model import Contract, Node, Operation
from contracts.refs import Resolver

# (path with nameless templates, method) → pointer; an empty method or path stands for all.
Paths = Mapping[tuple[str, str], str]


def paths(contract: Contract, resolver: Resolver) -> Paths:
    """Return the path items and operations that are, or refer to, nothing readable."""
    root = contract.document.root
    written = root.get("paths") if isinstance(root, dict) else None
    if not isinstance(written, dict):
        return {("", ""): "/paths"} if written is not None else {}
    found: dict[tuple[str, str], str] = {}
    for path, value in written.items():
        if not path.startswith("/"):
            continue
        item = readable(Node(jp.join("/paths", path), value), resolver)
        if item is None:
            found[(shape(path), "")] = jp.join("/paths", path)
            continue
        for method in METHODS:
            if method in item and not isinstance(item[method], dict):
                found[(shape(path), method.upper())] = jp.join("/paths", path, method)
    return found


def members(operation: Operation, resolver: Resolver) -> Iterator[str]:
    """Yield the pointers, relative to the operation, of members that nobody can read."""
    value = operation.node.value if isinstance(operation.node.value, dict) else {}
    yield from left_out(operation.node, "responses", resolver)
    yield from left_out(operation.node, "callbacks", resolver)
    parameters = value.get("parameters")
    if isinstance(parameters, list):
        for index, written in enumerate(parameters):
            pointer = jp.join("", "parameters", index)
            if readable(Node(operation.node.pointer + pointer, written), resolver) is None:
                yield pointer
    elif parameters is not None:
        yield "/parameters"
    yield from _shared(operation, resolver)
    if "requestBody" in value:
        node = Node(jp.join(operation.node.pointer, "requestBody"), value["requestBody"])
        if readable(node, resolver) is None:
            yield "/requestBody"


def _shared(operation: Operation, resolver: Resolver) -> Iterator[str]:
    """Yield a pointer when a parameter of the path item around cannot be read."""
    around = jp.split(operation.node.pointer)[:-1]
    if around[-1:] == ("additionalOperations",):
        around = around[:-1]
    try:
        item = resolver.document.at(jp.join("", *around))
    except LookupError:  # a document made by a program, not read
        return
    listed = item.get("parameters") if isinstance(item, dict) else None
    for index, written in enumerate(listed if isinstance(listed, list) else ()):
        node = Node(jp.join("", *around, "parameters", index), written)
        if readable(node, resolver) is None:
            yield jp.join("", "parameters")
            return


def left_out(owner: Node, key: str, resolver: Resolver) -> Iterator[str]:
    """Yield the pointers, relative to the owner, of unreadable members of one of its mappings."""
    written = owner.value.get(key) if isinstance(owner.value, dict) else None
    if isinstance(written, dict):
        for name, value in written.items():
            node = Node(jp.join(owner.pointer, key, name), value)
            if not name.startswith("x-") and readable(node, resolver) is None:
                yield jp.join("", key, name)
    elif written is not None:
        yield jp.join("", key)


def items(owner: Node | None, resolver: Resolver) -> dict[str, str]:
    """Return names and pointers of the unreadable members of a mapping."""
    value = owner.value if owner and isinstance(owner.value, dict) else {}
    pointer = owner.pointer if owner else ""
    nodes = {name: Node(jp.join(pointer, name), written) for name, written in value.items()}
    return {
        name: node.pointer
        for name, node in nodes.items()
        if not name.startswith("x-") and readable(node, resolver) is None
    }


def readable(node: Node, resolver: Resolver) -> dict[str, Json] | None:
    """Return the mapping behind a node, or None."""
    try:
        value = resolver.resolve(node).value
    except TreatyError:
        return None
    return value if isinstance(value, dict) else None
