"""A bound on guessing: failed client authentications per client and address."""

import time
from collections import OrderedDict
from threading import Lock

from policies.gcra import gcra

_QUOTA, _WINDOW, _BURST = 20, 60, 20
_MAX_KEYS = 10_000


class Attempts:
    """Counts failures only, in memory; the oldest are forgotten first."""

    def __init__(self) -> None:
        self._state: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._lock = Lock()

    def wait_seconds(self, client: str, address: str) -> float:
        """Return how long this pair has to wait; 0 where it may try."""
        with self._lock:
            tat = self._state.get((client, address), 0.0)
        _, taken = gcra(tat, time.time(), _QUOTA, _WINDOW, _BURST)
        return taken.retry_seconds

    def failed(self, client: str, address: str) -> None:
        """Note a failure."""
        with self._lock:
            tat = self._state.pop((client, address), 0.0)
            self._state[client, address], _ = gcra(tat, time.time(), _QUOTA, _WINDOW, _BURST)
            while len(self._state) > _MAX_KEYS:
                self._state.popitem(last=False)
