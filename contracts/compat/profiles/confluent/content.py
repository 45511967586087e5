"""The content model of an object or an array: open, partially open or closed.

Open takes any further member, closed none; partially open takes those that a pattern or a schema
for the rest covers. Confluent's verdict on an added or removed member hangs on it.
"""

from dataclasses import dataclass

from contracts.compat.profiles.dialect import Dialect
from contracts.compat.profiles.shape import Kind, Shape
from contracts.languages.matching import matches


@dataclass(frozen=True, slots=True)
class Content:
    """What one schema allows beside its declared members; None where a schema is not given."""

    shape: Shape
    permits: bool = True
    schema: Shape | None = None
    permits_unevaluated: bool = True
    unevaluated: Shape | None = None
    patterns: tuple[str, ...] = ()
    items: tuple[Shape, ...] = ()  # of an array: the schemas by position
    every: Shape | None = None  # of an array: the one schema of all items

    @property
    def open(self) -> bool:
        """Whether any further member is taken."""
        return (
            self.permits
            and self.schema is None
            and self.permits_unevaluated
            and self.unevaluated is None
            and not self.patterns
        )

    def cover(self, name: str = "") -> Shape | None:
        """Return the schema that a further member called `name` has to meet, if there is one."""
        for pattern in self.patterns:
            if matches(pattern, name):
                return self.shape.child("patternProperties", pattern)
        return self.schema or self.unevaluated


def of_object(shape: Shape) -> Content:
    """Return the content model of an object."""
    permits, schema = _rest(shape, "additionalProperties")
    permits_unevaluated, unevaluated = True, None
    if shape.source.dialect.modern:
        permits_unevaluated, unevaluated = _rest(shape, "unevaluatedProperties")
    patterns = tuple(shape.table("patternProperties"))
    return Content(shape, permits, schema, permits_unevaluated, unevaluated, patterns)


def of_array(shape: Shape, *, positional: bool) -> Content:
    """Return the content model of an array.

    `positional`: in 2020-12, `items` speaks of the items behind `prefixItems` as soon as either
    version has those; before, and without them, it speaks of all items.
    """
    word, rest = "items", "additionalItems"
    if positional and not isinstance(shape.keywords.get("items"), list):
        word, rest = "prefixItems", "items"
    listed = shape.keywords.get(word)
    every = None if word == "prefixItems" else shape.child("items")
    permits, schema = True, None
    if rest == "items" or shape.source.dialect < Dialect.DRAFT_2020_12:
        permits, schema = _rest(shape, rest)
    permits_unevaluated, unevaluated = True, None
    if shape.source.dialect.modern:
        permits_unevaluated, unevaluated = _rest(shape, "unevaluatedItems")
    items = [shape.child(word, i) for i in range(len(listed) if isinstance(listed, list) else 0)]
    present = tuple(item for item in items if item is not None)
    return Content(
        shape,
        permits,
        schema,
        permits_unevaluated,
        unevaluated,
        items=present,
        every=every,
    )


def _rest(shape: Shape, keyword: str) -> tuple[bool, Shape | None]:
    value = shape.keywords.get(keyword)
    if isinstance(value, bool):
        return value, None
    return True, shape.child(keyword) if isinstance(value, dict) else None


def empty(shape: Shape) -> bool:
    """Whether a schema accepts everything."""
    return shape.kind is Kind.EMPTY
