"""Merges the plain parts of one schema into one: what all of them accept together.

Called by `contracts.normal` only. Each keyword group has one small function.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from contracts import pointer as jp
from contracts.document import Json
from contracts.model import Node
from contracts.schema import TYPES, Limit, Schema, Spot, Union

# A limit speaks about values of these types only; `True` where a higher number narrows.
LIMITS: Mapping[str, tuple[frozenset[str], bool]] = {
    "minimum": (frozenset({"integer", "number"}), True),
    "maximum": (frozenset({"integer", "number"}), False),
    "minLength": (frozenset({"string"}), True),
    "maxLength": (frozenset({"string"}), False),
    "minItems": (frozenset({"array"}), True),
    "maxItems": (frozenset({"array"}), False),
    "minProperties": (frozenset({"object"}), True),
    "maxProperties": (frozenset({"object"}), False),
}
OPAQUE = (
    "not",
    "if",
    "then",
    "else",
    "contains",
    "minContains",
    "maxContains",
    "prefixItems",
    "patternProperties",
    "propertyNames",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "unevaluatedProperties",
    "unevaluatedItems",
    "contentEncoding",
    "contentMediaType",
    "$dynamicRef",
    "$recursiveRef",
)
_MATCH_ALL = frozenset({"", ".*", "^.*$", "^.*", ".*$", "^(.*)$", "[\\s\\S]*", "^[\\s\\S]*$"})
_OBJECT_WORDS = ("properties", "additionalProperties", "required", "patternProperties")


class Part(Protocol):
    """What merging needs to know of a plain part."""

    @property
    def node(self) -> Node: ...
    @property
    def value(self) -> Mapping[str, Json]: ...
    @property
    def nullable(self) -> bool: ...


class Draft:
    """A schema under construction; every step can only narrow it."""

    def __init__(self, at: str) -> None:
        self.at = at
        self.types: frozenset[str] = TYPES
        self.nullable = True
        self.enum: list[Json] | None = None
        self.unions: list[Union] = []
        self.limits: dict[str, Limit] = {}
        self.places: dict[str, str] = {}
        self.members: dict[str, object] = {}  # the fields of Schema that merge without conflict

    def narrow(self, types: frozenset[str], *, nullable: bool) -> None:
        """Keep only these types."""
        self.types, self.nullable = self.types & types, self.nullable and nullable

    def restrict(self, values: Iterable[Json], pointer: str) -> None:
        """Keep only these values, in their order."""
        allowed: dict[str, Json] = {literal(v): v for v in values if v is not None}
        if self.enum is not None:
            allowed = {literal(v): v for v in self.enum if literal(v) in allowed}
        self.enum = list(allowed.values())
        self.places["enum"] = pointer

    def limit(self, keyword: str, limit: Limit, pointer: str) -> None:
        """Keep the tighter of two ends."""
        known = self.limits.get(keyword)
        higher = LIMITS[keyword][1]
        if known is None or _tighter(limit, known, higher=higher):
            self.limits[keyword] = limit
            self.places[keyword] = pointer

    def finish(self) -> Schema:
        """Return the schema, without the keywords that say nothing about its types."""
        if self.enum is not None and self.types == TYPES:
            self.types = _with_integer(frozenset(_type_of(value) for value in self.enum))
        relevant = {k: v for k, v in self.limits.items() if LIMITS[k][0] & self.types}
        if self.types == {"integer"}:
            relevant = {k: _whole(k, v) for k, v in relevant.items()}
        return Schema(
            at=self.at,
            types=self.types,
            nullable=self.nullable,
            enum=None if self.enum is None else tuple(self.enum),
            limits=relevant,
            unions=tuple(self.unions),
            places=self.places,
            **self.members,  # type: ignore[arg-type]  # filled by merge() below with the fields of Schema
        )


def merge(parts: Sequence[Part], at: str, dialect: str, *, lenient: bool) -> Draft:
    """Return the draft of everything that all parts accept, unions left out."""
    draft = Draft(parts[0].node.pointer if parts else at)
    for part in parts:
        _note_places(draft, part)
        _types(draft, part, dialect, lenient=lenient)
        _values(draft, part, dialect)
        _limits(draft, part)
    _objects(draft, parts)
    _arrays(draft, parts)
    _strings(draft, parts)
    _notes(draft, parts)
    return draft


def literal(value: Json) -> str:
    """Return a text that is equal for equal JSON values: `1` and `1.0` are, `1` and `true` not."""
    if isinstance(value, float) and not isinstance(value, bool) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _note_places(draft: Draft, part: Part) -> None:
    for keyword in part.value:
        draft.places.setdefault(keyword, jp.join(part.node.pointer, keyword))


def _types(draft: Draft, part: Part, dialect: str, *, lenient: bool) -> None:
    declared = part.value.get("type")
    names = [declared] if isinstance(declared, str) else declared
    if not isinstance(names, list):
        names = inferred_type(part.value) if lenient else None
    if names is None:
        return
    known = frozenset(name for name in names if isinstance(name, str))
    if "any" in known:
        return
    if "file" in known:  # Swagger 2.0
        known |= {"string"}
    nullable = part.nullable or "null" in known or _says_nullable(part.value, dialect)
    draft.narrow(_with_integer(known & TYPES), nullable=nullable)


def _with_integer(types: frozenset[str]) -> frozenset[str]:
    """Every integer is a number, so sets of types compare by inclusion."""
    return types | {"integer"} if "number" in types else types


def inferred_type(value: Mapping[str, Json]) -> list[Json] | None:
    """Return the type that an author who left it out meant, where there can be no doubt."""
    if any(isinstance(value.get(word), dict | list) for word in _OBJECT_WORDS):
        return ["object"]
    return ["array"] if "items" in value else None


def _says_nullable(value: Mapping[str, Json], dialect: str) -> bool:
    if dialect in ("openapi-3.0", "swagger-2.0"):
        return value.get("nullable") is True or value.get("x-nullable") is True
    return False


def _values(draft: Draft, part: Part, dialect: str) -> None:
    values = part.value.get("enum")
    if isinstance(values, list):
        draft.restrict(values, jp.join(part.node.pointer, "enum"))
        null = None in values or part.nullable or _says_nullable(part.value, dialect)
        draft.nullable = draft.nullable and null
    if "const" in part.value and dialect not in ("openapi-3.0", "swagger-2.0"):
        draft.restrict([part.value["const"]], jp.join(part.node.pointer, "const"))
        draft.nullable = draft.nullable and (part.value["const"] is None or part.nullable)


def _limits(draft: Draft, part: Part) -> None:
    for keyword in LIMITS:
        value = _number(part.value.get(keyword))
        pointer = jp.join(part.node.pointer, keyword)
        exclusive = f"exclusive{keyword[0].upper()}{keyword[1:]}"
        if value is not None and not (
            value <= 0 and keyword.startswith("min") and keyword != "minimum"
        ):
            draft.limit(keyword, Limit(value, part.value.get(exclusive) is True), pointer)
        bound = _number(part.value.get(exclusive))
        if bound is not None:
            draft.limit(
                keyword, Limit(bound, exclusive=True), jp.join(part.node.pointer, exclusive)
            )


def _objects(draft: Draft, parts: Sequence[Part]) -> None:
    names = {name: None for part in parts for name in _mapping(part, "properties")}
    properties = {name: spot for name in names if (spot := _property(parts, name)) is not None}
    closed = any(part.value.get("additionalProperties") is False for part in parts)
    further = [
        Node(jp.join(part.node.pointer, "additionalProperties"), schema)
        for part in parts
        if isinstance(schema := part.value.get("additionalProperties"), dict) and schema
    ]
    required = (name for part in parts for name in _list(part, "required"))
    draft.members["properties"] = properties
    draft.members["required"] = frozenset(name for name in required if isinstance(name, str))
    if closed or _sealed(parts):
        draft.members["additional"] = False
    elif further:
        draft.members["additional"] = Spot(tuple(further), further[0].pointer)


def _sealed(parts: Sequence[Part]) -> bool:
    """Whether the outermost part refuses what no part evaluated, and nothing else evaluates."""
    outer = parts[0].value if parts else {}
    branching = ("oneOf", "anyOf", "if", "dependentSchemas", "patternProperties", "$dynamicRef")
    return outer.get("unevaluatedProperties") is False and not any(
        word in part.value for part in parts for word in branching
    )


def _property(parts: Sequence[Part], name: str) -> Spot | None:
    """Return what all parts ask of one member, or None where a closed part refuses it."""
    nodes = []
    for part in parts:
        declared = _mapping(part, "properties")
        if name in declared:
            nodes.append(Node(jp.join(part.node.pointer, "properties", name), declared[name]))
            continue
        further = part.value.get("additionalProperties")
        if further is False and "patternProperties" not in part.value:
            return None
        if isinstance(further, dict) and further:
            nodes.append(Node(jp.join(part.node.pointer, "additionalProperties"), further))
    return Spot(tuple(nodes), nodes[0].pointer)


def _arrays(draft: Draft, parts: Sequence[Part]) -> None:
    nodes = [
        Node(jp.join(part.node.pointer, "items"), items)
        for part in parts
        if isinstance(items := part.value.get("items"), dict | bool) and items is not True
    ]
    if nodes:
        draft.members["items"] = Spot(tuple(nodes), nodes[0].pointer)
    draft.members["unique"] = any(part.value.get("uniqueItems") is True for part in parts)


def _strings(draft: Draft, parts: Sequence[Part]) -> None:
    patterns = {p for part in parts if isinstance(p := part.value.get("pattern"), str)}
    multiples = {m for part in parts if (m := _number(part.value.get("multipleOf")))}
    formats = [f for part in parts if isinstance(f := part.value.get("format"), str) and f]
    if "string" in draft.types:
        draft.members["patterns"] = tuple(sorted(patterns - _MATCH_ALL))
    if "number" in draft.types or "integer" in draft.types:
        draft.members["multiple_of"] = tuple(sorted(multiples))
    draft.members["format"] = formats[0] if formats else ""


def _notes(draft: Draft, parts: Sequence[Part]) -> None:
    for field, keyword in (("read_only", "readOnly"), ("write_only", "writeOnly")):
        draft.members[field] = any(part.value.get(keyword) is True for part in parts)
    draft.members["deprecated"] = any(part.value.get("deprecated") is True for part in parts)
    defaults = [part.value["default"] for part in parts if "default" in part.value]
    draft.members["default"] = tuple(defaults[:1])
    names = [
        name
        for part in parts
        if isinstance(name := _mapping(part, "discriminator").get("propertyName"), str)
    ]
    # Swagger 2.0 names the property directly.
    names += [d for part in parts if isinstance(d := part.value.get("discriminator"), str)]
    draft.members["discriminator"] = names[0] if names else ""
    sealed = draft.members.get("additional") is False and _sealed(parts)
    draft.members["opaque"] = tuple(
        (keyword, Node(jp.join(part.node.pointer, keyword), part.value[keyword]))
        for part in parts
        for keyword in _opaque(part)
        if not (sealed and keyword == "unevaluatedProperties")
    )


def _opaque(part: Part) -> list[str]:
    found = [k for k in OPAQUE if k in part.value and part.value[k] is not True]
    if isinstance(part.value.get("items"), list):
        found += [k for k in ("items", "additionalItems") if k in part.value]
    return found


def _mapping(part: Part, keyword: str) -> Mapping[str, Json]:
    value = part.value.get(keyword)
    return value if isinstance(value, dict) else {}


def _list(part: Part, keyword: str) -> list[Json]:
    value = part.value.get(keyword)
    return value if isinstance(value, list) else []


def _number(value: Json) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return None


def _whole(keyword: str, limit: Limit) -> Limit:
    """Return the end of a range of integers as the last integer inside it."""
    if keyword == "minimum":
        return Limit(math.floor(limit.value) + 1 if limit.exclusive else math.ceil(limit.value))
    return Limit(math.ceil(limit.value) - 1 if limit.exclusive else math.floor(limit.value))


def _tighter(one: Limit, other: Limit, *, higher: bool) -> bool:
    if one.value == other.value:
        return one.exclusive and not other.exclusive
    return (one.value > other.value) is higher


def _type_of(value: Json) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if float(value).is_integer() else "number"
    if isinstance(value, list):
        return "array"
    return "object" if isinstance(value, dict) else "string"
