"""Validators of the schemas in a document, made once for a run; the dialects are levelled first.

Called by `examples`. Uses the same reading of schemas as the compatibility engine.
"""

import json
from typing import Any, cast

import jsonschema_rs

from contracts import pointer as jp
from contracts.containment.bundle import TooLargeError, bundle
from contracts.containment.words import Side
from contracts.document import Document, Json
from contracts.formats.detect import detect
from contracts.lint.function import Path
from contracts.model import Node
from contracts.refs import Resolver
from contracts.report import Direction

_BACKTRACK = 100_000  # steps of a pattern before it is given up

# In which order a JavaScript validator looks at keywords: it stops at the first that fails.
_ORDER = (
    "type", "maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum", "multipleOf",
    "maxLength", "minLength", "pattern", "format", "const", "enum", "not", "anyOf", "oneOf",
    "allOf", "if", "maxItems", "minItems", "uniqueItems", "items", "prefixItems", "contains",
    "maxProperties", "minProperties", "required", "dependentRequired", "propertyNames",
    "additionalProperties", "properties", "patternProperties",
)  # fmt: skip
_RANK = {keyword: rank for rank, keyword in enumerate(_ORDER)}


class Validators:
    """The validators of one document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        _, dialect = detect(document)
        resolver = Resolver(document)
        self._sides = {
            direction: Side("lint", resolver, dialect, direction, infers=False)
            for direction in (Direction.NONE, Direction.REQUEST, Direction.RESPONSE)
        }
        for side in self._sides.values():
            side.asserts = True
        self._known: dict[tuple[Path, Direction], Any] = {}

    @classmethod
    def of(cls, document: Document, memo: dict[str, object]) -> "Validators":
        """Return the validators of this run."""
        return cast("Validators", memo.setdefault("oas.validators", cls(document)))

    def error(self, place: Path, direction: Direction, value: Json) -> tuple[str, Path] | None:
        """Return what a value breaks first of the schema written at `place`, None when nothing."""
        key = (place, direction)
        if key not in self._known:
            self._known[key] = self._compile(place, direction)
        validator = self._known[key]
        if validator is None:
            return None
        plain = json.loads(json.dumps(value, default=str))
        if validator.is_valid(plain):
            return None
        first = min(validator.iter_errors(plain), key=_order)
        return str(first.message)[:300], tuple(first.instance_path)

    def _compile(self, place: Path, direction: Direction) -> Any:
        pointer = jp.join("", *place)
        node = Node(pointer, self._document.at(pointer))
        try:
            schema = bundle(self._sides[direction], (node,), broken=True)
            return jsonschema_rs.validator_for(
                json.loads(json.dumps(schema, default=str)),
                validate_formats=True,
                pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=_BACKTRACK),
            )
        except (TooLargeError, ValueError, RecursionError):
            return None


def _order(error: Any) -> tuple[int, ...]:
    return tuple(_RANK[step] for step in error.schema_path if step in _RANK)
