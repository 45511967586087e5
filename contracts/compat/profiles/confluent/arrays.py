"""Arrays as Confluent compares them: one schema for all items, or one for each position."""

from collections.abc import Iterator

from contracts.compat.profiles.confluent.content import Content, empty, of_array
from contracts.compat.profiles.confluent.objects import rest, unevaluated
from contracts.compat.profiles.confluent.scalars import bound
from contracts.compat.profiles.dialect import Dialect
from contracts.compat.profiles.difference import Difference
from contracts.compat.profiles.shape import Kind, Shape
from contracts.compat.profiles.walk import Walk

_BOUNDS = (("maxItems", "MAX_ITEMS"), ("minItems", "MIN_ITEMS"))
_MODERN_BOUNDS = (("maxContains", "MAX_CONTAINS"), ("minContains", "MIN_CONTAINS"))


def compare(walk: Walk, old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield the differences of two arrays; the schema of `contains` is not looked at."""
    positional = any(
        "prefixItems" in shape.keywords and shape.source.dialect >= Dialect.DRAFT_2020_12
        for shape in (old, new)
    )
    before, after = (of_array(shape, positional=positional) for shape in (old, new))
    yield from _every(walk, before, after)
    yield from _positions(walk, before, after)
    yield from rest(walk, before, after, "additionalItems", "ADDITIONAL_ITEMS")
    yield from unevaluated(walk, before, after, "unevaluatedItems", "UNEVALUATED_ITEMS")
    modern = old.source.dialect.modern and new.source.dialect.modern
    for keyword, stem in (*_BOUNDS, *(_MODERN_BOUNDS if modern else ())):
        yield from bound(old, new, keyword, stem)
    if old.flag("uniqueItems") is not new.flag("uniqueItems"):
        how = "ADDED" if new.flag("uniqueItems") else "REMOVED"
        yield old.to(new, f"UNIQUE_ITEMS_{how}", "uniqueItems")


def _every(walk: Walk, before: Content, after: Content) -> Iterator[Difference]:
    if before.every is not None and after.every is not None:
        yield from walk.compare(before.every, after.every)
    elif after.every is not None:
        yield before.shape.to(after.shape, "SCHEMA_ADDED", "items")
    elif before.every is not None:
        yield before.shape.to(after.shape, "SCHEMA_REMOVED", "items")


def _positions(walk: Walk, before: Content, after: Content) -> Iterator[Difference]:
    for was, now in zip(before.items, after.items, strict=False):
        yield from walk.compare(was, now)
    for now in after.items[len(before.items) :]:
        yield from _added(walk, before, now, after.shape)
    for was in before.items[len(after.items) :]:
        yield from _removed(walk, was, after, before.shape)


def _added(walk: Walk, before: Content, now: Shape, new: Shape) -> Iterator[Difference]:
    old = before.shape
    cover = before.cover()
    if before.open:
        kind = "ITEM_WITH_EMPTY_SCHEMA" if empty(now) else "ITEM"
        yield old.to(new, f"{kind}_ADDED_TO_OPEN_CONTENT_MODEL", "items")
    elif cover is None:
        yield old.to(new, "ITEM_ADDED_TO_CLOSED_CONTENT_MODEL", "items")
    else:
        found = walk.compare(cover, now)
        covered = walk.fine(found)
        if covered:
            yield from found
        how = "IS" if covered else "NOT"
        yield old.to(new, f"ITEM_ADDED_{how}_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", "items")


def _removed(walk: Walk, was: Shape, after: Content, old: Shape) -> Iterator[Difference]:
    new = after.shape
    cover = after.cover()
    if after.open:
        yield old.to(new, "ITEM_REMOVED_FROM_OPEN_CONTENT_MODEL", "items")
    elif cover is None:
        kind = "ITEM_WITH_FALSE" if was.kind is Kind.FALSE else "ITEM"
        yield old.to(new, f"{kind}_REMOVED_FROM_CLOSED_CONTENT_MODEL", "items")
    else:
        found = walk.compare(was, cover)
        covered = walk.fine(found)
        if covered:
            yield from found
        how = "IS" if covered else "NOT"
        yield old.to(new, f"ITEM_REMOVED_{how}_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", "items")
