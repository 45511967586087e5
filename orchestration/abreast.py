"""Walks several items of an `each` side by side: what they record in one round is one record.

Items take turns on the leg's own thread, in their order, so the walk stays the same walk; only the
acts of a round run at the same time. A crash repeats a round whole, and keys make that harmless.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from greenlet import getcurrent, greenlet

from contracts.document import Json

Act = Callable[[], Json]


class Together(Protocol):
    """The durable journal, as far as rounds need it."""

    def together(self, name: str, acts: Sequence[Act]) -> list[Json]:
        """Return what the acts came to, in their order, acting where nothing is recorded yet."""
        ...


class Turn:
    """The journal that one item sees: it waits there until its round is recorded."""

    def __init__(self, hub: "greenlet") -> None:
        self._hub = hub

    def record(self, name: str, act: Act) -> Json:
        """Return what the act came to."""
        found: Json = self._hub.switch((name, act))
        return found

    def together(self, name: str, acts: Sequence[Act]) -> list[Json]:
        """Record a round within a round, one after the other."""
        return [self.record(f"{name}.{index}", act) for index, act in enumerate(acts)]

    def sleep(self, name: str, wait_seconds: float) -> None:
        """Pass: items side by side never wait here, they park."""


def walk(
    items: Sequence[Callable[[Turn], Json]], recorder: Together, path: str, at_once: int
) -> list[Json | Exception]:
    """Walk the items, `at_once` at a time, and return the result of each or what it raised."""
    hub = getcurrent()
    results: list[Json | Exception] = [None] * len(items)
    waiting = iter(range(len(items)))
    asked: dict[int, tuple[greenlet, str, Act]] = {}
    rounds = 0

    def step(index: int, item: greenlet, given: object) -> None:
        told = item.switch(given)
        if item.dead:
            results[index] = told
        else:
            asked[index] = (item, *told)

    while True:
        while len(asked) < at_once and (index := next(waiting, None)) is not None:
            step(index, greenlet(_caught(items[index]), hub), Turn(hub))
        if not asked:
            return results
        rounds += 1
        these = sorted(asked.items())
        asked.clear()
        came = recorder.together(f"{path}~{rounds}", [act for _, (_, _, act) in these])
        for (index, (item, _, _)), value in zip(these, came, strict=True):
            step(index, item, value)


def _caught(item: Callable[[Turn], Json]) -> Callable[[Turn], Json | Exception]:
    def run(turn: Turn) -> Json | Exception:
        try:
            return item(turn)
        except Exception as error:  # noqa: BLE001  # the others go on first; the caller raises it
            return error

    return run
