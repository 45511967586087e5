"""Arrays as Apicurio compares them: positions, the items behind them, contained items, bounds."""

from collections.abc import Iterator
from decimal import Decimal

from contracts.compat.profiles import values
from contracts.compat.profiles.apicurio.rest import Rest, changed
from contracts.compat.profiles.apicurio.scalars import bound
from contracts.compat.profiles.dialect import Dialect
from contracts.compat.profiles.difference import Difference
from contracts.compat.profiles.shape import Shape
from contracts.compat.profiles.walk import Walk


def compare(walk: Walk, old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield the differences of two arrays."""
    yield from bound(old, new, "minItems", "ARRAY_TYPE_MIN_ITEMS")
    yield from bound(old, new, "maxItems", "ARRAY_TYPE_MAX_ITEMS")
    if old.flag("uniqueItems") is not new.flag("uniqueItems"):
        how = "FALSE_TO_TRUE" if new.flag("uniqueItems") else "TRUE_TO_FALSE"
        yield old.to(new, f"ARRAY_TYPE_UNIQUE_ITEMS_{how}", "uniqueItems")
    yield from _contained(walk, old, new)
    (before, behind), (after, further) = _layout(old), _layout(new)
    stem = "ARRAY_TYPE_ADDITIONAL_ITEMS" if before or after else "ARRAY_TYPE_ALL_ITEM_SCHEMA"
    yield from changed(walk, old, new, (behind, further), (stem, "items"))
    for index in range(max(len(before), len(after))):
        was = before[index] if index < len(before) else None
        now = after[index] if index < len(after) else None
        if was is not None and now is not None:
            yield from walk.compare(was, now)
            continue
        fits = (now is None or behind.read_by(walk, now)) and (
            was is None or further.reads(walk, was)
        )
        how = "EXTENDED" if fits else "NARROWED"
        yield old.to(new, f"ARRAY_TYPE_ITEM_SCHEMAS_{how}", "items")


def _layout(shape: Shape) -> tuple[list[Shape], Rest]:
    """Return the schemas by position, and what is allowed behind them."""
    modern = shape.source.dialect >= Dialect.DRAFT_2020_12
    word, rest = ("prefixItems", "items") if modern else ("items", "additionalItems")
    listed = shape.keywords.get(word)
    if not isinstance(listed, list):
        if "items" not in shape.keywords and shape.source.dialect.modern:
            return [], Rest.of(shape, "unevaluatedItems")
        return [], Rest.of(shape, "items")
    items = [shape.child(word, index) for index in range(len(listed))]
    if rest not in shape.keywords and shape.source.dialect.modern:
        rest = "unevaluatedItems"
    return [item for item in items if item is not None], Rest.of(shape, rest)


def _contained(walk: Walk, old: Shape, new: Shape) -> Iterator[Difference]:
    before, after = old.child("contains"), new.child("contains")
    if before is not None and after is not None:
        yield from walk.compare(before, after)
        if old.source.dialect.modern and new.source.dialect.modern:
            yield from bound(old, new, "maxContains", "ARRAY_TYPE_MAX_CONTAINS")
            if how := values.moved(_least(old), _least(new)):
                yield old.to(new, f"ARRAY_TYPE_MIN_CONTAINS_{how}", "minContains")
    elif after is not None:
        yield old.to(new, "ARRAY_TYPE_CONTAINED_ITEM_SCHEMA_ADDED", "contains")
    elif before is not None:
        yield old.to(new, "ARRAY_TYPE_CONTAINED_ITEM_SCHEMA_REMOVED", "contains")


def _least(shape: Shape) -> Decimal:
    """Return `minContains`, which is 1 where it is not given (2020-12 section 6.4.5)."""
    number = values.number(shape.keywords.get("minContains"))
    return Decimal(1) if number is None else number
