"""Kept replies in memory: bounded in number and bytes, the oldest ones make room.

Implements `policies.stores.Store`; held by `ports.Shared`, so that a reload keeps them.
"""

from policies.stores import Kept

_MAX_REPLIES = 50_000
_MAX_BYTES = 64 * 1024 * 1024
_MAX_RESERVED = 10_000


class Shelf:
    """One store of one process."""

    def __init__(
        self, size: int = _MAX_REPLIES, max_bytes: int = _MAX_BYTES, reserved: int = _MAX_RESERVED
    ) -> None:
        self._size = size
        self._max_bytes = max_bytes
        self._most_reserved = reserved
        self._kept: dict[str, Kept] = {}
        self._reserved: dict[str, bytes] = {}
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: str, now: float) -> Kept | None:
        """Return the reply that still counts."""
        kept = self._kept.get(key)
        if kept is not None and kept.until <= now:
            self._drop(key)
            return None
        return kept

    def put(self, key: str, kept: Kept) -> None:
        """Keep a reply; one that is too large for the whole shelf is not kept."""
        self._drop(key)
        size = kept.size
        if size > self._max_bytes:
            return
        self._kept[key] = kept
        self.bytes += size
        while self.bytes > self._max_bytes or len(self._kept) > self._size:
            self._drop(next(iter(self._kept)))

    def reserve(self, key: str, mark: bytes) -> bytes | None:
        """Take a key for a call in flight; else return the mark of the call that holds it."""
        holder = self._reserved.get(key)
        if holder is not None:
            return holder
        if len(self._reserved) >= self._most_reserved:
            return b""
        self._reserved[key] = mark
        return None

    def release(self, key: str) -> None:
        """Let go of a key that was taken."""
        self._reserved.pop(key, None)

    def _drop(self, key: str) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self.bytes -= kept.size
