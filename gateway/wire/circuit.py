"""Whether an upstream is asked at all: a circuit breaker and a budget of retries per origin.

Both outlive snapshots; what is allowed comes from the rule of the operation that asks.
"""

import random
from collections.abc import Callable

_WINDOW_SECONDS = 10.0
_FREE_RETRIES = 3  # per window, so that a quiet upstream can be asked again at all
_FIRST_WAIT, _LONGEST_WAIT = 0.05, 1.0


class Circuit:
    """Closed, open after failures in a row, then half open: one call tries, the rest is refused."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._failures = 0
        self._open_until = 0.0
        self._trying = False
        self.active = 0  # calls that wait for an answer

    def refuses(self) -> float:
        """Return for how many seconds calls are refused, 0 where one may go through."""
        if not self._open_until:
            return 0.0
        left = self._open_until - self._now()
        if left > 0:
            return left
        if self._trying:
            return 1.0
        self._trying = True
        return 0.0

    def succeeded(self) -> None:
        """Close the circuit."""
        if self._failures:
            self._failures = 0
        if self._open_until:
            self._open_until, self._trying = 0.0, False

    def failed(self, failures: int, open_seconds: float) -> None:
        """Count a failure; open after `failures` of them in a row, or when the trial failed."""
        self._failures += 1
        if self._failures >= failures or self._trying:
            self._trying = False
            self._open_until = self._now() + open_seconds


class Budget:
    """Retries as a part of calls: an upstream in trouble is not asked twice as often."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._since = 0.0
        self._calls = 0
        self._retries = 0

    def called(self) -> None:
        """Count a call; the window moves on with it."""
        now = self._now()
        if now - self._since > _WINDOW_SECONDS:
            self._since, self._calls, self._retries = now, 0, 0
        self._calls += 1

    def take(self, percent: int) -> bool:
        """Take a retry from the budget, where there is one left."""
        if self._retries >= _FREE_RETRIES + self._calls * percent // 100:
            return False
        self._retries += 1
        return True


def wait_seconds(attempt: int) -> float:
    """Return how long to wait before an attempt (from 1): exponential, with full jitter."""
    longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2**attempt)
    return random.uniform(0, longest)  # noqa: S311  # spreads load; nothing secret
