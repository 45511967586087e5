"""`oasDocumentSchema`: the document follows the schema of its OpenAPI version."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema
import jsonschema_rs

from contracts.document import Json
from contracts.lint.function import Context, Result

# Format → folder of `openapi_spec_validator.resources.schemas`; the first that fits counts.
_SCHEMAS = {"oas2": "v2.0", "oas3.0": "v3.0", "oas3.1": "v3.1", "oas3.2": "v3.2"}
MAX_ERRORS = 50


def oas_document_schema(value: Json, _: Mapping[str, Json], context: Context) -> Iterator[Result]:
    """Demand a valid document; each error is told at its innermost place."""
    version = next((folder for name, folder in _SCHEMAS.items() if name in context.formats), None)
    root = context.document.root  # as written: the schema knows references
    if version is None or not isinstance(value, dict):
        return
    plain = json.loads(json.dumps(root, default=str))
    if _fast(version).is_valid(plain):
        return
    told: set[tuple[str | int, ...]] = set()
    for error in _slow(version).iter_errors(plain):
        inner = _innermost(error)
        path = tuple(inner.absolute_path)
        if path not in told and len(told) < MAX_ERRORS:
            told.add(path)
            yield Result(inner.message[:300], path)


@cache
def _schema(version: str) -> dict[str, Any]:
    resource = (
        files("openapi_spec_validator.resources.schemas").joinpath(version).joinpath("schema.json")
    )
    schema: dict[str, Any] = json.loads(resource.read_text())
    return schema


@cache
def _fast(version: str) -> Any:
    return jsonschema_rs.validator_for(_schema(version))


@cache
def _slow(version: str) -> Any:
    schema = _schema(version)
    return jsonschema.validators.validator_for(schema)(schema)


def _innermost(error: Any) -> Any:
    """Follow alternatives to the branch that fits best: the one that fails deepest inside."""
    while error.context:
        error = max(error.context, key=lambda inner: (len(inner.absolute_path), -_weight(inner)))
    return error


def _weight(error: Any) -> int:
    return 1 if error.validator in ("required", "additionalProperties", "type") else 0
