"""JSON values as JavaScript sees them: truth, types, equality, text. Rulesets are written for it."""

import math

from contracts.document import Json
from contracts.lint.function import MISSING

_SHOWN = 80


def truthy(value: Json) -> bool:
    """Return JavaScript's truth: empty text, 0, NaN, null and undefined are false, `{}` is true."""
    if isinstance(value, dict | list):
        return True
    return bool(value) and value == value  # noqa: PLR0124  # the test for NaN


def kind(value: Json) -> str:
    """Return the JSON Schema type of a value; whole floats are integers (6.1.1 of 2020-12)."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "integer" if not isinstance(value, float) or value.is_integer() else "number"
    return "array" if isinstance(value, list) else "object"


def same(left: Json, right: Json) -> bool:
    """Return whether two values are strictly equal; `1` is not `true`, containers never are."""
    if left is MISSING or right is MISSING:
        return left is right
    if isinstance(left, dict | list) or isinstance(right, dict | list):
        return left is right
    return left == right and isinstance(left, bool) is isinstance(right, bool)


def number(value: Json) -> float:
    """Return what JavaScript's Number() makes of a value, NaN where it makes none."""
    if isinstance(value, bool | int | float):
        return float(value)
    if value is None:
        return 0.0
    if isinstance(value, str):
        text = value.strip()
        try:
            return float(text) if text else 0.0
        except ValueError:
            return math.nan
    return math.nan


def shown(value: Json) -> str:
    """Return a value as a short text for a sentence."""
    if isinstance(value, dict):
        return "Object{}"
    if isinstance(value, list):
        return "Array[]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = str(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def shown_whole(value: Json) -> str:
    """Return the text that JavaScript's String() makes of a value that is no container."""
    return value if isinstance(value, str) else "undefined" if value is MISSING else shown(value)
