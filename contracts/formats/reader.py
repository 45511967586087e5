"""Lenient access to a document while a contract is read: what is broken is absent.

`validate` reports what is left out here; the readers only take what they can.
"""

from collections.abc import Iterator

from contracts import pointer as jp
from contracts.document import Document, Json
from contracts.errors import TreatyError
from contracts.model import Node, Requirement, Security
from contracts.refs import Resolver


class Reader:
    """One document, its root node and its resolver."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.resolver = Resolver(document)
        self.root = Node("", document.root)

    def follow(self, node: Node) -> Node | None:
        """Return the node behind all references when it is a mapping, else None."""
        try:
            found = self.resolver.resolve(node)
        except TreatyError:
            return None
        return found if isinstance(found.value, dict) else None

    def raw(self, node: Node, key: str) -> Node | None:
        """Return the member as it is written, or None."""
        if isinstance(node.value, dict) and key in node.value:
            return Node(jp.join(node.pointer, key), node.value[key])
        return None

    def member(self, node: Node, key: str) -> Node | None:
        """Return the mapping that a member is or refers to, or None."""
        found = self.raw(node, key)
        return self.follow(found) if found else None

    def members(self, node: Node | None) -> Iterator[tuple[str, Node]]:
        """Yield names and nodes of a mapping, as written."""
        if node is not None and isinstance(node.value, dict):
            for key, value in node.value.items():
                yield key, Node(jp.join(node.pointer, key), value)

    def items(self, node: Node | None) -> Iterator[Node]:
        """Yield the items of a list, as written."""
        if node is not None and isinstance(node.value, list):
            for index, value in enumerate(node.value):
                yield Node(jp.join(node.pointer, index), value)

    def security(self, operation: Node) -> Security:
        """Return the operation's own security, or the document's where it has none."""
        node = self.raw(operation, "security") or self.raw(self.root, "security")
        if node is None:
            return Security(Node(jp.join(operation.pointer, "security"), None), ())
        if not isinstance(node.value, list):
            return Security(node, ((_UNREADABLE,),))
        return Security(node, tuple(_requirements(item) for item in node.value))


# Nobody can meet it: security that cannot be read must not read as open.
_UNREADABLE = Requirement("", ("",))


def _requirements(value: Json) -> tuple[Requirement, ...]:
    if not isinstance(value, dict):
        return (_UNREADABLE,)
    return tuple(Requirement(scheme, _scopes(scopes)) for scheme, scopes in value.items())


def _scopes(value: Json) -> tuple[str, ...]:
    if not isinstance(value, list):
        return _UNREADABLE.scopes
    return tuple(scope if isinstance(scope, str) else "" for scope in value)


def text(node: Node, key: str) -> str:
    """Return a member as text: numbers as written (`1.10`), everything else as empty."""
    value = node.value.get(key) if isinstance(node.value, dict) else None
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def flag(node: Node, key: str) -> bool:
    """Return whether a member is literally true."""
    return isinstance(node.value, dict) and node.value.get(key) is True


def texts(node: Node | None) -> tuple[str, ...]:
    """Return the strings of a list."""
    if node is None or not isinstance(node.value, list):
        return ()
    return tuple(item for item in node.value if isinstance(item, str))
