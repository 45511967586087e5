"""A bounded cache that costs one dictionary look-up on a hit. Used for tokens and their verdicts."""

from typing import Generic, TypeVar

V = TypeVar("V")


class Generations(Generic[V]):
    """Text to value. Bounded in entries and in characters of keys.

    Two generations stand in for a least-recently-used order: when the young one is full it becomes
    the old one, and what is not asked for until the next time is forgotten.
    """

    __slots__ = ("_chars", "_max_chars", "_max_entries", "_old", "young")

    def __init__(self, max_entries: int, max_chars: int) -> None:
        self._max_entries = max_entries // 2
        self._max_chars = max_chars // 2
        self.clear()

    def __len__(self) -> int:
        return len(self.young) + len(self._old)

    def clear(self) -> None:
        """Forget everything."""
        self.young: dict[str, V] = {}
        self._old: dict[str, V] = {}
        self._chars = 0

    def get(self, key: str) -> V | None:
        """Return the value, None where there is none."""
        value = self.young.get(key)
        if value is None:
            value = self._old.get(key)
            if value is not None:
                self.put(key, value)
        return value

    def put(self, key: str, value: V) -> None:
        """Keep the value; what was not used for long may go."""
        if key not in self.young:
            self._chars += len(key)
            if len(self.young) >= self._max_entries or self._chars > self._max_chars:
                self._old, self.young, self._chars = self.young, {}, len(key)
        self.young[key] = value
