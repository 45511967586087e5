"""`allOf` (a product), `anyOf`/`oneOf` (a sum) and `not` as Confluent compares them."""

from collections.abc import Iterator

from contracts.compat.profiles.combining import Branches, extends, fitting
from contracts.compat.profiles.difference import Difference
from contracts.compat.profiles.shape import Kind, Shape
from contracts.compat.profiles.walk import Found, Walk


def unwrapped(walk: Walk, old: Shape, new: Shape) -> Found | None:
    """Return the differences where a combined schema meets a plain one and they fit, else None."""
    fit = fitting(walk, old, new)
    if fit is None:
        return None
    found, single = fit
    if single:
        return found
    name = "SUM_TYPE_EXTENDED" if new.kind is Kind.COMBINED else "PRODUCT_TYPE_NARROWED"
    return (*found, old.to(new, name))


def both(walk: Walk, old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield the differences of two combined schemas."""
    branches = Branches.of(walk, old, new)
    left, right = len(branches.left), len(branches.right)
    if old.criterion != new.criterion:
        more = extends(old.criterion, left, new.criterion, right)
        yield old.to(new, "COMBINED_TYPE_EXTENDED" if more else "COMBINED_TYPE_CHANGED")
        if not more:
            return
    if left < right:
        product = new.criterion == "allOf"
        yield old.to(new, "PRODUCT_TYPE_EXTENDED" if product else "SUM_TYPE_EXTENDED")
    elif left > right:
        product = old.criterion == "allOf"
        yield old.to(new, "PRODUCT_TYPE_NARROWED" if product else "SUM_TYPE_NARROWED")
    found, complete = branches.paired(walk)
    yield from found
    if not complete:
        yield old.to(new, "COMBINED_TYPE_SUBSCHEMAS_CHANGED")


def negations(walk: Walk, old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield whether what must not match shrank: the question is asked the other way round."""
    before, after = old.child("not"), new.child("not")
    if before is None or after is None:
        return
    narrower = walk.reads(after, before)
    if not narrower or walk.compare(before, after):
        yield old.to(new, "NOT_TYPE_NARROWED" if narrower else "NOT_TYPE_EXTENDED", "not")
