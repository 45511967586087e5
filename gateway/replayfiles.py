"""Used proofs of all workers of a machine, and of the process before: one small log on disk.

Called by `proofs`. Each worker reads what the others have added before it decides, under a lock.
"""

import fcntl
import os
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.replays import Replays

_RECORD = struct.Struct("<16sd")  # digest, until when it must be remembered
_PERIOD_SECONDS = 128
_KEPT_PERIODS = 4  # the longest window of a proof, and more
_TRIES, _PAUSE_SECONDS = 100, 0.0005  # a worker that hangs must not hang the others


class ReplayFiles:
    """Answers like `Replays`, for everybody who works in this folder."""

    def __init__(self, folder: Path, seen: Replays) -> None:
        self._folder = folder
        self._seen = seen
        self._lock = -1
        self._read: dict[int, tuple[int, int]] = {}  # period: descriptor, how far it was read

    def first(self, digest: bytes, until: float, now: float) -> bool:
        """Remember the digest until then, and return whether it was new.

        Raises `OSError` where that cannot be told: a proof then does not count.
        """
        with self._alone():
            period = int(now) // _PERIOD_SECONDS
            self._catch_up(period, now)
            new = self._seen.first(digest, until, now)
            if new:
                self._append(period, _RECORD.pack(digest, until))
            return new

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._lock < 0:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        for attempt in range(_TRIES):
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if attempt == _TRIES - 1:
                    raise
                time.sleep(_PAUSE_SECONDS)
        try:
            yield
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def _catch_up(self, period: int, now: float) -> None:
        """Read what others have added since, and drop what nobody needs any more."""
        if period not in self._read:
            self._drop(period - _KEPT_PERIODS)
        # Only now and a moment ago is written to; older files are read once, after a start.
        for each in range(period - _KEPT_PERIODS + 1, period + 1):
            if each in self._read and each < period - 1:
                continue
            descriptor, offset = self._read.get(each) or (self._open(each), 0)
            text = os.pread(descriptor, max(0, os.fstat(descriptor).st_size - offset), offset)
            whole = len(text) - len(text) % _RECORD.size
            for digest, until in _RECORD.iter_unpack(text[:whole]):
                if until >= now:
                    self._seen.first(digest, until, now)
            self._read[each] = descriptor, offset + whole

    def _drop(self, last: int) -> None:
        for old in [known for known in self._read if known <= last]:
            os.close(self._read.pop(old)[0])
        for path in self._folder.glob("*.log"):
            if path.stem.isdigit() and int(path.stem) <= last:
                path.unlink(missing_ok=True)

    def _append(self, period: int, record: bytes) -> None:
        descriptor, offset = self._read[period]
        if os.fstat(descriptor).st_size != offset:
            os.ftruncate(descriptor, offset)  # half a record, of a process that was killed
        os.write(descriptor, record)
        self._read[period] = descriptor, offset + len(record)

    def _open(self, period: int) -> int:
        return os.open(self._path(period), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)

    def _path(self, period: int) -> Path:
        return self._folder / f"{period}.log"
