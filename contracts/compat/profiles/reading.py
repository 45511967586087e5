"""JSON Schema text to shapes, split into classes the way the registries' schema library does.

Both registries load drafts 04 to 07 with the same library: `$ref` hides what stands beside it,
each class of keywords becomes a schema of its own, and several classes are an implied `allOf`.
"""

from collections.abc import Iterator
from dataclasses import replace

from contracts import pointer as jp
from contracts.compat.profiles import dialect as words
from contracts.compat.profiles.dialect import Dialect
from contracts.compat.profiles.shape import Kind, Shape
from contracts.document import Document, Json
from contracts.errors import TreatyError
from contracts.model import Node
from contracts.refs import MAX_HOPS, Resolver

_SIMPLE = {"boolean": Kind.BOOLEAN, "null": Kind.NULL}
_CRITERIA = ("allOf", "anyOf", "oneOf")
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")


class Reader:
    """The shapes of one document, each read once; `side` keeps keys of two documents apart."""

    def __init__(self, document: Document, side: str) -> None:
        self.document = document
        self.resolver = Resolver(document)
        self.dialect = words.of(document.root)
        self._side = side
        self._classes = {
            Kind.ARRAY: words.array_keywords(self.dialect),
            Kind.OBJECT: words.object_keywords(self.dialect),
            Kind.NUMBER: words.NUMBER,
            Kind.STRING: words.STRING,
        }
        self._known: dict[str, Shape] = {}

    def root(self) -> Shape:
        """Return the shape of the whole document."""
        return self.read(Node("", self.document.root))

    def read(self, node: Node) -> Shape:
        """Return the shape of a schema, references followed; never raises."""
        if node.pointer not in self._known:
            self._known[node.pointer] = self._read(node)
        return self._known[node.pointer]

    def _read(self, node: Node) -> Shape:
        default = False
        for _ in range(MAX_HOPS):
            value = node.value
            if isinstance(value, dict):
                default = default or "default" in value
            ref = self._reference(value)
            if ref is None:
                return replace(self._schema(node), has_default=default)
            parts = tuple(self._parts(node)) if self.dialect.modern else ()
            try:
                target = self.resolver.target(node, ref)
            except TreatyError:
                return self._shape(node, Kind.UNREADABLE, "")
            if parts:
                whole = self._implied(node, (target, *parts))
                return replace(whole, has_default=default)
            node = target
        return self._shape(node, Kind.UNREADABLE, "")

    def _reference(self, value: Json) -> str | None:
        if isinstance(value, dict):
            for keyword in _REFERENCES if self.dialect.modern else _REFERENCES[:1]:
                ref = value.get(keyword)
                if isinstance(ref, str):
                    return ref
        return None

    def _schema(self, node: Node) -> Shape:
        if node.value is True:
            return self._shape(node, Kind.EMPTY, "")
        if node.value is False:
            return self._shape(node, Kind.FALSE, "")
        if not isinstance(node.value, dict):
            return self._shape(node, Kind.UNREADABLE, "")
        parts = tuple(self._parts(node))
        if not parts:
            return self._shape(node, Kind.EMPTY, "")
        if len(parts) == 1:
            return replace(parts[0], whole=True)
        return self._implied(node, parts)

    def _implied(self, node: Node, parts: tuple[Shape | Node, ...]) -> Shape:
        return replace(self._shape(node, Kind.COMBINED, ""), criterion="allOf", members=parts)

    def _parts(self, node: Node) -> Iterator[Shape]:
        """Yield one shape per class of keywords, in the order of the library's extractors."""
        schema = node.value
        if not isinstance(schema, dict):
            return
        if isinstance(schema.get("enum"), list):
            yield self._part(node, Kind.ENUM, "enum")
        for criterion in _CRITERIA:
            listed = schema.get(criterion)
            if isinstance(listed, list):
                members = tuple(
                    Node(jp.join(node.pointer, criterion, i), item) for i, item in enumerate(listed)
                )
                part = self._part(node, Kind.COMBINED, criterion)
                yield replace(part, criterion=criterion, members=members)
        if "not" in schema:
            yield self._part(node, Kind.NOT, "not")
        if "const" in schema and self.dialect >= Dialect.DRAFT_06:
            yield self._part(node, Kind.CONST, "const")
        yield from self._types(node, schema)
        if self.dialect >= Dialect.DRAFT_07 and not words.CONDITION.isdisjoint(schema):
            yield self._part(node, Kind.CONDITIONAL, "if")

    def _types(self, node: Node, schema: dict[str, Json]) -> Iterator[Shape]:
        """Yield what `type` says, then classes that are spoken of without being asked for."""
        declared = schema.get("type")
        if isinstance(declared, str):
            yield self._typed(node, declared)
        elif isinstance(declared, list):
            names = dict.fromkeys(name for name in declared if isinstance(name, str))
            members = tuple(self._typed(node, name) for name in names)
            part = self._part(node, Kind.COMBINED, "type")
            yield replace(part, criterion="anyOf", members=members)
        asked = {declared} if isinstance(declared, str) else {*self._texts(declared)}
        for kind, keywords in self._classes.items():
            named = kind.value in asked or (kind is Kind.NUMBER and "integer" in asked)
            present = keywords & schema.keys()
            if asked and self.dialect.modern:
                present = present - {"format"}
            if present and not named:
                yield replace(self._part(node, kind, kind.value), typed=False)

    def _texts(self, declared: Json) -> Iterator[str]:
        if isinstance(declared, list):
            yield from (name for name in declared if isinstance(name, str))

    def _typed(self, node: Node, name: str) -> Shape:
        if name in _SIMPLE:
            return self._part(node, _SIMPLE[name], name)
        if name == "integer":
            return replace(self._part(node, Kind.NUMBER, name), integer=True)
        kind = Kind(name) if name in {kind.value for kind in self._classes} else Kind.UNREADABLE
        return self._part(node, kind, name)

    def _part(self, node: Node, kind: Kind, part: str) -> Shape:
        return replace(self._shape(node, kind, part), whole=False)

    def _shape(self, node: Node, kind: Kind, part: str) -> Shape:
        key = f"{self._side}{node.pointer}\x00{part}"
        default = isinstance(node.value, dict) and "default" in node.value
        return Shape(self, kind, key, node.pointer, node.value, has_default=default)
