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


def bundle(side: Side, nodes: tuple[Node, ...], *, broken: bool) -> dict[str, Json]:
    """Return the schema that accepts what all nodes accept together.

    `broken` stands where a reference leads nowhere: whether anything or nothing is accepted there.
    Raises `TooLargeError`.
    """
    names: dict[str, str] = {}
    todo: list[Node] = []

    def name(node: Node) -> Json:
        try:
            node = side.settle(node)
            side.words(node)
        except TreatyError:
            return broken
        if isinstance(node.value, bool):
            return node.value
        if node.pointer not in names:
            if len(names) >= MAX_DEFINITIONS:
                raise TooLargeError
            names[node.pointer] = f"d{len(names)}"
            todo.append(node)
        return {"$ref": f"#/$defs/{names[node.pointer]}"}

    roots = [name(node) for node in nodes]
    definitions: dict[str, Json] = {}
    while todo:
        node = todo.pop()
        inner = _spell(side.words(node))
        for key, child in side.words(node).one.items():
            inner[key] = name(child)
        _compose(inner, side.words(node), name)
        definitions[names[node.pointer]] = inner
    return {"$schema": DIALECT, "allOf": roots or [True], "$defs": definitions}


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
