"""What two systems hold of one entity, compared by its ownership rules. Pure; a step of flows.

The owner of a field is right, so that each difference comes with the write that would repair it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from contracts.document import Json
from orchestration.ownership import Ownership

Value = Callable[[str, Json], Json]  # an expression over a record


class Side:
    """The records of one system by key."""

    def __init__(
        self, system: str, contract: str, records: Sequence[Json], key: str, value: Value
    ) -> None:
        self.system, self.contract = system, contract
        self.records: dict[str, Json] = {}
        self.twice: list[str] = []
        for record in records:
            name = value(key, record)
            if not isinstance(name, str) or not name:
                continue
            if name in self.records:
                self.twice.append(name)
            self.records.setdefault(name, record)


def compare(document: Ownership, left: Side, right: Side, value: Value) -> Json:
    """Return what differs, in the order of the keys."""
    differing: list[Json] = []
    both = sorted(left.records.keys() & right.records.keys())
    for key in both:
        for group in document.groups:
            owner = document.systems[group.owner]
            for field in group.fields:
                seen = {
                    side.system: value(text, side.records[key])
                    for side in (left, right)
                    if (text := _view(document, side).get(field)) is not None
                }
                if len(seen) == len((left, right)) and len({_told(v) for v in seen.values()}) > 1:
                    differing.append(_difference(key, field, owner, seen, (left, right)))
    return cast(
        "Json",
        {
            "compared": len(both),
            "differing": differing,
            "missing": [
                {"key": key, "in": here.system}
                for here, there in ((left, right), (right, left))
                for key in sorted(there.records.keys() - here.records.keys())
            ],
            "twice": [
                {"key": key, "in": side.system}
                for side in (left, right)
                for key in sorted(set(side.twice))
            ],
        },
    )


def _view(document: Ownership, side: Side) -> Mapping[str, str]:
    names = [name for name, contract in document.systems.items() if contract == side.contract]
    return document.views.get(names[0], {}) if names else {}


def _difference(
    key: str, field: str, owner: str, seen: dict[str, Json], sides: tuple[Side, Side]
) -> Json:
    right = next((side.system for side in sides if side.contract == owner), None)
    repair: Json = None
    if right is not None:
        wrong = next(side.system for side in sides if side.system != right)
        repair = {"in": wrong, "to": seen[right]}
    return {"key": key, "field": field, "owner": owner, "seen": seen, "repair": repair}


def _told(value: Json) -> str:
    """Return a value as it is compared: an empty text is no text, and spaces around mean nothing."""
    return "" if value is None else str(value).strip()
