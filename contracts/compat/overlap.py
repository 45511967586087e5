"""Decides which finding speaks when one edit shows up as several.

Called by the schema walker for the hits of one pair; so no check holds suppression logic.
"""

from collections.abc import Iterable

from contracts.compat.check import AnyCheck, Hit

_VALUE = (
    "format-added",
    "format-removed",
    "format-changed",
    "range-narrowed",
    "range-widened",
    "length-narrowed",
    "length-widened",
    "pattern-added",
    "pattern-removed",
    "pattern-changed",
    "multiple-of-narrowed",
    "multiple-of-widened",
    "multiple-of-changed",
)
_ENUM = ("enum-value-added", "enum-value-removed", "enum-introduced", "enum-dropped")

# winner → the findings about the same subject that only repeat it
WINS: dict[str, tuple[str, ...]] = {
    "type-changed": (*_VALUE, *_ENUM, "nullable-added", "nullable-removed"),
    "type-narrowed": (*_VALUE, "enum-introduced", "nullable-removed"),
    "type-widened": (*_VALUE, "enum-dropped", "nullable-added"),
    "enum-introduced": _VALUE,
    "enum-dropped": _VALUE,
    "branch-added": ("type-widened", "type-changed", "nullable-added"),
    "branch-removed": ("type-narrowed", "type-changed", "nullable-removed"),
    "composition-undecided": ("type-widened", "type-narrowed", "type-changed"),
    "property-became-read-only": ("request-property-removed",),
    "property-became-write-only": ("response-property-removed",),
    "additional-properties-closed": ("additional-properties-restricted",),
}


def settle(hits: Iterable[tuple[AnyCheck, Hit]]) -> list[tuple[AnyCheck, Hit]]:
    """Return the hits without those that a winner about the same subject makes redundant."""
    found = list(hits)
    lost = {(loser, hit.path) for check, hit in found for loser in WINS.get(check.id, ())}
    return [(check, hit) for check, hit in found if (check.id, hit.path) not in lost]
