"""What the presence of one property asks of an object, as Confluent compares it."""

from collections.abc import Iterator

from contracts.compat.profiles import values
from contracts.compat.profiles.difference import Difference
from contracts.compat.profiles.shape import Shape
from contracts.compat.profiles.walk import Walk

_MODERN = ("dependentRequired", "dependentSchemas")
_CLASSIC = ("dependencies",)


def dependencies(walk: Walk, old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield differences of required names and of schemas that depend on a property."""
    before, after = _lists(old), _lists(new)
    for name in dict.fromkeys([*before, *after]):
        how = _list_change(before.get(name), after.get(name))
        if how:
            yield old.to(new, f"DEPENDENCY_ARRAY_{how}", _keyword(new), name)
    was, now = _schemas(old), _schemas(new)
    for name in dict.fromkeys([*was, *now]):
        one, other = was.get(name), now.get(name)
        if one is not None and other is not None:
            yield from walk.compare(one, other)
        else:
            how = "ADDED" if one is None else "REMOVED"
            yield old.to(new, f"DEPENDENCY_SCHEMA_{how}", _keyword(new), name)


def _list_change(old: list[str] | None, new: list[str] | None) -> str:
    if old is None:
        return "ADDED"
    if new is None:
        return "REMOVED"
    return values.grown(old, new)


def _keyword(shape: Shape) -> str:
    return next((word for word in _keywords(shape) if word in shape.keywords), "dependencies")


def _keywords(shape: Shape) -> tuple[str, ...]:
    """2019-09 split the keyword; the old one goes on being read there where it is written."""
    return (*_MODERN, *_CLASSIC) if shape.source.dialect.modern else _CLASSIC


def _lists(shape: Shape) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for keyword in _keywords(shape):
        for name, value in shape.table(keyword).items():
            if isinstance(value, list):
                found[name] = [item for item in value if isinstance(item, str)]
    return found


def _schemas(shape: Shape) -> dict[str, Shape]:
    found: dict[str, Shape] = {}
    for keyword in _keywords(shape):
        for name in shape.table(keyword):
            schema = shape.child(keyword, name)
            if schema is not None:
                found[name] = schema
    return found
