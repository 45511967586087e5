"""What the presence of one property asks of an object, as Apicurio compares it."""

from collections.abc import Iterator

from contracts.compat.profiles.difference import Difference
from contracts.compat.profiles.shape import Kind, Shape
from contracts.compat.profiles.walk import Walk

_KEYWORDS = ("dependentRequired", "dependentSchemas", "dependencies")


def dependencies(walk: Walk, old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield differences of required names and of schemas that depend on a property."""
    keyword = next((word for word in _keywords(new) if word in new.keywords), "dependencies")
    before, after = _lists(old), _lists(new)
    for name in dict.fromkeys([*before, *after]):
        for how in _list_changes(before.get(name), after.get(name)):
            yield old.to(new, f"OBJECT_TYPE_PROPERTY_DEPENDENCIES_{how}", keyword, name)
    was, now = _schemas(old), _schemas(new)
    for name in dict.fromkeys([*was, *now]):
        one, other = was.get(name), now.get(name)
        if one is not None and other is not None:
            yield from walk.compare(one, other)
        elif other is None:
            yield old.to(new, "OBJECT_TYPE_SCHEMA_DEPENDENCIES_REMOVED", keyword, name)
        elif other.kind is not Kind.EMPTY:
            yield old.to(new, "OBJECT_TYPE_SCHEMA_DEPENDENCIES_ADDED", keyword, name)


def _list_changes(old: frozenset[str] | None, new: frozenset[str] | None) -> Iterator[str]:
    if old is None or new is None:
        yield "KEYS_MEMBER_ADDED" if old is None else "KEYS_MEMBER_REMOVED"
        return
    if new - old:
        yield "VALUE_MEMBER_ADDED"
    if old - new:
        yield "VALUE_MEMBER_REMOVED"


def _keywords(shape: Shape) -> tuple[str, ...]:
    return _KEYWORDS if shape.source.dialect.modern else _KEYWORDS[2:]


def _lists(shape: Shape) -> dict[str, frozenset[str]]:
    return {
        name: frozenset(item for item in value if isinstance(item, str))
        for keyword in _keywords(shape)
        for name, value in shape.table(keyword).items()
        if isinstance(value, list)
    }


def _schemas(shape: Shape) -> dict[str, Shape]:
    found = {
        name: shape.child(keyword, name)
        for keyword in _keywords(shape)
        for name in shape.table(keyword)
    }
    return {name: schema for name, schema in found.items() if schema is not None}
