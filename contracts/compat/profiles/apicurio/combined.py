"""`allOf`, `anyOf` and `oneOf` as Apicurio compares them; the order of subschemas is nothing."""

from collections.abc import Iterator

from contracts.compat.profiles.combining import Branches, extends, fitting
from contracts.compat.profiles.difference import Difference
from contracts.compat.profiles.shape import Kind, Shape
from contracts.compat.profiles.walk import Found, Walk

_WORDS = {"allOf": "ALL_OF", "anyOf": "ANY_OF", "oneOf": "ONE_OF"}


def unwrapped(walk: Walk, old: Shape, new: Shape) -> Found | None:
    """Return the differences where a combined schema meets a plain one and they fit, else None."""
    fit = fitting(walk, old, new)
    if fit is not None:
        found, single = fit
        if single:
            return found
        how = "INCREASED" if new.kind is Kind.COMBINED else "DECREASED"
        whole = new if new.kind is Kind.COMBINED else old
        return (*found, old.to(new, _size(whole, how)))
    if old.kind is Kind.COMBINED and new.kind is not Kind.COMBINED:
        return _each(walk, old, new)
    if new.criterion == "allOf" and old.kind is not Kind.COMBINED:
        return _all(walk, old, new)
    return None


def both(walk: Walk, old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield the differences of two combined schemas."""
    branches = Branches.of(walk, old, new)
    left, right = len(branches.left), len(branches.right)
    if old.criterion != new.criterion:
        more = extends(old.criterion, left, new.criterion, right)
        less = extends(new.criterion, right, old.criterion, left)
        how = "EXTENDED" if more else "NARROWED" if less else "CHANGED"
        yield old.to(new, f"COMBINED_TYPE_CRITERION_{how}")
        if not more:
            return
    if left < right and not _implied(walk, old, new):
        yield old.to(new, _size(new, "INCREASED"))
    elif left > right:
        yield old.to(new, _size(old, "DECREASED"))
    found, complete = branches.paired(walk)
    yield from found
    if not complete:
        yield old.to(new, "COMBINED_TYPE_SUBSCHEMA_NOT_COMPATIBLE")


def _implied(walk: Walk, old: Shape, new: Shape) -> bool:
    """Whether classes of keywords beside each other grew only by what was true before."""
    if not (old.implied and new.implied):
        return False
    return all(any(walk.reads(one, other) for one in old.subs) for other in new.subs)


def _all(walk: Walk, old: Shape, new: Shape) -> Found | None:
    """Return the differences where every part of a product reads a plain schema, else None."""
    found = [d for sub in new.subs for d in walk.compare(old, sub)]
    return tuple(found) if walk.fine(found) else None


def _each(walk: Walk, old: Shape, new: Shape) -> Found | None:
    """Return the differences where a plain schema reads every branch of a sum, else None."""
    if old.criterion == "allOf":
        return None
    found = [d for sub in old.subs for d in walk.compare(sub, new)]
    return tuple(found) if walk.fine(found) else None


def _size(shape: Shape, how: str) -> str:
    return f"COMBINED_TYPE_{_WORDS[shape.criterion]}_SIZE_{how}"
