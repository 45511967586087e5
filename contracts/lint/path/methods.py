"""The JavaScript methods and functions that filters may call; called by `filters.py`."""

import math
from collections.abc import Callable, Mapping

from contracts.document import Json
from contracts.lint import values
from contracts.lint.function import MISSING

Method = Callable[[Json, list[Json]], Json]


def matched(value: Json, matcher: Callable[[str], bool]) -> Json:
    """Return true for a text that matches and null for one that does not; else undefined."""
    if not isinstance(value, str):
        return MISSING
    return True if matcher(value) else None


def _includes(value: Json, arguments: list[Json]) -> Json:
    if isinstance(value, list):
        return any(values.same(item, each) for each in arguments[:1] for item in value)
    return _text(value, arguments, lambda text, part: part in text)


def _index(value: Json, arguments: list[Json]) -> Json:
    if isinstance(value, list):
        found = (i for i, item in enumerate(value) if arguments and values.same(item, arguments[0]))
        return next(found, -1)
    if isinstance(value, str) and arguments and isinstance(arguments[0], str):
        return value.find(arguments[0])
    return MISSING


def _text(value: Json, arguments: list[Json], test: Callable[[str, str], bool]) -> bool:
    if not isinstance(value, str) or not arguments or not isinstance(arguments[0], str):
        return False
    return test(value, arguments[0])


def _changed(change: Callable[[str], str]) -> Method:
    return lambda value, _: change(value) if isinstance(value, str) else MISSING


def _owns(value: Json, arguments: list[Json]) -> Json:
    return isinstance(value, dict) and any(str(each) in value for each in arguments[:1])


def _position(arguments: list[Json], index: int, otherwise: int) -> int:
    """Return an argument as a whole number, as JavaScript does: what is none counts as 0."""
    if index >= len(arguments) or arguments[index] is MISSING:
        return otherwise
    number = values.number(arguments[index])
    return int(number) if math.isfinite(number) else 0


def _character(value: Json, arguments: list[Json]) -> Json:
    at = _position(arguments, 0, 0)
    return value[max(at, 0) : at + 1] if isinstance(value, str) else MISSING


def _slice(value: Json, arguments: list[Json]) -> Json:
    if not isinstance(value, str | list):
        return MISSING
    return value[_position(arguments, 0, 0) : _position(arguments, 1, len(value))]


def _substring(value: Json, arguments: list[Json]) -> Json:
    if not isinstance(value, str):
        return MISSING
    ends = (_position(arguments, 0, 0), _position(arguments, 1, len(value)))
    start, stop = sorted(max(end, 0) for end in ends)
    return value[start:stop]


def _split(value: Json, arguments: list[Json]) -> Json:
    if not isinstance(value, str) or not arguments or not isinstance(arguments[0], str):
        return MISSING
    return list(value.split(arguments[0]) if arguments[0] else value)


def _written(value: Json) -> Json:
    return MISSING if isinstance(value, dict | list) else values.shown_whole(value)


def _never(_: Json, __: list[Json]) -> Json:
    return MISSING


METHODS: Mapping[str, Method] = {
    "charAt": _character,
    "endsWith": lambda value, rest: _text(value, rest, str.endswith),
    "hasOwnProperty": _owns,
    "includes": _includes,
    "indexOf": _index,
    "match": _never,  # with anything but a pattern
    "slice": _slice,
    "split": _split,
    "startsWith": lambda value, rest: _text(value, rest, str.startswith),
    "substring": _substring,
    "toLowerCase": _changed(str.lower),
    "toString": lambda value, _: _written(value),
    "toUpperCase": _changed(str.upper),
    "trim": _changed(str.strip),
}


Call = Callable[[Json], Json]
CALLS: Mapping[str, Call] = {
    "Array.isArray": lambda value: isinstance(value, list),
    "Number": values.number,
    "Object.keys": lambda value: list(value) if isinstance(value, dict) else [],
    "String": _written,
    "isNaN": lambda value: value is MISSING or math.isnan(values.number(value)),
}
GLOBALS = frozenset(name.partition(".")[0] for name in CALLS)
