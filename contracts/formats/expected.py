"""Reads a document as the format that its sender names; called by `contracts.compat.texts`.

Where nobody names one, the document itself must say what it is (`formats.from_document`).
"""

from collections.abc import Mapping

from contracts import catalog, formats
from contracts.digest import contract_digest
from contracts.document import Document
from contracts.errors import TreatyError
from contracts.formats import jsonschema, openapi
from contracts.formats.detect import LATEST_SCHEMA, OPENAPI_31, detect
from contracts.model import Contract, Format
from contracts.problem import Detail


def from_document(document: Document, expected: Format | None) -> Contract:
    """Return the contract. Raises `TreatyError` (unknown-format) when it is another format.

    A named format makes sparse documents readable: `{}` and `true` are JSON Schemas, and paths
    without `openapi` are read as OpenAPI 3.1.
    """
    root = document.root
    if expected is Format.JSON_SCHEMA and isinstance(root, dict | bool):
        return jsonschema.read(document, _dialect(document), contract_digest(root))
    if expected is Format.OPENAPI and isinstance(root, dict) and _fragment(root):
        return openapi.read(document, OPENAPI_31, contract_digest(root))
    contract = formats.from_document(document)
    if expected is not None and contract.format is not expected:
        place = document.place("")
        sentence = f"This is {contract.format.value}, but {expected.value} was announced."
        detail = Detail(sentence, "", place.file, place.line, place.column)
        raise TreatyError(catalog.UNKNOWN_FORMAT, f"{place.file}: {sentence}", errors=(detail,))
    return contract


def _dialect(document: Document) -> str:
    """Return the dialect that `$schema` names, else the latest."""
    if not isinstance(document.root, dict) or "$schema" not in document.root:
        return LATEST_SCHEMA
    only = Document(document.source, {"$schema": document.root["$schema"]}, document.positions)
    return detect(only)[1]


def _fragment(root: Mapping[str, object]) -> bool:
    known = ("openapi", "swagger", "asyncapi", "$schema")
    return not any(key in root for key in known) and isinstance(root.get("paths"), dict)
