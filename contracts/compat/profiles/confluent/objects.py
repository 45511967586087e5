"""Objects as Confluent compares them: required names, properties, dependencies, the rest."""

from collections.abc import Iterator

from contracts.compat.profiles.confluent.content import Content, of_object
from contracts.compat.profiles.confluent.dependencies import dependencies
from contracts.compat.profiles.confluent.properties import properties, required, reserved
from contracts.compat.profiles.confluent.scalars import bound
from contracts.compat.profiles.difference import Difference
from contracts.compat.profiles.shape import Shape
from contracts.compat.profiles.walk import Walk


def compare(walk: Walk, old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield the differences of two objects."""
    before, after = of_object(old), of_object(new)
    yield from required(old, new)
    yield from properties(walk, before, after)
    yield from reserved(old, new)
    yield from dependencies(walk, old, new)
    yield from rest(walk, before, after, "additionalProperties", "ADDITIONAL_PROPERTIES")
    yield from unevaluated(walk, before, after, "unevaluatedProperties", "UNEVALUATED_PROPERTIES")
    yield from bound(old, new, "maxProperties", "MAX_PROPERTIES")
    yield from bound(old, new, "minProperties", "MIN_PROPERTIES")


def rest(
    walk: Walk, before: Content, after: Content, keyword: str, stem: str
) -> Iterator[Difference]:
    """Yield what changed for the members that nothing else speaks of."""
    yield from _allowance(
        walk,
        (before.shape, before.permits, before.schema),
        (after.shape, after.permits, after.schema),
        keyword,
        stem,
    )


def unevaluated(
    walk: Walk, before: Content, after: Content, keyword: str, stem: str
) -> Iterator[Difference]:
    """Yield the same for the members that nothing has evaluated (2019-09 and later)."""
    yield from _allowance(
        walk,
        (before.shape, before.permits_unevaluated, before.unevaluated),
        (after.shape, after.permits_unevaluated, after.unevaluated),
        keyword,
        stem,
    )


Allowance = tuple[Shape, bool, Shape | None]


def _allowance(
    walk: Walk, before: Allowance, after: Allowance, keyword: str, stem: str
) -> Iterator[Difference]:
    (old, permitted, was), (new, permits, now) = before, after
    if permitted is not permits:
        yield old.to(new, f"{stem}_{'ADDED' if permits else 'REMOVED'}", keyword)
    elif was is None and now is not None:
        yield old.to(new, f"{stem}_NARROWED", keyword)
    elif was is not None and now is None:
        yield old.to(new, f"{stem}_EXTENDED", keyword)
    elif was is not None and now is not None:
        yield from walk.compare(was, now)
