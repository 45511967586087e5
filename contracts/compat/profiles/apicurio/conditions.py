"""`not` and `if`/`then`/`else` as Apicurio compares them: in both directions, then by name."""

from collections.abc import Iterator

from contracts.compat.profiles.difference import Difference
from contracts.compat.profiles.shape import Kind, Shape
from contracts.compat.profiles.walk import Walk


def negations(walk: Walk, old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield how the schema that must not match moved."""
    before, after = old.child("not"), new.child("not")
    if before is not None and after is not None:
        yield from _moved(walk, old, new, "not", "NOT_TYPE_SCHEMA")


def conditions(walk: Walk, old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield changes of the condition and of what follows from it."""
    yield from _moved(walk, old, new, "if", "CONDITIONAL_TYPE_IF_SCHEMA")
    for keyword in ("then", "else"):
        yield from _moved(walk, old, new, keyword, f"CONDITIONAL_TYPE_{keyword.upper()}_SCHEMA")


def _moved(walk: Walk, old: Shape, new: Shape, keyword: str, stem: str) -> Iterator[Difference]:
    before, after = old.child(keyword), new.child(keyword)
    if before is None or after is None:
        if after is not None and after.kind is not Kind.EMPTY:
            yield old.to(new, f"{stem}_ADDED", keyword)
        elif before is not None and after is None:
            yield old.to(new, f"{stem}_REMOVED", keyword)
        return
    backward, forward = walk.reads(before, after), walk.reads(after, before)
    if backward and forward:
        if walk.compare(before, after):
            yield old.to(new, f"{stem}_COMPATIBLE_BOTH", keyword)
        return
    how = "NONE"
    if backward or forward:
        how = "BACKWARD_NOT_FORWARD" if backward else "FORWARD_NOT_BACKWARD"
    yield old.to(new, f"{stem}_COMPATIBLE_{how}", keyword)
