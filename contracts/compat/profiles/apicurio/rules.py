"""Which rule looks at which pair of schemas, as Apicurio visits them; called by the walk."""

from collections.abc import Callable, Iterator, Mapping

from contracts.compat.profiles.apicurio import arrays, combined, conditions, objects, scalars
from contracts.compat.profiles.difference import Difference
from contracts.compat.profiles.shape import Kind, Shape
from contracts.compat.profiles.walk import Walk

_FAMILIES: Mapping[Kind, Callable[[Walk, Shape, Shape], Iterator[Difference]]] = {
    Kind.STRING: scalars.strings,
    Kind.NUMBER: scalars.numbers,
    Kind.ENUM: scalars.enums,
    Kind.CONST: scalars.enums,
    Kind.COMBINED: combined.both,
    Kind.NOT: conditions.negations,
    Kind.CONDITIONAL: conditions.conditions,
    Kind.OBJECT: objects.compare,
    Kind.ARRAY: arrays.compare,
}
_LISTED = (Kind.ENUM, Kind.CONST)  # a constant is an enumeration of one value


def differences(walk: Walk, old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield the differences of two readable schemas."""
    if old.kind is Kind.FALSE:
        return
    found = combined.unwrapped(walk, old, new)
    if found is not None:
        yield from found
    elif new.kind is Kind.EMPTY:
        if old.kind is not Kind.EMPTY:
            yield old.to(new, "SUBSCHEMA_TYPE_CHANGED_TO_EMPTY_OR_TRUE")
    elif old.kind is not new.kind and not (old.kind in _LISTED and new.kind in _LISTED):
        yield old.to(new, "SUBSCHEMA_TYPE_CHANGED")
    else:
        if new.typed and not old.typed:
            yield old.to(new, "SUBSCHEMA_TYPE_CHANGED", "type")
        if old.kind in _FAMILIES:
            yield from _FAMILIES[old.kind](walk, old, new)
