"""Objects as Apicurio compares them: required lists, properties, patterns, dependencies, rest."""

from collections.abc import Iterator

from contracts.compat.profiles.apicurio.dependencies import dependencies
from contracts.compat.profiles.apicurio.rest import Rest, changed
from contracts.compat.profiles.apicurio.scalars import bound
from contracts.compat.profiles.difference import Difference
from contracts.compat.profiles.shape import Kind, Shape
from contracts.compat.profiles.walk import Walk
from contracts.languages.matching import matches


def compare(walk: Walk, old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield the differences of two objects."""
    yield from _required(old, new)
    yield from bound(old, new, "minProperties", "OBJECT_TYPE_MIN_PROPERTIES")
    yield from bound(old, new, "maxProperties", "OBJECT_TYPE_MAX_PROPERTIES")
    yield from dependencies(walk, old, new)
    yield from _names(walk, old, new)
    rests = (_rest(old), _rest(new))
    names = ("OBJECT_TYPE_ADDITIONAL_PROPERTIES", _keyword(new))
    yield from changed(walk, old, new, rests, names)
    yield from _properties(walk, old, new, rests)
    yield from _patterns(walk, old, new, rests)


def _required(old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield members of the lists that came or went, declared as properties or not."""
    before, after = old.names("required"), new.names("required")
    if after.keys() - before.keys():
        yield old.to(new, "OBJECT_TYPE_REQUIRED_PROPERTIES_MEMBER_ADDED", "required")
    if before.keys() - after.keys():
        yield old.to(new, "OBJECT_TYPE_REQUIRED_PROPERTIES_MEMBER_REMOVED", "required")


def _names(walk: Walk, old: Shape, new: Shape) -> Iterator[Difference]:
    before, after = old.child("propertyNames"), new.child("propertyNames")
    if before is not None and after is not None:
        yield from walk.compare(before, after)
    elif after is not None and after.kind is not Kind.EMPTY:
        yield old.to(new, "OBJECT_TYPE_PROPERTY_NAMES_SCHEMA_ADDED", "propertyNames")
    elif before is not None and after is None:
        yield old.to(new, "OBJECT_TYPE_PROPERTY_NAMES_SCHEMA_REMOVED", "propertyNames")


def _properties(
    walk: Walk, old: Shape, new: Shape, rests: tuple[Rest, Rest]
) -> Iterator[Difference]:
    """Yield the differences of declared properties; a lone one meets the rest of the other side."""
    for name in dict.fromkeys([*old.table("properties"), *new.table("properties")]):
        was, now = old.child("properties", name), new.child("properties", name)
        if was is not None and now is not None:
            yield from walk.compare(was, now)
        elif now is not None:
            fits = all(rest.read_by(walk, now) for rest in _covers(old, name, rests[0]))
            how = "EXTENDED" if fits else "NARROWED"
            yield old.to(new, f"OBJECT_TYPE_PROPERTY_SCHEMAS_{how}", "properties", name)
        elif was is not None:
            fits = all(rest.reads(walk, was) for rest in _covers(new, name, rests[1]))
            how = "EXTENDED" if fits else "NARROWED"
            yield old.to(new, f"OBJECT_TYPE_PROPERTY_SCHEMAS_{how}", "properties", name)


def _covers(shape: Shape, name: str, rest: Rest) -> list[Rest]:
    """Return what speaks of a property that is not declared: its patterns, else the rest."""
    schemas = [
        shape.child("patternProperties", pattern)
        for pattern in shape.table("patternProperties")
        if matches(pattern, name)
    ]
    return [Rest(schema=schema) for schema in schemas if schema is not None] or [rest]


def _patterns(walk: Walk, old: Shape, new: Shape, rests: tuple[Rest, Rest]) -> Iterator[Difference]:
    before, after = old.table("patternProperties"), new.table("patternProperties")
    for pattern in dict.fromkeys([*before, *after]):
        was = old.child("patternProperties", pattern)
        now = new.child("patternProperties", pattern)
        if was is not None and now is not None:
            yield from walk.compare(was, now)
            continue
        if now is not None:
            how = "EXTENDED" if rests[0].read_by(walk, now) else "MEMBER_ADDED"
        elif was is not None:
            how = "MEMBER_REMOVED" if rests[1].reads(walk, was) else "NARROWED"
        else:
            continue
        stem = f"OBJECT_TYPE_PATTERN_PROPERTY_KEYS_{how}"
        yield old.to(new, stem, "patternProperties", pattern)


def _keyword(shape: Shape) -> str:
    modern = shape.source.dialect.modern
    if "additionalProperties" in shape.keywords or not modern:
        return "additionalProperties"
    return "unevaluatedProperties"


def _rest(shape: Shape) -> Rest:
    return Rest.of(shape, _keyword(shape))
