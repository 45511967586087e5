"""Which rule looks at which pair of schemas, in Confluent's order; called by the walk.

Several keywords are not looked at by that registry and so not here either: `format`, `const`,
`contains`, `propertyNames`, `patternProperties` as such, `if`/`then`/`else`.
"""

from collections.abc import Callable, Iterator, Mapping

from contracts.compat.profiles.confluent import arrays, combined, objects, scalars
from contracts.compat.profiles.difference import Difference
from contracts.compat.profiles.shape import Kind, Shape
from contracts.compat.profiles.walk import Walk

_FAMILIES: Mapping[Kind, Callable[[Walk, Shape, Shape], Iterator[Difference]]] = {
    Kind.STRING: scalars.strings,
    Kind.NUMBER: scalars.numbers,
    Kind.ENUM: scalars.enums,
    Kind.COMBINED: combined.both,
    Kind.NOT: combined.negations,
    Kind.OBJECT: objects.compare,
    Kind.ARRAY: arrays.compare,
}
_NOTES = (("title", "TITLE"), ("description", "DESCRIPTION"), ("default", "DEFAULT"))


def differences(walk: Walk, old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield the differences of two readable schemas."""
    found = combined.unwrapped(walk, old, new)
    if found is not None:
        yield from found
    elif old.kind is not new.kind:
        if old.kind is not Kind.FALSE and new.kind is not Kind.EMPTY:
            yield old.to(new, "TYPE_CHANGED")
    else:
        if old.whole and new.whole:
            yield from _notes(old, new)
        if old.kind in _FAMILIES:
            yield from _FAMILIES[old.kind](walk, old, new)


def _notes(old: Shape, new: Shape) -> Iterator[Difference]:
    identifiers = [s.keywords.get("$id", s.keywords.get("id")) for s in (old, new)]
    if identifiers[0] != identifiers[1]:
        yield old.to(new, "ID_CHANGED")
    for keyword, stem in _NOTES:
        if old.keywords.get(keyword) != new.keywords.get(keyword):
            yield old.to(new, f"{stem}_CHANGED", keyword)
