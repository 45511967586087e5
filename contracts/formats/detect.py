"""Which format a document is written in; called by `formats.read` and `validate`."""

import re

from contracts import catalog
from contracts.document import Document, Json
from contracts.errors import TreatyError
from contracts.model import Format
from contracts.problem import Detail

OPENAPI_30 = "openapi-3.0"
OPENAPI_31 = "openapi-3.1"
OPENAPI_32 = "openapi-3.2"
SWAGGER_20 = "swagger-2.0"
ASYNCAPI_2 = "asyncapi-2"
ASYNCAPI_3 = "asyncapi-3"
LATEST_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
SUPPORTED = (
    "OpenAPI 3.0, 3.1 and 3.2, Swagger 2.0, AsyncAPI 2 and 3, and JSON Schema draft-03 to 2020-12"
)

_OPENAPI = re.compile(r"(3\.[012])(?:\.[0-9]{1,4})?(?:-[0-9A-Za-z.]{1,32})?")
_ASYNCAPI = re.compile(r"([23])\.[0-9]{1,4}(?:\.[0-9]{1,4})?(?:-[0-9A-Za-z.]{1,32})?")
_DRAFT = re.compile(r"https?://json-schema\.org/draft-(0[34567])/(?:hyper-)?schema#?")
_RECENT = re.compile(r"https?://json-schema\.org/draft/(2019-09|2020-12)/(?:hyper-)?schema#?")
_UNVERSIONED = re.compile(r"https?://json-schema\.org/schema#?")
_KEYWORDS = frozenset(
    [
        "$ref",
        "$id",
        "$anchor",
        "$defs",
        "$dynamicRef",
        "$recursiveRef",
        "$comment",
        "id",
        "type",
        "enum",
        "const",
        "definitions",
        "properties",
        "patternProperties",
        "additionalProperties",
        "unevaluatedProperties",
        "propertyNames",
        "required",
        "minProperties",
        "maxProperties",
        "dependencies",
        "dependentRequired",
        "dependentSchemas",
        "items",
        "prefixItems",
        "additionalItems",
        "unevaluatedItems",
        "contains",
        "minContains",
        "maxContains",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "pattern",
        "format",
        "contentEncoding",
        "contentMediaType",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "title",
        "description",
        "default",
        "examples",
    ]
)
_TYPES = frozenset(["null", "boolean", "object", "array", "number", "string", "integer"])


def detect(document: Document, expected: Format | None = None) -> tuple[Format, str]:
    """Return the format and the dialect. Raises `TreatyError` (unknown-format) at the place.

    Where a JSON Schema is `expected`, any mapping is one: every keyword is optional.
    """
    root = document.root
    if isinstance(root, bool):
        return Format.JSON_SCHEMA, LATEST_SCHEMA
    if expected is Format.JSON_SCHEMA and isinstance(root, dict):
        return Format.JSON_SCHEMA, _schema(root.get("$schema"))
    if not isinstance(root, dict):
        raise _unknown(document, "", "A contract is a mapping; this text is not one.")
    if "openapi" in root:
        return Format.OPENAPI, _openapi(document, root["openapi"])
    if "swagger" in root:
        if str(root["swagger"]) == "2.0":
            return Format.OPENAPI, SWAGGER_20
        raise _unknown(document, "/swagger", "This version of Swagger is not known.")
    if "asyncapi" in root:
        return Format.ASYNCAPI, _asyncapi(document, root["asyncapi"])
    if isinstance(root.get("paths"), dict) and "$schema" not in root:
        return Format.OPENAPI, OPENAPI_31  # `validate` says that the version is missing
    if "$schema" in root:
        return Format.JSON_SCHEMA, _schema(root["$schema"])
    if _looks_like_schema(root):
        return Format.JSON_SCHEMA, LATEST_SCHEMA
    sentence = "There is neither 'openapi', 'swagger' nor '$schema', and it is no JSON Schema."
    raise _unknown(document, "", sentence)


def known(dialect: str) -> bool:
    """Whether the keywords of a dialect of JSON Schema are those that Treaty knows."""
    return (
        bool(_DRAFT.fullmatch(dialect) or _RECENT.fullmatch(dialect)) and "draft-03" not in dialect
    )


def _openapi(document: Document, version: Json) -> str:
    match = _OPENAPI.fullmatch(str(version))
    if match is None or isinstance(version, bool | dict | list):
        raise _unknown(document, "/openapi", "This version of OpenAPI is not known.")
    return f"openapi-{match[1]}"


def _asyncapi(document: Document, version: Json) -> str:
    match = _ASYNCAPI.fullmatch(str(version))
    if match is None or isinstance(version, bool | dict | list):
        raise _unknown(document, "/asyncapi", "This version of AsyncAPI is not known.")
    return {"2": ASYNCAPI_2, "3": ASYNCAPI_3}[match[1]]


def _schema(uri: Json) -> str:
    if isinstance(uri, str):
        if match := _DRAFT.fullmatch(uri):
            # Draft-05 changed no word of draft-04.
            number = "04" if match[1] == "05" else match[1]
            return f"http://json-schema.org/draft-{number}/schema#"
        if match := _RECENT.fullmatch(uri):
            return f"https://json-schema.org/draft/{match[1]}/schema"
        if _UNVERSIONED.fullmatch(uri):
            return LATEST_SCHEMA
        return uri  # read by the words that all dialects share; compat says that it is undecided
    return LATEST_SCHEMA


def _looks_like_schema(root: dict[str, Json]) -> bool:
    """Whether a mapping without `$schema` is a schema: an empty one, or one with its keywords."""
    types = root.get("type")
    if types is not None:
        names = types if isinstance(types, list) else [types]
        if not names or any(isinstance(name, str) and name not in _TYPES for name in names):
            return False
    return not root or any(keyword in _KEYWORDS for keyword in root)


def _unknown(document: Document, pointer: str, sentence: str) -> TreatyError:
    sentence = f"{sentence} Supported are {SUPPORTED}."
    place = document.place(pointer)
    detail = Detail(sentence, pointer, place.file, place.line, place.column)
    where = f"{place.file}:{place.line}:{place.column}"
    return TreatyError(catalog.UNKNOWN_FORMAT, f"{where}: {sentence}", errors=(detail,))
