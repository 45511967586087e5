"""The keywords of a schema, each with two schemas that differ by it; containment decides them all.

Where a keyword only announces something, `check` names what reports it, or `reason` says why
nothing does.
"""

from dataclasses import dataclass

from contracts.document import Json

_TEXT: Json = {"type": "string"}


@dataclass(frozen=True, slots=True)
class Keyword:
    """One keyword: the schema without the change and with it."""

    name: str
    old: Json
    new: Json
    check: str = "containment"
    reason: str = ""


def _on(kind: str, name: str, old: Json, new: Json) -> Keyword:
    """Return the change of a keyword's value on a schema of one type."""
    return Keyword(name, {"type": kind, name: old}, {"type": kind, name: new})


def _added(kind: str, name: str, value: Json) -> Keyword:
    return Keyword(name, {"type": kind}, {"type": kind, name: value})


def _said(name: str, value: Json, check: str = "", reason: str = "") -> Keyword:
    return Keyword(name, _TEXT, {"type": "string", name: value}, check, reason)


_PROSE = "words for people; nothing of it is on the wire"
_NAME = "a name inside the document; what it names is compared where it is used"
KEYWORDS: tuple[Keyword, ...] = (
    Keyword("type", {"type": "string"}, {"type": "integer"}),
    Keyword("nullable", {"type": "string"}, {"type": ["string", "null"]}),
    Keyword("enum", {"enum": ["A", "B"]}, {"enum": ["A"]}),
    Keyword("const", {"const": "A"}, {"const": "B"}),
    _on("number", "minimum", 1, 2),
    _on("number", "maximum", 2, 1),
    _on("number", "exclusiveMinimum", 1, 2),
    _on("number", "exclusiveMaximum", 2, 1),
    _on("number", "multipleOf", 2, 4),
    _on("string", "minLength", 1, 2),
    _on("string", "maxLength", 2, 1),
    _on("string", "pattern", "^a", "^b"),
    _on("string", "format", "date", "uuid"),
    _on("array", "items", {"type": "string"}, {"type": "integer"}),
    _on("array", "prefixItems", [{"type": "string"}], [{"type": "integer"}]),
    _on("array", "minItems", 1, 2),
    _on("array", "maxItems", 2, 1),
    _added("array", "uniqueItems", True),
    _added("array", "contains", {"type": "string"}),
    Keyword(
        "minContains",
        {"type": "array", "contains": _TEXT, "minContains": 1},
        {"type": "array", "contains": _TEXT, "minContains": 2},
    ),
    Keyword(
        "maxContains",
        {"type": "array", "contains": _TEXT, "maxContains": 2},
        {"type": "array", "contains": _TEXT, "maxContains": 1},
    ),
    _added("array", "unevaluatedItems", False),
    _on("object", "properties", {"a": _TEXT}, {"a": {"type": "integer"}}),
    Keyword(
        "required",
        {"type": "object", "properties": {"a": _TEXT}},
        {"type": "object", "properties": {"a": _TEXT}, "required": ["a"]},
    ),
    _added("object", "additionalProperties", False),
    _added("object", "patternProperties", {"^x": {"type": "string"}}),
    _added("object", "propertyNames", {"maxLength": 3}),
    _on("object", "minProperties", 1, 2),
    _on("object", "maxProperties", 2, 1),
    _added("object", "dependentRequired", {"a": ["b"]}),
    _added("object", "dependentSchemas", {"a": {"required": ["b"]}}),
    _added("object", "unevaluatedProperties", False),
    _added("string", "not", {"const": "A"}),
    Keyword("allOf", {"allOf": [_TEXT]}, {"allOf": [_TEXT, {"minLength": 2}]}),
    Keyword(
        "anyOf",
        {"anyOf": [_TEXT, {"type": "integer"}]},
        {"anyOf": [_TEXT, {"type": "boolean"}]},
    ),
    Keyword(
        "oneOf",
        {"oneOf": [_TEXT, {"type": "integer"}]},
        {"oneOf": [_TEXT, {"type": "boolean"}]},
    ),
    Keyword(
        "if, then, else",
        {"type": "string"},
        {"type": "string", "if": {"minLength": 2}, "then": {"maxLength": 3}},
    ),
    Keyword(
        "discriminator",
        {"type": "object", "discriminator": {"propertyName": "a"}},
        {"type": "object", "discriminator": {"propertyName": "b"}},
    ),
    Keyword(
        "readOnly, writeOnly",
        {"type": "object", "properties": {"a": _TEXT}},
        {"type": "object", "properties": {"a": {"type": "string", "readOnly": True}}},
    ),
    Keyword("$ref", {"type": "string"}, {"$ref": "#/components/schemas/Gone"}),
    Keyword(
        "contentEncoding",
        {"type": "string", "contentEncoding": "base64"},
        {"type": "string", "contentEncoding": "base16"},
        "content-changed",
    ),
    Keyword(
        "contentMediaType",
        {"type": "string", "contentMediaType": "image/png"},
        {"type": "string", "contentMediaType": "text/csv"},
        "content-changed",
    ),
    Keyword(
        "contentSchema",
        {"type": "string", "contentSchema": {"type": "object"}},
        {"type": "string", "contentSchema": {"type": "array"}},
    ),
    _said("deprecated", True, "property-deprecated"),
    Keyword(
        "default",
        {"type": "string", "default": "a"},
        {"type": "string", "default": "b"},
        "default-changed",
    ),
    Keyword(
        "x-sunset",
        {"properties": {"a": {"deprecated": True, "x-sunset": "2031-01-01"}}},
        {"properties": {"a": {"deprecated": True}}},
        "sunset-deleted",
    ),
    Keyword(
        "x-stability-level",
        {"properties": {"a": {}}},
        {"properties": {"a": {"x-stability-level": "alpha"}}},
        "stability-decreased",
    ),
    Keyword(
        "x-extensible-enum",
        {"type": "string", "x-extensible-enum": ["A", "B"]},
        {"type": "string", "x-extensible-enum": ["A"]},
        "extensible-enum-value-removed",
    ),
    _said("title", "t", reason=_PROSE),
    _said("description", "d", reason=_PROSE),
    _said("$comment", "c", reason=_PROSE),
    _said("examples", ["a"], reason="an example; what is accepted is the schema's matter"),
    _said("example", "a", reason="an example; what is accepted is the schema's matter"),
    _said("externalDocs", {"url": "u"}, reason=_PROSE),
    _said("xml", {"name": "a"}, reason="names inside XML bodies are not compared yet"),
    _said("$id", "https://a.example.com/s", reason=_NAME),
    _said("$anchor", "a", reason=_NAME),
    _said("$dynamicAnchor", "a", reason=_NAME),
    _said("$defs", {"a": {"type": "string"}}, reason=_NAME),
    _said("$schema", "https://json-schema.org/draft/2020-12/schema", reason="names the dialect"),
)
