"""Strings, numbers and enumerations as Confluent compares them."""

from collections.abc import Iterator

from contracts.compat.profiles import values
from contracts.compat.profiles.difference import Difference
from contracts.compat.profiles.shape import Shape
from contracts.compat.profiles.walk import Walk


def strings(_: Walk, old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield changes of lengths and pattern; `format` is not looked at."""
    yield from bound(old, new, "maxLength", "MAX_LENGTH")
    yield from bound(old, new, "minLength", "MIN_LENGTH")
    before, after = (_pattern(shape) for shape in (old, new))
    if before != after:
        how = "ADDED" if before is None else "REMOVED" if after is None else "CHANGED"
        yield old.to(new, f"PATTERN_{how}", "pattern")


def numbers(_: Walk, old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield changes of bounds, divisor and of integer against number."""
    yield from bound(old, new, "maximum", "MAXIMUM")
    yield from bound(old, new, "minimum", "MINIMUM")
    yield from _exclusive_maximum(old, new)
    yield from bound(old, new, "exclusiveMinimum", "EXCLUSIVE_MINIMUM")
    yield from _multiple(old, new)
    if old.integer is not new.integer:
        yield old.to(new, "TYPE_EXTENDED" if old.integer else "TYPE_NARROWED", "type")


def enums(_: Walk, old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield how the set of values changed; their order does not matter."""
    before, after = (_values(shape) for shape in (old, new))
    if how := values.grown(before, after):
        yield old.to(new, f"ENUM_ARRAY_{how}", "enum")


def bound(old: Shape, new: Shape, keyword: str, stem: str) -> Iterator[Difference]:
    """Yield how the number under one keyword moved."""
    before, after = (values.number(shape.keywords.get(keyword)) for shape in (old, new))
    if how := values.moved(before, after):
        yield old.to(new, f"{stem}_{how}", keyword)


def _pattern(shape: Shape) -> str | None:
    pattern = shape.keywords.get("pattern")
    return pattern if isinstance(pattern, str) else None


def _values(shape: Shape) -> frozenset[str]:
    listed = shape.keywords.get("enum")
    return values.listed(listed if isinstance(listed, list) else [])


def _exclusive_maximum(old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield how it moved; a decrease is measured against the new `maximum`, as that registry does.

    Where the new schema has none the registry fails; that counts as a decrease here.
    """
    for difference in bound(old, new, "exclusiveMaximum", "EXCLUSIVE_MAXIMUM"):
        if difference.name == "EXCLUSIVE_MAXIMUM_DECREASED":
            before = values.number(old.keywords.get("exclusiveMaximum"))
            limit = values.number(new.keywords.get("maximum"))
            if before is not None and limit is not None and before <= limit:
                continue
        yield difference


def _multiple(old: Shape, new: Shape) -> Iterator[Difference]:
    before, after = (values.number(shape.keywords.get("multipleOf")) for shape in (old, new))
    how = values.moved(before, after)
    if before is not None and after is not None and how:
        how = "CHANGED"
        if values.divides(before, after):
            how = "EXPANDED"
        elif values.divides(after, before):
            how = "REDUCED"
    if how:
        yield old.to(new, f"MULTIPLE_OF_{how}", "multipleOf")
