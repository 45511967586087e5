"""Tells whether two schemas mean the same, however they are written.

Called by `contracts.compat` to pair branches of `oneOf`/`anyOf` and to compare keywords whose
meaning is compared for equality only. Refactors (inline or `$ref`, order, annotations) do not
change an identity.
"""

import hashlib
import json

from contracts import pointer as jp
from contracts.document import Json
from contracts.merging import literal
from contracts.model import Node
from contracts.normal import Normaliser
from contracts.schema import TYPES, Schema, Spot

_ONE = frozenset({"not", "if", "then", "else", "contains", "propertyNames", "items",
                  "additionalItems", "unevaluatedItems", "unevaluatedProperties"})  # fmt: skip
_MANY = frozenset({"patternProperties", "dependentSchemas", "dependencies"})
MAX_DEPTH = 64  # deeper schemas are told apart by where they are written
MAX_REPEATS = 10_000  # schemas on circles, which are read again from each start; then likewise


class Identity:
    """Identities of the schemas of one document, remembered per place."""

    def __init__(self, normaliser: Normaliser) -> None:
        self._normaliser = normaliser
        self._known: dict[tuple[str, ...], str] = {}
        self._path: list[tuple[str, ...]] = []
        self._repeats = 0
        self._outermost: list[int] = []  # per open schema: the outermost one it leads back to

    def of(self, spot: Spot) -> str:
        """Return the identity. Raises `TreatyError` when a reference cannot be followed."""
        spot = self._normaliser.settle(spot)
        key = spot.key
        if key in self._known:
            return self._known[key]
        if key in self._path or len(self._path) >= MAX_DEPTH or self._repeats >= MAX_REPEATS:
            return self._cut(key)
        self._path.append(key)
        self._outermost.append(len(self._path))
        try:
            text = json.dumps(self._shape(self._normaliser.schema(spot)), sort_keys=True)
        finally:
            depth = len(self._path)
            self._path.pop()
            reached = self._outermost.pop()
        identity = hashlib.sha256(text.encode()).hexdigest()
        if self._outermost:
            self._outermost[-1] = min(self._outermost[-1], reached)
        if reached >= depth:  # the same wherever the question starts
            self._known[key] = identity
        else:
            self._repeats += 1
        return identity

    def _cut(self, key: tuple[str, ...]) -> str:
        if key not in self._path:
            return f"deep:{key}"
        index = self._path.index(key)
        self._outermost[-1] = min(self._outermost[-1], index + 1)
        return f"up:{len(self._path) - index}"

    def keyword(self, keyword: str, node: Node) -> str:
        """Return the identity of one opaque keyword."""
        return literal(self._keyword(keyword, node))

    def _keyword(self, keyword: str, node: Node) -> Json:
        value = node.value
        if keyword in _ONE and isinstance(value, dict | bool):
            return self.of(Spot.of(node))
        if keyword in _MANY and isinstance(value, dict):
            return {
                name: self._keyword("not", Node(jp.join(node.pointer, name), member))
                for name, member in value.items()
            }
        if keyword in (*_ONE, "prefixItems") and isinstance(value, list):
            spots = (Node(jp.join(node.pointer, i), item) for i, item in enumerate(value))
            return [self.of(Spot.of(item)) for item in spots]
        return sorted(value, key=literal) if isinstance(value, list) else value

    def _shape(self, schema: Schema) -> dict[str, object]:
        additional = schema.additional
        return {
            "types": [*sorted(schema.types)] if schema.types != TYPES else None,
            "null": schema.nullable,
            "enum": None if schema.enum is None else [*sorted(literal(v) for v in schema.enum)],
            "properties": {name: self.of(spot) for name, spot in schema.properties.items()},
            "required": [*sorted(schema.required)],
            "additional": additional if isinstance(additional, bool) else self.of(additional),
            "items": self.of(schema.items) if schema.items else None,
            "limits": {name: str(limit) for name, limit in schema.limits.items()},
            "multiple": [*schema.multiple_of],
            "unique": schema.unique,
            "patterns": [*schema.patterns],
            "format": schema.format,
            "modes": [schema.read_only, schema.write_only],
            "unions": sorted(
                literal([u.exclusive, u.null, *sorted(self.of(branch) for branch in u.branches)])
                for u in schema.unions
                if not u.plain
            ),
            "opaque": sorted(f"{k}={self.keyword(k, node)}" for k, node in schema.opaque),
        }
