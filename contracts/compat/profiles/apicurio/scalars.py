"""Strings, numbers, enumerations and constants as Apicurio compares them."""

from collections.abc import Iterator
from decimal import Decimal

from contracts.compat.profiles import values
from contracts.compat.profiles.difference import Difference
from contracts.compat.profiles.shape import Kind, Shape
from contracts.compat.profiles.walk import Walk
from contracts.document import Json

_TEXTS = (
    ("pattern", "STRING_TYPE_PATTERN"),
    ("format", "STRING_TYPE_FORMAT"),
    ("contentEncoding", "STRING_TYPE_CONTENT_ENCODING"),
    ("contentMediaType", "STRING_TYPE_CONTENT_MEDIA_TYPE"),
)


def strings(_: Walk, old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield changes of lengths, pattern, format and content keywords."""
    yield from bound(old, new, "minLength", "STRING_TYPE_MIN_LENGTH")
    yield from bound(old, new, "maxLength", "STRING_TYPE_MAX_LENGTH")
    for keyword, stem in _TEXTS:
        before, after = (shape.keywords.get(keyword) for shape in (old, new))
        if before != after:
            how = "ADDED" if before is None else "REMOVED" if after is None else "CHANGED"
            yield old.to(new, f"{stem}_{how}", keyword)


def numbers(_: Walk, old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield changes of bounds, divisor and of integer against number."""
    for side in ("minimum", "maximum"):
        yield from _limits(old, new, side)
    yield from _multiple(old, new)
    if old.integer is not new.integer:
        how = "TRUE_TO_FALSE" if old.integer else "FALSE_TO_TRUE"
        yield old.to(new, f"NUMBER_TYPE_INTEGER_REQUIRED_{how}", "type")


def enums(_: Walk, old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield how the set of values changed; a constant counts as a set of one."""
    before, after = _values(old), _values(new)
    if old.kind is new.kind is Kind.CONST:
        if before != after:
            yield old.to(new, "CONST_TYPE_VALUE_CHANGED", "const")
        return
    keyword = "enum" if new.kind is Kind.ENUM else "const"
    if after - before:
        yield old.to(new, "ENUM_TYPE_VALUES_MEMBER_ADDED", keyword)
    if before - after:
        yield old.to(new, "ENUM_TYPE_VALUES_MEMBER_REMOVED", keyword)


def bound(old: Shape, new: Shape, keyword: str, stem: str) -> Iterator[Difference]:
    """Yield how the number under one keyword moved."""
    before, after = (values.number(shape.keywords.get(keyword)) for shape in (old, new))
    if how := values.moved(before, after):
        yield old.to(new, f"{stem}_{how}", keyword)


def _values(shape: Shape) -> frozenset[str]:
    if shape.kind is Kind.CONST:
        return values.listed([shape.keywords.get("const")])
    listed = shape.keywords.get("enum")
    return values.listed(listed if isinstance(listed, list) else [])


def _limits(old: Shape, new: Shape, side: str) -> Iterator[Difference]:
    """Yield changes of a bound and of its exclusive form, a flag up to draft-04, then a number."""
    exclusive = f"exclusive{side.capitalize()}"
    flags = [shape.keywords.get(exclusive) for shape in (old, new)]
    stem = f"NUMBER_TYPE_{side.upper()}"
    numeric = any(values.number(flag) is not None for flag in flags)
    if not numeric and any(isinstance(flag, bool) for flag in flags):
        yield from bound(old, new, side, stem)
        if (flags[0] is True) is not (flags[1] is True):
            how = "FALSE_TO_TRUE" if flags[1] is True else "TRUE_TO_FALSE"
            yield old.to(new, f"NUMBER_TYPE_IS_{side.upper()}_EXCLUSIVE_{how}", exclusive)
        return
    before, after = (_pair(shape, side, exclusive) for shape in (old, new))
    if how := values.moved(before[0], after[0]):
        yield old.to(new, f"{stem}_{how}", side)
    if how := values.moved(before[1], after[1]):
        yield old.to(new, f"NUMBER_TYPE_EXCLUSIVE_{side.upper()}_{how}", exclusive)


def _pair(shape: Shape, side: str, exclusive: str) -> tuple[Decimal | None, Decimal | None]:
    """Return the inclusive and the exclusive limit; a flag turns the first into the second."""
    limit: Json = shape.keywords.get(side)
    if shape.keywords.get(exclusive) is True:
        return None, values.number(limit)
    return values.number(limit), values.number(shape.keywords.get(exclusive))


def _multiple(old: Shape, new: Shape) -> Iterator[Difference]:
    before, after = (values.number(shape.keywords.get("multipleOf")) for shape in (old, new))
    how = values.moved(before, after)
    if before is not None and after is not None and how:
        how = "UPDATED_IS_DIVISOR" if values.divides(after, before) else "UPDATED_IS_NOT_DIVISOR"
    if how:
        yield old.to(new, f"NUMBER_TYPE_MULTIPLE_OF_{how}", "multipleOf")
