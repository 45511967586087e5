"""The JavaScript methods that filters may call; called by `filters.py`."""

from collections.abc import Callable, Mapping

from contracts.document import Json
from contracts.lint import values
from contracts.lint.function import MISSING

Method = Callable[[Json, list[Json]], Json]


def matched(value: Json, matcher: Callable[[str], bool]) -> bool:
    """Return whether a text matches; anything else does not."""
    return isinstance(value, str) and matcher(value)


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


def _never(_: Json, __: list[Json]) -> Json:
    return MISSING


METHODS: Mapping[str, Method] = {
    "endsWith": lambda value, rest: _text(value, rest, str.endswith),
    "hasOwnProperty": _owns,
    "includes": _includes,
    "indexOf": _index,
    "match": _never,  # with anything but a pattern
    "startsWith": lambda value, rest: _text(value, rest, str.startswith),
    "toLowerCase": _changed(str.lower),
    "toUpperCase": _changed(str.upper),
    "trim": _changed(str.strip),
}
