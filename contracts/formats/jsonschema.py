"""JSON Schema documents, draft-04 to 2020-12, to the model; called by `formats.read`."""

from contracts.document import Document
from contracts.formats.reader import text
from contracts.model import Contract, Format, Node


def read(document: Document, dialect: str, digest: str) -> Contract:
    """Return the contract: one schema, titled by `title`, else by its identifier.

    JSON Schema has no version keyword; `version` or `x-version` at the root is taken where written.
    """
    root = Node("", document.root)
    return Contract(
        document=document,
        format=Format.JSON_SCHEMA,
        dialect=dialect,
        title=text(root, "title") or text(root, "$id") or text(root, "id"),
        version=text(root, "version") or text(root, "x-version"),
        digest=digest,
        schema=root,
    )
