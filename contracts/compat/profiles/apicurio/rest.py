"""What an object or an array allows beside its declared members, as Apicurio compares it."""

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.compat.profiles.difference import Difference
from contracts.compat.profiles.shape import Kind, Shape
from contracts.compat.profiles.walk import Walk


@dataclass(frozen=True, slots=True)
class Rest:
    """Further members: any (`schema` is None), none, or those that meet a schema."""

    permits: bool = True
    schema: Shape | None = None

    @classmethod
    def of(cls, shape: Shape, keyword: str) -> "Rest":
        """Return what one keyword allows; without it, anything."""
        schema = shape.child(keyword)
        if schema is None or schema.kind is Kind.EMPTY:
            return cls()
        return cls(permits=False) if schema.kind is Kind.FALSE else cls(schema=schema)

    def reads(self, walk: Walk, member: Shape) -> bool:
        """Whether every value of a declared member is allowed here."""
        if self.schema is not None:
            return walk.reads(member, self.schema)
        return self.permits or member.kind is Kind.FALSE

    def read_by(self, walk: Walk, member: Shape) -> bool:
        """Whether a declared member takes every value that is allowed here."""
        if self.schema is not None:
            return walk.reads(self.schema, member)
        return not self.permits or member.kind is Kind.EMPTY


def changed(
    walk: Walk, old: Shape, new: Shape, rests: tuple[Rest, Rest], names: tuple[str, str]
) -> Iterator[Difference]:
    """Yield how it changed; `names` are the stem of the difference and the keyword."""
    (before, after), (stem, keyword) = rests, names
    if before.schema is not None and after.schema is not None:
        yield from walk.compare(before.schema, after.schema)
    elif before.schema is None and after.schema is None:
        if before.permits is not after.permits:
            how = "FALSE_TO_TRUE" if after.permits else "TRUE_TO_FALSE"
            yield old.to(new, f"{stem}_{how}", keyword)
    else:
        narrowed = before.permits if before.schema is None else not after.permits
        yield old.to(new, f"{stem}_{'NARROWED' if narrowed else 'EXTENDED'}", keyword)
