"""Finds the witness of a finding that is not about a schema, and dresses those that are.

Called by `contracts.compat.run`. A witness is a call or an answer; where a change is about neither,
it is the statement of the contract that a partner relies on.
"""

import json
from collections.abc import Iterator, Mapping

from contracts.compat.site import Site
from contracts.document import Document, Json, Place
from contracts.model import Operation
from contracts.report import Direction
from contracts.witness import dressing
from contracts.witness.candidates import propose
from contracts.witness.promises import accepts_request, accepts_response
from contracts.witness.world import World

MAX_STATED = 2_000  # characters of a statement that a witness repeats
Witness = dict[str, Json]


class Witnesses:
    """The witnesses of one comparison. `forward` asks for what the new version promised first."""

    def __init__(self, old: World, new: World) -> None:
        self._worlds = {"old": old, "new": new}

    def of_pair(self, operation: str, pair: object, *, forward: bool) -> Witness | None:
        """Return a call or an answer that the two versions judge differently, if one is found."""
        for ours, theirs, value, direction in self._proposed(operation, pair, forward=forward):
            judge = accepts_request if direction is Direction.REQUEST else accepts_response
            if judge(self._worlds[ours], value) and not judge(
                self._worlds[theirs], value, writes=False
            ):
                return _witness(direction, value, ours, theirs)
        return None

    def of_value(
        self, site: Site, direction: Direction, value: Json, ours: str, theirs: str
    ) -> Witness:
        """Return the witness that carries a value, which a schema of one version refuses."""
        if direction is Direction.NONE:
            return {
                "kind": "instance", "value": value, "accepted_by": ours, "rejected_by": theirs,
            }  # fmt: skip
        whole = None if site.flipped else self._whole(site, direction, value, ours, theirs)
        carried = whole or dressing.bare(site.operation, value)
        return _witness(direction, carried, ours, theirs)

    def _whole(
        self, site: Site, direction: Direction, value: Json, ours: str, theirs: str
    ) -> dict[str, Json] | None:
        world = self._worlds[ours]
        op = world.operation(*site.operation.partition(" ")[::2])
        if op is None:
            return None
        pointer = site.old if ours == "old" else site.new
        dress, judge = dressing.calls, accepts_request
        if direction is Direction.RESPONSE:
            dress, judge = dressing.answers, accepts_response
        for whole in dress(world, op, pointer, value):
            refused = not judge(self._worlds[theirs], whole, writes=False)
            if refused and judge(world, whole):
                return whole
        return None

    def _proposed(
        self, operation: str, pair: object, *, forward: bool
    ) -> Iterator[tuple[str, str, dict[str, Json], Direction]]:
        method, _, path = operation.partition(" ")
        for name in ("old", "new"):
            world = self._worlds[name]
            op = world.operation(method, path) if operation else _any_secured(world, pair)
            if op is None:
                continue
            for direction, value in propose(world, op, pair, old=name == "old"):
                # A caller trusts the version before, a reader is met by the version after.
                trusted = "old" if (direction is Direction.REQUEST) is not forward else "new"
                if name == trusted:
                    yield name, "new" if name == "old" else "old", value, direction

    def stated(
        self, old: Place | None, new: Place | None, direction: Direction, *, forward: bool
    ) -> Witness | None:
        """Return the statement that one version makes and the other does not, at their places."""
        documents = {name: world.contract.document for name, world in self._worlds.items()}
        said = {name: _said(documents[name], place) for name, place in (("old", old), ("new", new))}
        keys = [place.pointer.rpartition("/")[2] if place else "" for place in (old, new)]
        if said["old"] == said["new"] and keys[0] == keys[1]:
            return None
        ours, theirs = ("old", "new") if not forward else ("new", "old")
        if said[ours] is None:
            ours, theirs = theirs, ours
        place = old if ours == "old" else new
        if said[ours] is None or place is None:
            return None
        value: dict[str, Json] = {"relies_on": {"stated": {"at": place.pointer, "as": said[ours]}}}
        return _witness(direction, value, ours, theirs)


def _witness(direction: Direction, value: Mapping[str, Json], ours: str, theirs: str) -> Witness:
    kind = "response" if direction is Direction.RESPONSE else "request"
    return {"kind": kind, "value": dict(value), "accepted_by": ours, "rejected_by": theirs}


def _any_secured(world: World, pair: object) -> Operation | None:
    """Return an operation that a security scheme protects."""
    name = getattr(pair, "name", None)
    return next(
        (
            op
            for op in world.contract.operations
            if any(item.scheme == name for group in op.security.alternatives for item in group)
        ),
        None,
    )


def _said(document: Document, place: Place | None) -> Json:
    if place is None:
        return None
    try:
        value = document.at(place.pointer)
    except LookupError:
        return None
    text = json.dumps(value, default=str)
    return value if len(text) <= MAX_STATED else text[:MAX_STATED] + "…"
