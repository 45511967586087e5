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
LATEST_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
SUPPORTED = "OpenAPI 3.0, 3.1 and 3.2, Swagger 2.0, and JSON Schema draft-04 to 2020-12"

_OPENAPI = re.compile(r"(3\.[012])(?:\.[0-9]{1,4})?(?:-[0-9A-Za-z.]{1,32})?")
_DRAFT = re.compile(r"https?://json-schema\.org/draft-(04|06|07)/(?:hyper-)?schema#?")
_RECENT = re.compile(r"https?://json-schema\.org/draft/(2019-09|2020-12)/(?:hyper-)?schema#?")
_UNVERSIONED = re.compile(r"https?://json-schema\.org/schema#?")
_TYPES = frozenset(["null", "boolean", "object", "array", "number", "string", "integer"])


def detect(document: Document) -> tuple[Format, str]:
    """Return the format and the dialect. Raises `TreatyError` (unknown-format) at the place."""
    root = document.root
    if not isinstance(root, dict):
        raise _unknown(document, "", "A contract is a mapping; this text is not one.")
    if "openapi" in root:
        return Format.OPENAPI, _openapi(document, root["openapi"])
    if "swagger" in root:
        if str(root["swagger"]) == "2.0":
            return Format.OPENAPI, SWAGGER_20
        raise _unknown(document, "/swagger", "This version of Swagger is not known.")
    if "asyncapi" in root:
        raise _unknown(document, "/asyncapi", "AsyncAPI cannot be read yet.")
    if "$schema" in root:
        return Format.JSON_SCHEMA, _schema(document, root["$schema"])
    if _looks_like_schema(root):
        return Format.JSON_SCHEMA, LATEST_SCHEMA
    sentence = "There is neither 'openapi', 'swagger' nor '$schema', and it is no JSON Schema."
    raise _unknown(document, "", sentence)


def _openapi(document: Document, version: Json) -> str:
    match = _OPENAPI.fullmatch(str(version))
    if match is None or isinstance(version, bool | dict | list):
        raise _unknown(document, "/openapi", "This version of OpenAPI is not known.")
    return f"openapi-{match[1]}"


def _schema(document: Document, uri: Json) -> str:
    if isinstance(uri, str):
        if match := _DRAFT.fullmatch(uri):
            return f"http://json-schema.org/draft-{match[1]}/schema#"
        if match := _RECENT.fullmatch(uri):
            return f"https://json-schema.org/draft/{match[1]}/schema"
        if _UNVERSIONED.fullmatch(uri):
            return LATEST_SCHEMA
    raise _unknown(document, "/$schema", "This dialect of JSON Schema is not known.")


def _looks_like_schema(root: dict[str, Json]) -> bool:
    types = root.get("type")
    if isinstance(types, str) and types in _TYPES:
        return True
    if isinstance(types, list) and types and all(t in _TYPES for t in types if isinstance(t, str)):
        return True
    mappings = ("properties", "$defs", "definitions", "patternProperties", "items")
    if any(isinstance(root.get(keyword), dict) for keyword in mappings):
        return True
    lists = ("allOf", "anyOf", "oneOf", "enum")
    return any(isinstance(root.get(keyword), list) for keyword in lists)


def _unknown(document: Document, pointer: str, sentence: str) -> TreatyError:
    sentence = f"{sentence} Supported are {SUPPORTED}."
    place = document.place(pointer)
    detail = Detail(sentence, pointer, place.file, place.line, place.column)
    where = f"{place.file}:{place.line}:{place.column}"
    return TreatyError(catalog.UNKNOWN_FORMAT, f"{where}: {sentence}", errors=(detail,))
