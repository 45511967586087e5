"""What a system bears: rates and places by class of operation, and a circuit breaker."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Literal, Protocol

from orchestration.systems.settings import Limit
from orchestration.systems.turns import MAX_WAIT, LocalTurns, PressureError, SharedTurns, Turns

_TRIES = 5  # failures in a row that open the circuit
_REST = 10.0  # seconds that an open circuit rests at first
_MAX_REST = 300.0
_PAUSE = 30.0  # how often a run looks whether a paused system goes on

Class = Literal["all", "read", "write"]


class Sharing(Protocol):
    """What all workers know of one system."""

    def paused(self) -> str:
        """Return why an operator has paused the system; empty where nobody has."""
        ...

    def reserve(self, kind: str, limit: Limit) -> list[float]:
        """Reserve turns. Raises `PressureError`."""
        ...

    def places(self, limit: Limit) -> int:
        """Return how many of the places are this worker's."""
        ...


class _Gate:
    """The turns and places of one class of operations."""

    def __init__(self, kind: str, limit: Limit, sharing: Sharing | None) -> None:
        self._limit, self._sharing = limit, sharing
        self._turns: Turns = LocalTurns(limit)
        if sharing is not None:
            self._turns = SharedTurns(limit, lambda given: sharing.reserve(kind, given))
        self._taken = 0
        self._free = threading.Condition()

    @contextmanager
    def through(self) -> Iterator[None]:
        """Take a turn and a place. Raises `PressureError`."""
        wait = self._turns.wait()
        with self._free:
            if not self._free.wait_for(lambda: self._taken < self._places(), MAX_WAIT):
                raise PressureError("all places of the system are taken", MAX_WAIT, patient=True)
            self._taken += 1
        try:
            if wait > 0:
                time.sleep(wait)
            yield
        finally:
            with self._free:
                self._taken -= 1
                self._free.notify()

    def _places(self) -> int:
        sharing = self._sharing
        return self._limit.concurrent if sharing is None else sharing.places(self._limit)


class Pressure:
    """The limits, the pause and the circuit of one system."""

    def __init__(
        self,
        limits: Mapping[Class, Limit],
        sharing: Sharing | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock, self._sharing = clock, sharing
        self._gates = {kind: _Gate(kind, limit, sharing) for kind, limit in limits.items()}
        self._lock = threading.Lock()
        self._failures = 0
        self._rests = 0
        self._open_until = 0.0

    @contextmanager
    def call(self, kind: Class) -> Iterator[None]:
        """Take the turns and places of a read or a write. Raises `PressureError`."""
        self._refuse_while_paused()
        self._refuse_while_open()
        with ExitStack() as stack:
            for name in ("all", kind):
                if name in self._gates:
                    stack.enter_context(self._gates[name].through())
            yield

    def _refuse_while_paused(self) -> None:
        reason = self._sharing.paused() if self._sharing is not None else ""
        if reason:
            raise PressureError(f"an operator has paused it: {reason}", _PAUSE, patient=True)

    def _refuse_while_open(self) -> None:
        with self._lock:
            rest = self._open_until - self._clock()
        if rest > 0:
            raise PressureError("the system has failed repeatedly and rests", rest, "outage")

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
