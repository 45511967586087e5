"""Proofs that have been seen (RFC 9449 section 11.1): each counts once, as long as it could count."""

_SLOT_SECONDS = 16
_MAX_SEEN = 200_000


class Replays:
    """Digests by the time until which they must be remembered; whole slots are forgotten."""

    def __init__(self, size: int = _MAX_SEEN) -> None:
        self._size = size
        self._count = 0
        self._slots: dict[int, set[bytes]] = {}

    def __len__(self) -> int:
        return self._count

    def first(self, digest: bytes, until: float, now: float) -> bool:
        """Remember the digest until then, and return whether it was new.

        A full store answers no: to forget early would let a proof count twice.
        """
        current = int(now) // _SLOT_SECONDS
        for slot in [slot for slot in self._slots if slot < current]:
            self._count -= len(self._slots.pop(slot))
        if self._count >= self._size or any(digest in seen for seen in self._slots.values()):
            return False
        self._slots.setdefault(int(until) // _SLOT_SECONDS, set()).add(digest)
        self._count += 1
        return True
