"""Writes a schema as one JSON Schema 2020-12 document for validators that know nothing of ours.

Called by `proof`. Every schema becomes a definition of its own, so nothing here recurses.
"""

from collections.abc import Callable

from contracts.containment.words import Side, Words
from contracts.document import Json
from contracts.errors import TreatyError
from contracts.model import Node

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_DEFINITIONS = 20_000
Refer = Callable[[Node], Json]


class TooLargeError(Exception):
    """The schema leads to more definitions than a validator should be given."""


class Definitions:
    """Schemas of one side under names, each written once, with everything they lead to.

    `broken` stands where a reference leads nowhere: whether anything or nothing is accepted there;
    None lets the `TreatyError` out.
    """

    def __init__(self, side: Side, *, broken: bool | None, prefix: str = "d") -> None:
        self._side = side
        self._broken = broken
        self._prefix = prefix
        self._names: dict[str, str] = {}
        self._todo: list[Node] = []
        self.written: dict[str, Json] = {}

    def refer(self, node: Node) -> Json:
        """Return a schema that stands for the node. Raises `TooLargeError`."""
        found = self._name(node)
        while self._todo:
            self._write(self._todo.pop())
        return found

    def _name(self, node: Node) -> Json:
        side, names = self._side, self._names
        try:
            node = side.settle(node)
            side.words(node)
        except TreatyError:
            if self._broken is None:
                raise
            return self._broken
        if isinstance(node.value, bool):
            return node.value
        if node.pointer not in names:
            if len(names) >= MAX_DEFINITIONS:
                raise TooLargeError
            names[node.pointer] = f"{self._prefix}{len(names)}"
            self._todo.append(node)
        return {"$ref": f"#/$defs/{names[node.pointer]}"}

    def _write(self, node: Node) -> None:
        words = self._side.words(node)
        inner = _spell(words)
        for key, child in words.one.items():
            inner[key] = self._name(child)
        _compose(inner, words, self._name)
        self.written[self._names[node.pointer]] = inner


def bundle(side: Side, nodes: tuple[Node, ...], *, broken: bool) -> dict[str, Json]:
    """Return the schema that accepts what all nodes accept together. Raises `TooLargeError`."""
    definitions = Definitions(side, broken=broken)
    roots = [definitions.refer(node) for node in nodes]
    return {"$schema": DIALECT, "allOf": roots or [True], "$defs": definitions.written}


def _spell(words: Words) -> dict[str, Json]:
    inner: dict[str, Json] = dict(words.plain)
    if words.types is not None:
        inner["type"] = [t for t in words.types if t in _TYPES]
        if not inner["type"]:
            del inner["type"]
            inner["not"] = {}
    if words.enum is not None:
        inner["enum"] = words.enum
    if words.required:
        inner["required"] = list(words.required)
    if words.dependent:
        inner["dependentRequired"] = {k: list(v) for k, v in words.dependent.items()}
    return inner


_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")


def _compose(inner: dict[str, Json], words: Words, refer: Refer) -> None:
    for key, children in words.many.items():
        if children:
            inner[key] = [refer(child) for child in children]
    for key, members in words.named.items():
        inner[key] = {member: refer(child) for member, child in members.items()}
    if words.ref is not None:  # beside the others, for a target may be just true or false
        beside = inner.get("allOf")
        inner["allOf"] = [*(beside if isinstance(beside, list) else []), refer(words.ref)]
