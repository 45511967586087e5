"""Where a schema leads: one `$ref` at a time, and to the subtypes that a discriminator admits.

The mask compiler reads both, because a classification may stand beside a `$ref` on the way, or
only in the subtype that the provider really sends.
"""

from contracts import pointer as jp
from contracts.document import Document, Json
from contracts.errors import TreatyError
from contracts.model import Node
from contracts.refs import Resolver, reference

_SCHEMAS = (("components", "schemas"), ("definitions",), ("$defs",))


class References:
    """The references of one document."""

    def __init__(self, resolver: Resolver, *, strict: bool) -> None:
        document = resolver.document
        self._document = document
        self._strict = strict
        self._resolver = resolver
        self._schemas = _named(document)
        self._children: dict[str, list[str]] | None = None

    def next(self, schema: Node) -> list[Node]:
        """Return the one schema that `$ref` names, or nothing.

        Raises `TreatyError` where the chain of references leads nowhere, in a circle or outside.
        """
        ref = reference(schema.value)
        if ref is None:
            return []
        self._resolver.resolve(schema)
        return [self._resolver.target(schema, ref)]

    def subtypes(self, schema: Node) -> list[Node]:
        """Return the schemas that a `discriminator` admits beside the schema itself."""
        value = schema.value
        stated = value.get("discriminator") if isinstance(value, dict) else None
        if stated is None:
            return []
        mapping = stated.get("mapping", {}) if isinstance(stated, dict) else {}
        named = [
            node
            for target in (mapping.values() if isinstance(mapping, dict) else ())
            for node in self._mapped(target)
        ]
        return [*named, *self._descendants(schema.pointer)]

    def _mapped(self, target: Json) -> list[Node]:
        """Return what a mapping entry names: a schema's name, or a reference (OpenAPI 4.8.25)."""
        name = str(target)
        if name in self._schemas:
            return [Node(self._schemas[name], self._document.at(self._schemas[name]))]
        followed = self._followed(Node("", {"$ref": name}))
        return [] if followed is None else [followed]

    def _descendants(self, pointer: str) -> list[Node]:
        """Return the named schemas whose `allOf` leads to `pointer`, children of children too."""
        children = self._by_parent()
        found: dict[str, None] = {}
        todo = [pointer]
        while todo:
            for child in children.get(todo.pop(), ()):
                if child not in found:
                    found[child] = None
                    todo.append(child)
        return [Node(child, self._document.at(child)) for child in found]

    def _by_parent(self) -> dict[str, list[str]]:
        if self._children is None:
            self._children = {}
            for child in self._schemas.values():
                for parent in self._parents(Node(child, self._document.at(child))):
                    self._children.setdefault(parent, []).append(child)
        return self._children

    def _parents(self, schema: Node) -> list[str]:
        """Return the pointers of the schemas that `allOf` extends."""
        branches = schema.value.get("allOf") if isinstance(schema.value, dict) else None
        found = []
        for index, branch in enumerate(branches if isinstance(branches, list) else []):
            ref = reference(branch)
            node = Node(jp.join(schema.pointer, "allOf", index), branch)
            if ref is not None and (parent := self._followed(node)) is not None:
                found.append(parent.pointer)
        return found

    def _followed(self, node: Node) -> Node | None:
        """Return what a reference leads to, or None where that cannot matter.

        Raises `TreatyError` for one that leads nowhere, where a classification could hide there.
        """
        try:
            return self._resolver.resolve(node)
        except TreatyError:
            if self._strict:
                raise
            return None


def _named(document: Document) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in _SCHEMAS:
        pointer = jp.join("", *path)
        try:
            schemas = document.at(pointer)
        except LookupError:
            continue
        if isinstance(schemas, dict):
            found |= {name: jp.join(pointer, name) for name in schemas}
    return found
