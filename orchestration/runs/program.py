"""A flow with its mappings as one content-addressed document, and compiled again from it."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from orchestration.definition import CallStep, CompareStep, Flow, Mapped, MatchStep
from orchestration.evaluating import Program
from orchestration.expression import Expression
from orchestration.mapping import Mapping as MappingProgram
from orchestration.mapping import MappingDocument
from orchestration.matching import Matching
from orchestration.ownership import Ownership, Rule, rules_of

# Members of a flow document that hold expressions, wherever they stand.
_EXPRESSIONS = frozenset(
    {
        "key",
        "revision",
        "value",
        "when",
        "source",
        "take",
        "let",
        "check",
        "each",
        "subject",
        "data",
        "items",
        "following",
        "records",
        "record",
        "id",
    }
)


def content(
    flow: Flow,
    mappings: Mapping[str, MappingDocument],
    ownership: Sequence[Ownership] = (),
    matching: Sequence[Matching] = (),
) -> dict[str, Any]:
    """Return the flow with all that it names, as plain data: the resolved definition."""
    used = {mapped.mapping for mapped in mapped_in(flow)}
    called = {step.call for _, step in parts(flow) if isinstance(step, CallStep)}
    rules = {
        name: rule.model_dump(mode="json")
        for name, rule in rules_of(flow, ownership).items()
        if name in called
    }
    compared = {step.compare for _, step in parts(flow) if isinstance(step, CompareStep)}
    documents = {
        document.ownership: document.model_dump(mode="json")
        for document in ownership
        if document.ownership in compared
    }
    asked = {step.match for _, step in parts(flow) if isinstance(step, MatchStep)}
    matched = {
        document.matching: document.model_dump(mode="json")
        for document in matching
        if document.matching in asked
    }
    return {
        **({"matching": matched} if matched else {}),
        **({"rules": rules} if rules else {}),
        **({"ownership": documents} if documents else {}),
        "flow": flow.model_dump(mode="json", by_alias=True, exclude_none=True),
        "mappings": {
            name: mappings[name].model_dump(mode="json", by_alias=True, exclude_none=True)
            for name in sorted(used)
        },
    }


def digest(plain: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the content."""
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def build(plain: Mapping[str, Any]) -> Program:
    """Return the compiled program. Raises `ExpressionError`."""
    return _built(json.dumps(plain, sort_keys=True))


@lru_cache(maxsize=256)
def _built(text: str) -> Program:
    plain = json.loads(text)
    flow = Flow.model_validate(plain["flow"])
    mappings = {
        name: MappingProgram(MappingDocument.model_validate(document))
        for name, document in plain["mappings"].items()
    }
    rules = {name: Rule.model_validate(rule) for name, rule in plain.get("rules", {}).items()}
    documents = {
        name: Ownership.model_validate(document)
        for name, document in plain.get("ownership", {}).items()
    }
    matching = {
        name: Matching.model_validate(document)
        for name, document in plain.get("matching", {}).items()
    }
    texts = expressions(flow) | {field.seen for rule in rules.values() for field in rule.fields}
    views = [each.views for each in documents.values()] + [each.views for each in matching.values()]
    for each in views:
        texts |= {text for view in each.values() for text in view.values()}
    compiled = {text: Expression(text) for text in texts}
    return Program(flow, mappings, compiled, rules, documents, matching)


def parts(model: object) -> Iterator[tuple[str, object]]:
    """Yield every member of a document with its name, inner ones too."""
    if isinstance(model, BaseModel):
        for name in type(model).model_fields:
            value = getattr(model, name)
            yield name, value
            yield from parts(value)
    elif isinstance(model, tuple | list):
        for item in model:
            yield "", item
            yield from parts(item)
    elif isinstance(model, dict):
        for item in model.values():
            yield from parts(item)


def expressions(flow: Flow) -> set[str]:
    """Return every expression of a flow."""
    found: set[str] = set()
    for name, value in parts(flow):
        if name in ("inputs", "ids") and isinstance(value, dict):
            found |= {text for text in value.values() if isinstance(text, str)}
        elif isinstance(value, str) and (name in _EXPRESSIONS or name == "body"):
            found.add(value)
    return found


def mapped_in(flow: Flow) -> Iterator[Mapped]:
    """Yield every use of a mapping."""
    for _, value in parts(flow):
        if isinstance(value, Mapped):
            yield value
