"""Reads one schema object of any dialect in the words of JSON Schema 2020-12.

Called by `expand` (what a schema means) and `bundle` (what an independent validator is given), so
both see the same schema. Nothing is followed here; children stay nodes of their own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from contracts import pointer as jp
from contracts.document import Json
from contracts.errors import TreatyError
from contracts.merging import inferred_type
from contracts.model import Node
from contracts.refs import Resolver, reference
from contracts.report import Direction

ONE = ("not", "if", "then", "else", "contains", "propertyNames", "items", "additionalProperties",
       "unevaluatedItems", "unevaluatedProperties")  # fmt: skip
MANY = ("allOf", "anyOf", "oneOf", "prefixItems")
NAMED = ("properties", "patternProperties", "dependentSchemas")
PLAIN = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
         "maxLength", "pattern", "format", "minItems", "maxItems", "uniqueItems", "minContains",
         "maxContains", "minProperties", "maxProperties")  # fmt: skip
_COUNTS = frozenset({"minLength", "maxLength", "minItems", "maxItems", "minContains",
                     "maxContains", "minProperties", "maxProperties"})  # fmt: skip
_NUMBERS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_REF_ALONE = ("openapi-3.0", "swagger-2.0", "asyncapi-2",
              "draft-03", "draft-04", "draft-06", "draft-07")  # fmt: skip
_NO_CONST = ("openapi-3.0", "swagger-2.0", "draft-03", "draft-04")
# Number formats are ranges (OpenAPI 3.1.1, 4.4; the format registry of the OpenAPI Initiative).
_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}


@dataclass(slots=True)
class Words:
    """The keywords of one schema object that say something about values.

    `types` and `enum` are None where nothing is said. `opaque` names what cannot be decided.
    `apart` is whether its `oneOf` is as good as `anyOf`, once somebody has looked.
    """

    types: tuple[str, ...] | None = None
    enum: list[Json] | None = None
    plain: dict[str, Json] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    dependent: dict[str, tuple[str, ...]] = field(default_factory=dict)
    one: dict[str, Node] = field(default_factory=dict)
    many: dict[str, tuple[Node, ...]] = field(default_factory=dict)
    named: dict[str, dict[str, Node]] = field(default_factory=dict)
    ref: Node | None = None
    opaque: tuple[str, ...] = ()
    apart: bool | None = None


class Side:
    """One version of a contract as containment reads it, for one direction.

    `infers` adds the type that an author left out (OpenAPI); `asserts` makes `format` a
    constraint; `loose` reads a `oneOf` as an `anyOf`, for authors often leave branches open. Members that do not travel in the direction are taken out: readOnly ones of
    requests, writeOnly ones of responses (OpenAPI 3.0.4, 4.7.24).
    """

    def __init__(
        self,
        name: str,
        resolver: Resolver,
        dialect: str,
        direction: Direction,
        *,
        infers: bool,
        loose: bool = False,
    ) -> None:
        self.name = name
        self.resolver = resolver
        self.dialect = dialect
        self.infers = infers
        self.asserts = infers
        self.loose = loose
        self._hidden = {Direction.REQUEST: "readOnly", Direction.RESPONSE: "writeOnly"}.get(
            direction, ""
        )
        self._ref_alone = any(mark in dialect for mark in _REF_ALONE)
        self._consts = not any(mark in dialect for mark in _NO_CONST)
        self._nullable = dialect in ("openapi-3.0", "swagger-2.0")
        self._known: dict[str, Words] = {}
        self._circular: dict[str, bool] = {}

    def words(self, node: Node) -> Words:
        """Return the words of an object schema. Raises `TreatyError` for a broken reference."""
        found = self._known.get(node.pointer)
        if found is None:
            found = self._known[node.pointer] = self._read(node)
        return found

    def settle(self, node: Node) -> Node:
        """Return the node that a bare reference leads to. Raises as `Resolver.resolve`."""
        for _ in range(_MAX_HOPS):
            value = node.value
            if not isinstance(value, dict) or reference(value) is None:
                return node
            if not (self._ref_alone or len(value) == 1):
                return node
            node = self.resolver.target(node, str(value["$ref"]))
        return self.resolver.resolve(node)  # a circle: raises with the whole of it

    def circular(self, node: Node) -> bool:
        """Whether a schema applies itself to the same value, which has no meaning (9.4.1)."""
        found = self._circular.get(node.pointer)
        if found is None:
            found = self._circular[node.pointer] = self._leads_back(node)
        return found

    def _leads_back(self, node: Node) -> bool:
        todo, seen = self._beside(node), set[str]()
        while todo:
            other = todo.pop()
            if other.pointer == node.pointer:
                return True
            if other.pointer not in seen:
                seen.add(other.pointer)
                todo.extend(self._beside(other))
        return False

    def _beside(self, node: Node) -> list[Node]:
        """Return the schemas that a schema applies to the same value."""
        if not isinstance(node.value, dict):
            return []
        try:
            words = self.words(node)
        except TreatyError:  # said where the reference itself is judged
            return []
        found = [words.ref] if words.ref else []
        found += [child for key in ("allOf", "anyOf", "oneOf") for child in words.many.get(key, ())]
        found += [words.one[key] for key in ("not", "if", "then", "else") if key in words.one]
        return [*found, *words.named.get("dependentSchemas", {}).values()]

    def _read(self, node: Node) -> Words:
        words = Words()
        value = node.value
        if not isinstance(value, dict):
            return words
        ref = reference(value)
        if ref is not None:
            words.ref = self._target(node, ref)
            if self._ref_alone or len(value) == 1:
                return words
        self._types(words, value)
        self._values(words, value)
        self._plain(words, value)
        self._children(words, node.pointer, value)
        self._dependencies(words, node.pointer, value)
        self._arrays(words, node.pointer, value)
        self._hide(words)
        words.opaque = tuple(_opaque(value))
        return words

    def _target(self, node: Node, ref: str) -> Node:
        """Return the target; of a broken reference, the bare reference, to be judged apart."""
        bare = Node(jp.join(node.pointer, "$ref"), {"$ref": ref})
        try:
            return self.resolver.target(node, ref)
        except TreatyError:
            if node.value == bare.value:
                raise
            return bare

    def _null(self, value: Mapping[str, Json]) -> bool:
        return self._nullable and (value.get("nullable") is True or value.get("x-nullable") is True)

    def _types(self, words: Words, value: Mapping[str, Json]) -> None:
        declared = value.get("type")
        names = [declared] if isinstance(declared, str) else declared
        if not isinstance(names, list):
            names = inferred_type(value) if self.infers else None
        if names is None or "any" in names:
            return
        kept = [n for n in names if isinstance(n, str)]
        if "file" in kept:  # Swagger 2.0
            kept.append("string")
        if self._null(value):
            kept.append("null")
        words.types = tuple(dict.fromkeys(kept))

    def _values(self, words: Words, value: Mapping[str, Json]) -> None:
        values = value.get("enum")
        if isinstance(values, list):
            words.enum = [*values, None] if self._null(value) and None not in values else values
        if "const" in value and self._consts:
            const = value["const"]
            kept = words.enum is None or any(_equal(const, v) for v in words.enum)
            words.enum = [const] if kept else []

    def _plain(self, words: Words, value: Mapping[str, Json]) -> None:
        for key in PLAIN:
            if key in value and _proper(key, value[key]):
                words.plain[key] = value[key]
        for bound, exclusive in (
            ("minimum", "exclusiveMinimum"),
            ("maximum", "exclusiveMaximum"),
        ):
            if value.get(exclusive) is True and bound in words.plain:  # draft 4, OpenAPI 3.0
                words.plain[exclusive] = words.plain.pop(bound)
        required = value.get("required")
        if isinstance(required, list):
            words.required = tuple(dict.fromkeys(n for n in required if isinstance(n, str)))
        name = words.plain.get("format")
        if not self.asserts:
            words.plain.pop("format", None)
        elif name in _RANGES and set(words.types or ()) & {"integer", "number"}:
            del words.plain["format"]
            _bound(words, *_RANGES[str(name)])

    def _children(self, words: Words, at: str, value: Mapping[str, Json]) -> None:
        for key in ONE:
            child = value.get(key)
            if isinstance(child, dict | bool):
                words.one[key] = Node(jp.join(at, key), child)
        for key in MANY:
            children = value.get(key)
            if isinstance(children, list):
                words.many[key] = tuple(
                    Node(jp.join(at, key, i), child) for i, child in enumerate(children)
                )
        for key in NAMED:
            members = value.get(key)
            if isinstance(members, dict):
                words.named[key] = {
                    name: Node(jp.join(at, key, name), child) for name, child in members.items()
                }
        if "if" not in words.one:
            words.one.pop("then", None)
            words.one.pop("else", None)

    def _dependencies(self, words: Words, at: str, value: Mapping[str, Json]) -> None:
        for key in ("dependentRequired", "dependencies"):  # the latter up to draft 7
            members = value.get(key)
            for name, need in members.items() if isinstance(members, dict) else ():
                if isinstance(need, list):
                    words.dependent[name] = tuple(n for n in need if isinstance(n, str))
                elif isinstance(need, str):
                    words.dependent[name] = (need,)
                elif key == "dependencies" and isinstance(need, dict | bool):
                    schemas = words.named.setdefault("dependentSchemas", {})
                    schemas[name] = Node(jp.join(at, key, name), need)

    def _arrays(self, words: Words, at: str, value: Mapping[str, Json]) -> None:
        """Level tuples: `items` as a list is `prefixItems`, `additionalItems` is `items`."""
        items = value.get("items")
        if isinstance(items, list):
            words.many["prefixItems"] = tuple(
                Node(jp.join(at, "items", i), item) for i, item in enumerate(items)
            )
            rest = value.get("additionalItems")
            if isinstance(rest, dict | bool):
                words.one["items"] = Node(jp.join(at, "additionalItems"), rest)

    def _hide(self, words: Words) -> None:
        """Take out the members that do not travel in this direction."""
        members = words.named.get("properties")
        if not members or not self._hidden:
            return
        gone = {name for name, node in members.items() if self._marked(node)}
        if gone:
            words.named["properties"] = {n: m for n, m in members.items() if n not in gone}
            words.required = tuple(name for name in words.required if name not in gone)

    def _marked(self, node: Node) -> bool:
        value = node.value
        if isinstance(value, dict) and value.get(self._hidden) is True:
            return True
        try:
            target = self.settle(node).value
        except TreatyError:
            return False
        return isinstance(target, dict) and target.get(self._hidden) is True


_MAX_HOPS = 100


def _opaque(value: Mapping[str, Json]) -> Iterator[str]:
    """Yield the keywords whose meaning depends on the path that a validator took."""
    yield from (key for key in ("$dynamicRef", "$recursiveRef") if key in value)


def _proper(key: str, value: Json) -> bool:
    """Whether a keyword has the type of value that gives it a meaning."""
    if key == "uniqueItems":
        return value is True
    if key in ("pattern", "format"):
        return isinstance(value, str)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if key in _COUNTS:
        return value >= 0 and float(value).is_integer()
    return key in _NUMBERS and (key != "multipleOf" or value > 0)


def _bound(words: Words, low: int, high: int) -> None:
    for key, value, tighter in (("minimum", low, max), ("maximum", high, min)):
        known = words.plain.get(key)
        numeric = isinstance(known, int | float) and not isinstance(known, bool)
        words.plain[key] = tighter(known, value) if numeric else value  # type: ignore[type-var]  # `numeric` has just been tested


def _equal(one: Json, other: Json) -> bool:
    """JSON equality: `1` equals `1.0`, and `true` is no number."""
    return one == other and isinstance(one, bool) is isinstance(other, bool)
