"""What a system bears: a rate and places shared by the threads of a worker, and a circuit breaker."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from orchestration.definition import Category
from orchestration.systems.settings import Limit

_TRIES = 5  # failures in a row that open the circuit
_REST = 10.0  # seconds that an open circuit rests at first
_MAX_REST = 300.0
_MAX_WAIT = 1.0  # a call that would wait longer for its turn fails, to be tried again later


class PressureError(Exception):
    """The call does not leave now; try again after `seconds`."""

    def __init__(self, sentence: str, seconds: float, category: Category = "transient") -> None:
        super().__init__(sentence)
        self.sentence, self.seconds, self.category = sentence, seconds, category


class Pressure:
    """The limits and the circuit of one system."""

    def __init__(self, limit: Limit | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._clock = limit, clock
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(limit.concurrent if limit else 1_000)
        self._next = 0.0  # GCRA's theoretical arrival time
        self._failures = 0
        self._rests = 0
        self._open_until = 0.0

    @contextmanager
    def call(self) -> Iterator[None]:
        """Take a turn and a place. Raises `PressureError`."""
        self._refuse_while_open()
        wait = self._turn()
        if not self._places.acquire(timeout=_MAX_WAIT):
            raise PressureError("all places of the system are taken", _MAX_WAIT)
        try:
            if wait > 0:
                time.sleep(wait)
            yield
        finally:
            self._places.release()

    def _refuse_while_open(self) -> None:
        with self._lock:
            rest = self._open_until - self._clock()
        if rest > 0:
            raise PressureError("the system has failed repeatedly and rests", rest, "outage")

    def _turn(self) -> float:
        """Return the seconds until the call may leave. Raises `PressureError`."""
        if self._limit is None:
            return 0.0
        step = 1.0 / self._limit.per_second
        with self._lock:
            now = self._clock()
            wait = max(self._next, now) - now - step * (self._limit.burst - 1)
            if wait > _MAX_WAIT:
                raise PressureError("the system's rate is used up", wait)
            self._next = max(self._next, now) + step
        return max(0.0, wait)

    def succeeded(self) -> None:
        """The system answered."""
        with self._lock:
            self._failures = self._rests = 0

    def failed(self) -> None:
        """The system did not answer, or failed; it rests after several times in a row."""
        with self._lock:
            self._failures += 1
            if self._failures >= _TRIES:
                rest = min(_MAX_REST, _REST * 2**self._rests)
                self._open_until = self._clock() + rest
                self._rests += 1
                # One call may look whether it is back; the next failure opens again at once.
                self._failures = _TRIES - 1
