"""Replies that are kept to be given again: what they hold, and what a store must do.

`gateway.shelf` keeps them in memory; a store that asks the outside raises `NotYetError` instead.
"""

from typing import NamedTuple, Protocol


class Kept(NamedTuple):
    """A reply; `mark` says which request it answers. Without `status` it cannot be given again."""

    mark: bytes
    status: int = 0
    fields: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    at: float = 0.0  # epoch seconds: when it was made
    until: float = 0.0  # and until when it counts

    @property
    def size(self) -> int:
        """Return about how many bytes it takes."""
        return 200 + len(self.body) + sum(len(name) + len(text) for name, text in self.fields)


class Store(Protocol):
    """Replies by key, bounded in number and bytes."""

    def get(self, key: str, now: float) -> Kept | None:
        """Return the reply that still counts."""
        ...

    def put(self, key: str, kept: Kept) -> None:
        """Keep a reply; the oldest ones make room."""
        ...

    def reserve(self, key: str, mark: bytes) -> bytes | None:
        """Take a key for a call in flight; else return the mark of the call that holds it.

        A key that cannot be taken, because too many are, is held by the empty mark.
        """
        ...

    def release(self, key: str) -> None:
        """Let go of a key that was taken."""
        ...
