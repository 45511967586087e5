"""Text to model: YAML and JSON with positions, OpenAPI, Swagger, AsyncAPI and JSON Schema."""

from collections.abc import Callable, Mapping

from contracts.digest import contract_digest
from contracts.document import Document
from contracts.formats import asyncapi, jsonschema, openapi, swagger
from contracts.formats.bundle import Externals, bundle
from contracts.formats.detect import (
    ASYNCAPI_2,
    ASYNCAPI_3,
    OPENAPI_30,
    OPENAPI_31,
    OPENAPI_32,
    SWAGGER_20,
    detect,
)
from contracts.formats.limits import DEFAULT, Limits
from contracts.formats.yaml import parse
from contracts.model import Contract, Format

_READERS: Mapping[str, Callable[[Document, str, str], Contract]] = {
    OPENAPI_30: openapi.read,
    OPENAPI_31: openapi.read,
    OPENAPI_32: openapi.read,
    SWAGGER_20: swagger.read,
    ASYNCAPI_2: asyncapi.read,
    ASYNCAPI_3: asyncapi.read,
}


def read(
    text: bytes,
    *,
    source: str,
    limits: Limits = DEFAULT,
    externals: Externals | None = None,
    expected: Format | None = None,
) -> Contract:
    """Return the contract in `text`: OpenAPI, Swagger, AsyncAPI or JSON Schema, in YAML or JSON.

    External references stay unresolved unless `externals` is given: it gets the target's
    location (relative to `source` already applied), returns its bytes, and raises `LookupError`
    for what is not on its allow-list. Where a JSON Schema is `expected`, any mapping is one.
    Raises `TreatyError` as `formats.yaml.parse`, and unknown-format. What is broken inside is left out; `contracts.validate` names it.
    """
    document = parse(text, source=source, limits=limits)
    if externals is not None:
        document = bundle(document, externals, limits)
    return from_document(document, expected)


def from_document(document: Document, expected: Format | None = None) -> Contract:
    """Return the contract in a parsed document. Raises `TreatyError` (unknown-format)."""
    _, dialect = detect(document, expected)
    reader = _READERS.get(dialect, jsonschema.read)
    return reader(document, dialect, contract_digest(document.root))
