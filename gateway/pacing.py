"""How the gateway waits for others: the registry that is away, the next attempt, the end."""

import asyncio
import random

_MAX_WAIT_SECONDS = 30.0


class RegistryAwayError(Exception):
    """The registry did not answer; the text says how, without values."""


class Backoff:
    """Waiting times that double with jitter, up to 30 seconds, and start over on success."""

    def __init__(self, first_seconds: float) -> None:
        self._first = self._next = min(first_seconds, _MAX_WAIT_SECONDS)

    def reset(self) -> None:
        """Start over."""
        self._next = self._first

    def seconds(self) -> float:
        """Return how long to wait before the next attempt."""
        wait = self._next
        self._next = min(self._next * 2, _MAX_WAIT_SECONDS)
        return wait * random.uniform(0.75, 1.0)  # noqa: S311  # spreads load; nothing secret


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait, or return at once when `stop` is set."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
