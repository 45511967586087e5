"""The matchers under `when:` to one plain form; every mistake with its pointer. Called by `load`."""

import ipaddress
import re
from collections.abc import Mapping

from contracts import pointer as jp
from policies.conditions import expression
from policies.conditions.hours import read_hours

Condition = dict[str, object]

NAMED = ("claim", "header", "query", "path")
PLAIN = ("method", "application", "plan", "scopes", "environment")
_GROUPS = ("any", "all", "not", "client", "time", "expression")
_TESTS = ("not", "exists", "prefix", "min", "max")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_MAX_NAME = 200
_MAX_VALUES = 200
_MAX_VALUE = 500
_MAX_DEPTH = 8


class ConditionError(ValueError):
    """A condition that says nothing sensible; `pointer` leads to the member within it."""

    def __init__(self, pointer: str, sentence: str) -> None:
        super().__init__(sentence)
        self.pointer = pointer
        self.sentence = sentence


def read(value: object, pointer: str = "", depth: int = 0) -> Condition:
    """Return the plain form of a mapping of matchers, all of which must match.

    Raises `ConditionError`.
    """
    if not isinstance(value, Mapping) or not value or len(value) > _MAX_VALUES:
        raise ConditionError(pointer, "a condition is a mapping of matchers")
    if depth > _MAX_DEPTH:
        raise ConditionError(pointer, f"conditions nest at most {_MAX_DEPTH} deep")
    parts = [
        _entry(str(key), entry, jp.join(pointer, str(key)), depth) for key, entry in value.items()
    ]
    return parts[0] if len(parts) == 1 else {"all": parts}


def _entry(key: str, value: object, pointer: str, depth: int) -> Condition:
    if key in ("any", "all"):
        return {key: _several(value, pointer, depth)}
    if key == "not":
        return {"not": read(value, pointer, depth + 1)}
    if key == "client":
        return {"client": _networks(value, pointer)}
    if key in ("time", "expression"):
        try:
            made = read_hours(value) if key == "time" else expression.checked(value)
        except ValueError as error:
            raise ConditionError(pointer, str(error)) from None
        return {key: made}
    return {**_subject(key, pointer), "test": _test(value, pointer, depth)}


def _several(value: object, pointer: str, depth: int) -> list[Condition]:
    if not isinstance(value, list) or not value or len(value) > _MAX_VALUES:
        raise ConditionError(pointer, "a list of conditions is expected here")
    return [read(one, jp.join(pointer, at), depth + 1) for at, one in enumerate(value)]


def _subject(key: str, pointer: str) -> Condition:
    if key in PLAIN:
        return {"subject": key}
    subject, dot, name = key.partition(".")
    if subject not in NAMED or not dot or not name or len(name) > _MAX_NAME:
        known = ", ".join((*PLAIN, *(f"{one}.NAME" for one in NAMED), *_GROUPS))
        raise ConditionError(pointer, f"{key[:80]!r} is nothing to match on; known: {known}")
    if subject == "header":
        if not _HEADER.fullmatch(name):
            raise ConditionError(pointer, f"{name[:80]!r} is no header name")
        name = name.lower()
    return {"subject": subject, "name": name}


def _test(value: object, pointer: str, depth: int) -> Condition:
    if not isinstance(value, Mapping):
        return {"in": _values(value, pointer)}
    if len(value) != 1 and not set(value) <= {"min", "max"}:
        raise ConditionError(pointer, "one test is expected here, or `min` with `max`")
    if not value or not set(value) <= set(_TESTS) or depth > _MAX_DEPTH:
        raise ConditionError(pointer, f"known tests: a value, a list, {', '.join(_TESTS)}")
    if "not" in value:
        return {"not": _test(value["not"], jp.join(pointer, "not"), depth + 1)}
    if "exists" in value:
        if not isinstance(value["exists"], bool):
            raise ConditionError(pointer, "`exists` is true or false")
        return {"exists": value["exists"]}
    if "prefix" in value:
        prefixes = _values(value["prefix"], pointer)
        if not all(isinstance(one, str) and one for one in prefixes):
            raise ConditionError(pointer, "a prefix is a text")
        return {"prefix": prefixes}
    for bound in value.values():
        if isinstance(bound, bool) or not isinstance(bound, int | float):
            raise ConditionError(pointer, "`min` and `max` are numbers")
    return dict(value)


def _values(value: object, pointer: str) -> list[object]:
    values = value if isinstance(value, list) else [value]
    if not values or len(values) > _MAX_VALUES:
        raise ConditionError(pointer, f"1 to {_MAX_VALUES} values are expected here")
    for one in values:
        scalar = isinstance(one, str | int | float | bool)
        if not scalar or (isinstance(one, str) and len(one) > _MAX_VALUE):
            raise ConditionError(pointer, "a value is a text, a number or a boolean")
    return list(values)


def _networks(value: object, pointer: str) -> list[str]:
    found = []
    for one in _values(value, pointer):
        try:
            found.append(str(ipaddress.ip_network(str(one))))
        except ValueError:
            text = str(one)[:80]
            raise ConditionError(pointer, f"{text!r} is no network like 10.0.0.0/8") from None
    return found
