"""Places that calls hold while they run; outlives snapshots, so that a reload frees none."""


class Places:
    """How many calls hold a place under each key; empty keys are forgotten."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._taken)

    def enter(self, key: str, limit: int) -> bool:
        """Take a place; False where all are taken."""
        taken = self._taken.get(key, 0)
        if taken >= limit:
            return False
        self._taken[key] = taken + 1
        return True

    def leave(self, key: str) -> None:
        """Give a place back."""
        taken = self._taken.get(key, 0)
        if taken > 1:
            self._taken[key] = taken - 1
        else:
            self._taken.pop(key, None)
