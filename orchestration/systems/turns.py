"""When calls of a system may leave: a rate with a burst (GCRA), of one worker or of all of them."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from orchestration.definition import Category
from orchestration.systems.settings import Limit

MAX_WAIT = 1.0  # a call that would wait longer for its turn fails, to be tried again later
_STALE = 1.0  # a reserved turn that nobody took is lost after so long


class PressureError(Exception):
    """The call does not leave now; try again after `seconds`.

    `patient`: this is nobody's failure, and no attempt is counted for it.
    """

    def __init__(
        self, sentence: str, seconds: float, category: Category = "transient", *,
        patient: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(sentence)
        self.sentence, self.seconds, self.category = sentence, seconds, category
        self.patient = patient


class Turns(Protocol):
    """Gives out turns."""

    def wait(self) -> float:
        """Return the seconds until the call may leave. Raises `PressureError`."""
        ...


class LocalTurns:
    """The turns of one worker."""

    def __init__(self, limit: Limit, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._clock = limit, clock
        self._lock = threading.Lock()
        self._next = 0.0  # GCRA's theoretical arrival time

    def wait(self) -> float:
        """Return the seconds until the call may leave. Raises `PressureError`."""
        step = 1.0 / self._limit.per_second
        with self._lock:
            now = self._clock()
            wait = max(self._next, now) - now - step * (self._limit.burst - 1)
            if wait > MAX_WAIT:
                raise PressureError("the system's rate is used up", wait)
            self._next = max(self._next, now) + step
        return max(0.0, wait)


class SharedTurns:
    """The turns that all workers share; each reserves a few at a time."""

    def __init__(
        self,
        limit: Limit,
        reserve: Callable[[Limit], list[float]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take how turns are reserved: their times, in seconds since the epoch, or `PressureError`."""
        self._limit, self._reserve, self._clock = limit, reserve, clock
        self._lock = threading.Lock()
        self._turns: deque[float] = deque()

    def wait(self) -> float:
        """Return the seconds until the call may leave. Raises `PressureError`."""
        with self._lock:
            now = self._clock()
            while self._turns and self._turns[0] < now - _STALE:
                self._turns.popleft()
            if not self._turns:
                self._turns.extend(self._reserve(self._limit))
            turn = self._turns.popleft()
        return max(0.0, turn - now - (self._limit.burst - 1) / self._limit.per_second)
