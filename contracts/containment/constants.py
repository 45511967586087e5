"""Takes a given value apart, so that its members meet the claims about them one by one.

Called by `search` for `enum`, `const` and the names of members.
"""

import json

from contracts.containment.claims import (
    FALSE,
    Among,
    Claim,
    Every,
    Formula,
    Has,
    Is,
    Item,
    Lacks,
    Size,
    both,
    either,
)
from contracts.document import Json
from contracts.merging import literal
from contracts.model import Node


def kind_of(value: Json) -> str:
    """Return which of `KINDS` a value is."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def spelled(fact: Is) -> Json:
    """Return the value that an `Is` is about."""
    value: Json = json.loads(fact.text)
    return value


def meaning(fact: Is, kind: str) -> Formula:
    """Return what it takes for a value of this kind to be, or not to be, the given one."""
    value = spelled(fact)
    if kind_of(value) != kind:
        return FALSE if fact.holds else FALSE.negated()
    if isinstance(value, dict):
        return _is_object(value) if fact.holds else _is_another_object(value)
    if isinstance(value, list):
        return _is_array(value) if fact.holds else _is_another_array(value)
    same: Formula = FALSE.negated()
    if value is not None:
        same = Among(kind, frozenset({fact.text}))
    return same if fact.holds else same.negated()


def _is_object(value: dict[str, Json]) -> Formula:
    never = Claim("", holds=True, pointer="false", node=Node("", value=False))
    members = (Has(frozenset({Is(literal(item))}), name) for name, item in value.items())
    return both([*members, Every("", rest=never, known=frozenset(value))])


def _is_another_object(value: dict[str, Json]) -> Formula:
    other = (Has(frozenset({Is(literal(v), holds=False)}), name) for name, v in value.items())
    return either([*map(Lacks, value), *other, Has(frozenset(), excludes=frozenset(value))])


def _is_array(value: list[Json]) -> Formula:
    items = (Item(frozenset({Is(literal(v))}), i, exact=True) for i, v in enumerate(value))
    return both([Size("array", len(value), len(value)), *items])


def _is_another_array(value: list[Json]) -> Formula:
    other = [
        Item(frozenset({Is(literal(v), holds=False)}), i, exact=True) for i, v in enumerate(value)
    ]
    return either([Size("array", len(value), len(value)).negated(), *other])
