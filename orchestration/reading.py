"""Flow and mapping documents from YAML: every mistake named with file, line and pointer."""

import difflib
import json
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from contracts import catalog
from contracts import pointer as jp
from contracts.document import Document
from contracts.errors import TreatyError
from contracts.formats import yaml
from contracts.problem import Detail
from orchestration.definition import KINDS, Flow
from orchestration.mapping import MappingDocument
from orchestration.matching import Matching
from orchestration.ownership import Ownership

MAX_CAUSES = 20
_Model = TypeVar("_Model", bound=BaseModel)


def read_flow(text: bytes, *, source: str) -> tuple[Flow, Document]:
    """Return the flow and where its parts are written. Raises `TreatyError` (invalid-flow)."""
    return _read(Flow, text, source)


def read_mapping(text: bytes, *, source: str) -> tuple[MappingDocument, Document]:
    """Return the mapping and where its parts are written. Raises `TreatyError` (invalid-flow)."""
    return _read(MappingDocument, text, source)


def read_ownership(text: bytes, *, source: str) -> tuple[Ownership, Document]:
    """Return ownership rules and where they are written. Raises `TreatyError` (invalid-flow)."""
    return _read(Ownership, text, source)


def read_matching(text: bytes, *, source: str) -> tuple[Matching, Document]:
    """Return matching rules and where they are written. Raises `TreatyError` (invalid-flow)."""
    return _read(Matching, text, source)


def mistake(document: Document, pointer: str, sentence: str) -> Detail:
    """Return a mistake at a place of a document."""
    place = document.place(pointer)
    return Detail(sentence, pointer, place.file, place.line, place.column)


def refuse(details: list[Detail]) -> TreatyError:
    """Return the error that tells of the mistakes, the first one in its sentence."""
    first = details[0]
    said = f"{first.file}:{first.line}:{first.column}: {first.detail}"
    return TreatyError(catalog.INVALID_FLOW, said, errors=tuple(details[:MAX_CAUSES]))


def _read(model: type[_Model], text: bytes, source: str) -> tuple[_Model, Document]:
    document = yaml.parse(text, source=source)
    plain = json.loads(json.dumps(document.root, default=str))
    if isinstance(plain, dict):
        plain.pop("$schema", None)  # for editors
    try:
        return model.model_validate(plain), document
    except ValidationError as error:
        causes = error.errors(include_input=False, include_url=False)
        # An item that is refused is not counted, and a list of such items is not empty for that.
        kept = [c for c in causes if c["type"] != "too_short"] or causes
        raise refuse([_cause(model, document, cause) for cause in kept]) from None


def _cause(model: type[BaseModel], document: Document, cause: object) -> Detail:
    assert isinstance(cause, dict)  # noqa: S101  # what pydantic promises
    # The kind of a step is no part of the document's path.
    path = [str(part) for part in cause["loc"]]
    pointer = ""
    for part in path:
        longer = jp.join(pointer, part)
        if part in KINDS and not _stands(document, longer):
            continue
        pointer = longer
    sentence = str(cause["msg"]).removeprefix("Value error, ")
    if cause["type"] == "extra_forbidden":
        known = [field.alias or name for name, field in model.model_fields.items()]
        near = difflib.get_close_matches(path[-1], known, 1)
        sentence = f"`{path[-1][:80]}` is unknown here" + (
            f"; did you mean `{near[0]}`?" if near else ""
        )
    elif cause["type"] == "missing":
        sentence = f"`{path[-1]}` is missing"
    return mistake(
        document, pointer if _stands(document, pointer) else pointer.rpartition("/")[0], sentence
    )


def _stands(document: Document, pointer: str) -> bool:
    try:
        document.at(pointer)
    except LookupError:
        return False
    return True
