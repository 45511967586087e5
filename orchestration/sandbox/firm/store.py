"""Records, effects and events of all systems in one SQLite file; a change is on disk before it is told."""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from contracts.document import Json

Record = dict[str, Any]
MAX_RECORDS = 100_000
_TABLES = """
CREATE TABLE IF NOT EXISTS records (
  system TEXT, kind TEXT, id TEXT, body TEXT, PRIMARY KEY (system, kind, id)
);
CREATE TABLE IF NOT EXISTS effects (
  system TEXT, operation TEXT, key TEXT, digest TEXT, answer TEXT, times INTEGER,
  PRIMARY KEY (system, operation, key)
);
CREATE TABLE IF NOT EXISTS events (
  seq INTEGER PRIMARY KEY, type TEXT, subject TEXT, data TEXT, at TEXT
);
"""


class KeyReusedError(Exception):
    """The idempotency key came with another request before."""


class Store:
    """Used by one process; its threads take turns."""

    def __init__(self, file: Path | None = None) -> None:
        self._db = sqlite3.connect(
            file or ":memory:", check_same_thread=False, isolation_level=None
        )
        self._lock = threading.RLock()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(_TABLES)

    @contextmanager
    def change(self) -> Iterator[None]:
        """Make several changes at once, or none of them."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def get(self, system: str, kind: str, key: str) -> Record | None:
        """Return a record, or None."""
        with self._lock:
            row = self._db.execute(
                "SELECT body FROM records WHERE system = ? AND kind = ? AND id = ?",
                (system, kind, key),
            ).fetchone()
        return json.loads(row[0]) if row else None

    def all(self, system: str, kind: str) -> list[Record]:
        """Return the records of a kind in the order of their ids."""
        with self._lock:
            rows = self._db.execute(
                "SELECT body FROM records WHERE system = ? AND kind = ? ORDER BY id", (system, kind)
            ).fetchall()
        return [json.loads(row[0]) for row in rows]

    def put(self, system: str, kind: str, key: str, record: Record) -> Record:
        """Keep a record and return it."""
        with self._lock:
            self._db.execute(
                "INSERT INTO records VALUES (?, ?, ?, ?) "
                "ON CONFLICT (system, kind, id) DO UPDATE SET body = excluded.body",
                (system, kind, key, json.dumps(record)),
            )
        return record

    def count(self, system: str, kind: str) -> int:
        """Return how many records of a kind there are; ids are numbered by it."""
        with self._lock:
            row = self._db.execute(
                "SELECT count(*) FROM records WHERE system = ? AND kind = ?", (system, kind)
            ).fetchone()
        return int(row[0])

    @property
    def full(self) -> bool:
        """Whether the sandbox has grown to its bound."""
        with self._lock:
            return (
                int(self._db.execute("SELECT count(*) FROM records").fetchone()[0]) >= MAX_RECORDS
            )

    def once(
        self, system: str, operation: str, key: str, body: Json, act: Callable[[], Json]
    ) -> Json:
        """Act once per key; give the first answer again. Raises `KeyReusedError`.

        Without an idempotency key the `key` is the record's own name; it may come with other content.
        """
        digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        with self.change():
            known = self._db.execute(
                "SELECT digest, answer FROM effects WHERE system = ? AND operation = ? AND key = ?",
                (system, operation, key),
            ).fetchone()
            if known is not None:
                if known[0] != digest:
                    raise KeyReusedError
                return json.loads(known[1])  # type: ignore[no-any-return]  # what was kept is JSON
            answer = act()
            self._note(system, operation, key, digest, answer)
            return answer

    def noted(self, system: str, operation: str, key: str, answer: Record) -> Record:
        """Count a write that is repeatable by its nature; equal ones count once."""
        digest = hashlib.sha256(json.dumps(answer, sort_keys=True).encode()).hexdigest()
        self._note(system, operation, f"{key}#{digest[:12]}", digest, answer)
        return answer

    def _note(self, system: str, operation: str, key: str, digest: str, answer: Json) -> None:
        self._db.execute(
            "INSERT INTO effects VALUES (?, ?, ?, ?, ?, 1) "
            "ON CONFLICT (system, operation, key) DO UPDATE SET times = times + 1",
            (system, operation, key, digest, json.dumps(answer)),
        )

    def effects(self) -> list[Record]:
        """Return what has been done: system, operation, key, how often."""
        with self._lock:
            rows = self._db.execute(
                "SELECT system, operation, key, times FROM effects ORDER BY system, operation, key"
            ).fetchall()
        names = ("system", "operation", "key", "times")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def tell(self, kind: str, subject: str, data: Record, at: str) -> None:
        """Keep an event for whoever asks."""
        with self._lock:
            self._db.execute(
                "INSERT INTO events (type, subject, data, at) VALUES (?, ?, ?, ?)",
                (kind, subject, json.dumps(data), at),
            )

    def events(self, after: int, limit: int = 100) -> list[Record]:
        """Return events as CloudEvents (1.0) with their sequence numbers."""
        with self._lock:
            rows = self._db.execute(
                "SELECT seq, type, subject, data, at FROM events WHERE seq > ? ORDER BY seq LIMIT ?",
                (after, limit),
            ).fetchall()
        return [
            {
                "specversion": "1.0", "id": f"E{seq:06}", "source": "sandbox", "type": kind,
                "subject": subject, "time": at, "sequence": str(seq), "data": json.loads(data),
            }
            for seq, kind, subject, data, at in rows
        ]  # fmt: skip
