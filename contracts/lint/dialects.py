"""Which of Spectral's formats a document is in: what `formats` of rules and aliases speak of."""

import re

from contracts.document import Json

# Every name that rulesets use; a rule for another format is listed, not skipped silently.
FORMATS = (
    "oas2",
    "oas3",
    "oas3.0",
    "oas3.1",
    "oas3.2",
    "asyncapi2",
    "asyncapi3",
    *(f"aas2_{minor}" for minor in range(7)),
    "aas3",
    "aas3_0",
    "arazzo1",
    "arazzo1_0",
    "json-schema",
    "json-schema-loose",
    "json-schema-draft4",
    "json-schema-draft6",
    "json-schema-draft7",
    "json-schema-2019-09",
    "json-schema-2020-12",
)
# Spellings of JavaScript rulesets and of older files.
SYNONYMS = {
    "oas3_0": "oas3.0",
    "oas3_1": "oas3.1",
    "oas3_2": "oas3.2",
    "aas2": "asyncapi2",
    "json-schema-draft-04": "json-schema-draft4",
    "json-schema-draft-06": "json-schema-draft6",
    "json-schema-draft-07": "json-schema-draft7",
    "json-schema-draft-2019-09": "json-schema-2019-09",
    "json-schema-draft-2020-12": "json-schema-2020-12",
}
_OPENAPI = re.compile(r"3\.([0-2])(?:\.[0-9]+)?(?:-.*)?")
_DRAFT = re.compile(r"https?://json-schema\.org/draft-0([467])/(?:hyper-)?schema#?")
_RECENT = re.compile(r"https?://json-schema\.org/draft/(2019-09|2020-12)/(?:hyper-)?schema#?")
_COMBINERS = ("allOf", "anyOf", "oneOf", "not")
_TYPES = frozenset(("any", "null", "boolean", "object", "array", "number", "string", "integer"))


def detect(root: Json) -> frozenset[str]:
    """Return the formats that a document is in; none is a fair answer."""
    if not isinstance(root, dict):
        return frozenset()
    if "openapi" in root:
        return _openapi(str(root["openapi"]))
    if "swagger" in root:
        return frozenset(["oas2"]) if str(root["swagger"]) in ("2.0", "2") else frozenset()
    if "asyncapi" in root:
        return _asyncapi(str(root["asyncapi"]))
    if "arazzo" in root:
        return frozenset(["arazzo1", "arazzo1_0"])
    return _schema(root)


def _openapi(version: str) -> frozenset[str]:
    match = _OPENAPI.fullmatch(version)
    return frozenset(["oas3", f"oas3.{match[1]}"]) if match else frozenset()


def _asyncapi(version: str) -> frozenset[str]:
    major, _, rest = version.partition(".")
    minor = rest.partition(".")[0]
    if major == "2":
        return frozenset(["asyncapi2", f"aas2_{minor}"])
    return frozenset(["asyncapi3", "aas3", "aas3_0"]) if major == "3" else frozenset()


def _schema(root: dict[str, Json]) -> frozenset[str]:
    uri = root.get("$schema")
    if isinstance(uri, str):
        if match := _DRAFT.fullmatch(uri):
            return frozenset(["json-schema", f"json-schema-draft{match[1]}"])
        if match := _RECENT.fullmatch(uri):
            return frozenset(["json-schema", f"json-schema-{match[1]}"])
        if "//json-schema.org/" in uri:
            return frozenset(["json-schema"])
    loose = root.get("type") in _TYPES if isinstance(root.get("type"), str) else "enum" in root
    if loose or any(isinstance(root.get(word), list | dict) for word in _COMBINERS):
        return frozenset(["json-schema-loose"])
    return frozenset()
