"""JavaScript's comparisons and member access on JSON values; called by `filters.py`."""

import math
from collections.abc import Callable, Mapping

from contracts.document import Json
from contracts.lint import values
from contracts.lint.function import MISSING


def loosely(left: Json, right: Json) -> bool:
    """Return JavaScript's `==`: null is undefined, numbers in texts count."""
    empty = left is None or left is MISSING, right is None or right is MISSING
    if any(empty):
        return all(empty)
    if isinstance(left, str) is isinstance(right, str):
        return values.same(left, right) or values.number(left) == values.number(right)
    return values.number(left) == values.number(right)


def less(left: Json, right: Json) -> bool:
    """Return JavaScript's `<`: texts by their letters, everything else by number."""
    if isinstance(left, str) and isinstance(right, str):
        return left < right
    return _number(left) < _number(right)


def at_most(left: Json, right: Json) -> bool:
    """Return JavaScript's `<=`."""
    if isinstance(left, str) and isinstance(right, str):
        return left <= right
    return _number(left) <= _number(right)


def _number(value: Json) -> float:
    return math.nan if value is MISSING else values.number(value)


OPERATORS: Mapping[str, Callable[[Json, Json], bool]] = {
    "===": values.same,
    "!==": lambda left, right: not values.same(left, right),
    "==": loosely,
    "!=": lambda left, right: not loosely(left, right),
    "<": less,
    "<=": at_most,
    ">": lambda left, right: less(right, left),
    ">=": lambda left, right: at_most(right, left),
}


def member(value: Json, key: Json) -> Json:
    """Return `value[key]`, undefined when there is none; `null[key]` is undefined too."""
    if key == "constructor" and value is not MISSING and value is not None:
        return member_of_kind(value)
    if isinstance(value, dict):
        return value.get(str(key), MISSING)
    if isinstance(value, str | list):
        if key == "length":
            return len(value)
        index = values.number(key)
        if index.is_integer() and 0 <= index < len(value):
            return value[int(index)]
    return MISSING


def member_of_kind(value: Json) -> Json:
    """Return what `value.constructor` is good for: its name. A member of that name comes first."""
    if isinstance(value, dict):
        return value.get("constructor", {"name": "Object"})
    name = "Array" if isinstance(value, list) else type_of(value).capitalize()
    return {"name": name}


def type_of(value: Json) -> str:
    """Return JavaScript's `typeof`."""
    if value is MISSING:
        return "undefined"
    found = values.kind(value)
    return {"null": "object", "array": "object", "integer": "number"}.get(found, found)
