"""Walks the channels of an event-driven contract; called by `contracts.compat.walk`."""

from collections.abc import Iterator

from contracts.compat.pairs import Pair, Root
from contracts.compat.scene import Scene


def walk(scene: Scene) -> Iterator[Pair | Root]:
    """Yield the channels of both versions and what travels on them."""
    yield from ()
