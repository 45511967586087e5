"""What a matcher asks of a value: one closure per test. Several values match where one does."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

Test = Callable[[object], bool]


def make(test: Mapping[str, Any], *, typed: bool) -> Test:
    """Return the test; `typed` compares JSON values, otherwise everything is text."""
    if "not" in test:
        inner = make(test["not"], typed=typed)
        return lambda value: not inner(value)
    if "exists" in test:
        wanted = test["exists"]
        return lambda value: (value is not None) is wanted
    if "in" in test:
        known = frozenset(_key(one) if typed else _text(one) for one in test["in"])
        return _each(lambda value: _key(value) in known)
    if "prefix" in test:
        prefixes = tuple(test["prefix"])
        return _each(lambda value: isinstance(value, str) and value.startswith(prefixes))
    least, most = test.get("min", float("-inf")), test.get("max", float("inf"))
    return _each(
        lambda value: (number := _number(value, typed)) is not None and least <= number <= most
    )


def _each(one: Test) -> Test:
    def test(value: object) -> bool:
        if value is None:
            return False
        if isinstance(value, str) or not isinstance(value, Collection):
            return one(value)
        if isinstance(value, Mapping):
            return False
        for member in value:  # noqa: SIM110  # a generator costs more than the loop
            if isinstance(member, str | int | float) and one(member):
                return True
        return False

    return test


def _key(value: object) -> object:
    """Return a key under which 1 and true differ, as they do in JSON."""
    return ("boolean", value) if isinstance(value, bool) else value


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _number(value: object, typed: bool) -> float | None:
    if isinstance(value, bool) or (typed and isinstance(value, str)):
        return None
    try:
        return float(str(value))
    except ValueError:
        return None
