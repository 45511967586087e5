"""Declared properties as Confluent compares them: the content model decides about a lone one."""

from collections.abc import Iterator

from contracts.compat.profiles.confluent.content import Content, empty
from contracts.compat.profiles.difference import Difference
from contracts.compat.profiles.shape import Kind, Shape
from contracts.compat.profiles.walk import Walk

_RESERVED = "confluent:reserved"


def required(old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield properties that both versions declare and that became, or stopped being, required."""
    before, after = old.names("required"), new.names("required")
    shared = old.table("properties").keys() & new.table("properties").keys()
    for name in sorted(shared):
        if name in before and name not in after:
            yield old.to(new, "REQUIRED_ATTRIBUTE_REMOVED", "required")
        elif name in after and name not in before:
            schema = new.child("properties", name)
            kind = "WITH_DEFAULT_ADDED" if schema and schema.has_default else "ADDED"
            yield old.to(new, f"REQUIRED_ATTRIBUTE_{kind}", "properties", name)


def properties(walk: Walk, before: Content, after: Content) -> Iterator[Difference]:
    """Yield the differences of all declared properties."""
    old, new = before.shape, after.shape
    for name in dict.fromkeys([*old.table("properties"), *new.table("properties")]):
        was, now = old.child("properties", name), new.child("properties", name)
        if was is not None and now is not None:
            yield from walk.compare(was, now)
        elif now is not None:
            yield from _added(walk, before, now, new, name)
        elif was is not None:
            yield from _removed(walk, was, after, old, name)


def reserved(old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield what happened to property names that a schema keeps free.

    The registry keeps them in the metadata of a version, which a schema text has not; they are
    read from the keyword `confluent:reserved` where it stands.
    """
    after = new.names(_RESERVED)
    for name in old.names(_RESERVED):
        if name not in after:
            yield old.to(new, "RESERVED_PROPERTY_REMOVED", _RESERVED)
    for name in after:
        if name in new.table("properties"):
            yield old.to(new, "RESERVED_PROPERTY_CONFLICTS_WITH_PROPERTY", "properties", name)


def _added(walk: Walk, before: Content, now: Shape, new: Shape, name: str) -> Iterator[Difference]:
    """Yield what a new property means: only the model of the old schema matters."""
    old = before.shape
    asked = name in new.names("required")
    kind = "OPTIONAL_PROPERTY"
    if asked:
        kind = "REQUIRED_PROPERTY_WITH_DEFAULT" if now.has_default else "REQUIRED_PROPERTY"
    if before.open:
        if empty(now):
            kind = "PROPERTY_WITH_EMPTY_SCHEMA"
        yield old.to(new, f"{kind}_ADDED_TO_OPEN_CONTENT_MODEL", "properties", name)
        return
    cover = before.cover(name)
    if cover is not None:
        found = walk.compare(cover, now)
        covered = walk.fine(found)
        if covered:
            yield from found
        how = "IS" if covered else "NOT"
        stem = f"PROPERTY_ADDED_{how}_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
        yield old.to(new, stem, "properties", name)
    if cover is None or asked:
        yield old.to(new, f"{kind}_ADDED_TO_UNOPEN_CONTENT_MODEL", "properties", name)


def _removed(walk: Walk, was: Shape, after: Content, old: Shape, name: str) -> Iterator[Difference]:
    """Yield what a property that is gone means: only the model of the new schema matters."""
    new = after.shape
    if after.open:
        yield old.to(new, "PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL", "properties", name)
        return
    cover = after.cover(name)
    if cover is None:
        false = "_WITH_FALSE" if was.kind is Kind.FALSE else ""
        stem = f"PROPERTY{false}_REMOVED_FROM_CLOSED_CONTENT_MODEL"
        yield old.to(new, stem, "properties", name)
        return
    found = walk.compare(was, cover)
    covered = walk.fine(found)
    if covered:
        yield from found
    how = "IS" if covered else "NOT"
    stem = f"PROPERTY_REMOVED_{how}_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
    yield old.to(new, stem, "properties", name)
