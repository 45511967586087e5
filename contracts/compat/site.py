"""Where a pair stands, and where a schema walk starts; the ground of `contracts.compat.pairs`."""

from dataclasses import dataclass, replace
from typing import Protocol

from contracts.model import Node
from contracts.report import Direction
from contracts.schema import Spot


class Placed(Protocol):
    """What has a place of its own."""

    @property
    def node(self) -> Node: ...


_OTHER = {Direction.REQUEST: Direction.RESPONSE, Direction.RESPONSE: Direction.REQUEST}


@dataclass(frozen=True, slots=True)
class Site:
    """Where a pair stands: its operation, how a reader calls it, and a pointer on either side.

    `flipped` where the service calls its consumer (callbacks, webhooks): what it sends there is
    what it answers elsewhere. `unstable` where the old version promised nothing yet.
    """

    operation: str
    where: str
    old: str
    new: str
    flipped: bool = False
    unstable: bool = False

    def seen(self, direction: Direction) -> Direction:
        """Return who writes the value, seen from the consumer."""
        return _OTHER.get(direction, direction) if self.flipped else direction

    def at(self, old: Placed | None, new: Placed | None, where: str = "") -> "Site":
        """Return the site of a part: its own places, those of the whole where it is not there."""
        return replace(
            self,
            where=where or self.where,
            old=old.node.pointer if old else self.old,
            new=new.node.pointer if new else self.new,
        )


@dataclass(frozen=True, slots=True)
class Root:
    """Two schemas that a schema walk starts from; `subject` is what a reader calls their value."""

    site: Site
    subject: str
    direction: Direction
    old: Spot
    new: Spot
    textual: bool = False
