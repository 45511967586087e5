"""Ledger batches on disk: one JSON file each, oldest first, bounded in number.

A batch that may have reached the registry keeps its id and content for ever, because the id makes
its resending harmless; one that was never sent takes more entries until it is full.
"""

import json
import time
from pathlib import Path

from gateway.files import write_whole

Entries = list[dict[str, object]]

_MAX_FILES = 64


class Spool:
    """The files of one folder, named so that their order is their age."""

    def __init__(self, folder: Path, batch: int) -> None:
        self._folder = folder
        self._batch = batch
        self._files: list[Path] = sorted(folder.glob("*.json")) if folder.exists() else []
        self._open: tuple[Path, Entries] | None = None

    @property
    def empty(self) -> bool:
        """Return whether nothing waits."""
        return not self._files

    def add(self, name: str, entries: Entries, *, sent: bool) -> int:
        """Keep a batch; `sent` when it may have arrived. Return how many entries were dropped."""
        if not sent and self._open is not None:
            path, kept = self._open
            if len(kept) + len(entries) <= self._batch:
                kept.extend(entries)
                write_whole(path, json.dumps(kept).encode())
                return 0
        path = self._folder / f"{time.time_ns():020d}-{name}.json"
        write_whole(path, json.dumps(entries).encode())
        self._files.append(path)
        self._open = None if sent else (path, list(entries))
        return self._bound()

    def oldest(self) -> tuple[str, Entries] | None:
        """Return id and entries of the oldest batch, which from now on counts as sent."""
        while self._files:
            path = self._files[0]
            if self._open is not None and self._open[0] == path:
                self._open = None
            entries = _read(path)
            if entries is not None:
                return path.stem.partition("-")[2], entries
            self._files.pop(0)
            path.unlink(missing_ok=True)
        return None

    def remove(self, name: str) -> None:
        """Forget a delivered batch."""
        for path in [path for path in self._files if path.stem.endswith(f"-{name}")]:
            self._files.remove(path)
            path.unlink(missing_ok=True)

    def _bound(self) -> int:
        dropped = 0
        while len(self._files) > _MAX_FILES:
            path = self._files.pop(0)
            dropped += len(_read(path) or ())
            path.unlink(missing_ok=True)
        return dropped


def _read(path: Path) -> Entries | None:
    try:
        entries = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return entries if isinstance(entries, list) else None
