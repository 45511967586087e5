"""Calls of a calendar period by key: a month's quota must not begin anew with a restart.

Held by `ports.Counters`; `app` writes them down now and then, and when the gateway stops.
"""

import json
import math
from collections.abc import Callable
from pathlib import Path

from gateway.files import write_whole
from policies.exchange import Limit, Taken

_MAX_BYTES = 64 * 1024 * 1024


class Tallies:
    """How many calls of each key's period are used; forgotten when the period has ended."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._used: dict[str, tuple[int, float]] = {}
        self.changed = False

    def look(self, limit: Limit, now: float) -> tuple[int, Taken]:
        """Return what the call would make of the count, and what it gets."""
        used, until = self._used.get(limit.key, (0, limit.until))
        if until <= now:
            used = 0
        left = limit.until - now
        after = used + limit.cost
        if after > limit.quota:
            return used, Taken(False, max(0, limit.quota - used), left, left)
        return after, Taken(True, limit.quota - after, left, 0.0)

    def set(self, limit: Limit, used: int, now: float) -> None:
        """Keep a count."""
        self._used[limit.key] = (used, limit.until)
        self.changed = True
        if len(self._used) > self._size:
            self._evict(now)

    def _evict(self, now: float) -> None:
        """Forget what has ended, then what has used least of its quota: it loses least by it."""
        self._used = {key: each for key, each in self._used.items() if each[1] > now}
        excess = len(self._used) - self._size + max(1, self._size // 10)
        if excess > 0:
            least = sorted(self._used, key=lambda key: self._used[key][0])
            for key in least[:excess]:
                del self._used[key]

    def text(self) -> bytes:
        """Return the counts as they are written down."""
        self.changed = False
        return json.dumps([[key, *each] for key, each in self._used.items()]).encode()

    def read(self, text: bytes, now: float) -> None:
        """Take counts that were written down. Raises `ValueError` or `TypeError` for anything else."""
        entries = json.loads(text)
        if not isinstance(entries, list):
            raise TypeError("no list of counts")
        for key, used, until in entries:
            numbers = isinstance(used, int) and isinstance(until, int | float)
            if not isinstance(key, str) or not numbers or not math.isfinite(until):
                raise ValueError("no count")
            if until > now and len(self._used) < self._size:
                self._used[key] = (used, float(until))


class TallyFile:
    """Where one process writes its counts down."""

    def __init__(self, path: Path, tallies: Tallies) -> None:
        self._path, self._tallies = path, tallies

    def load(self, now: float, complain: Callable[[str], object]) -> None:
        """Take what the process before has left; what cannot be read is said, and counts begin anew."""
        try:
            with self._path.open("rb") as file:
                self._tallies.read(file.read(_MAX_BYTES), now)
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, RecursionError) as error:
            complain(
                f"the quotas in {self._path.name} cannot be read: {type(error).__name__}; they begin anew"
            )

    def save(self) -> bool:
        """Write the counts down where they have changed. Raises `OSError`."""
        if not self._tallies.changed:
            return False
        write_whole(self._path, self._tallies.text())
        return True
