"""The engine on SQLite (WAL) or PostgreSQL, and the one way to run a transaction."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session

# How long a writer waits for another one, in milliseconds.
_BUSY_MS = 10_000
_TURNS: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()


def make_engine(url: str) -> Engine:
    """Return an engine for the URL, with the settings each database needs."""
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"check_same_thread": False})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # SQLAlchemy emits BEGIN itself, see `_begin_sqlite`; the driver must not.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}",
    ):  # fmt: skip
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at the start: a read that later wants to write would only fail then."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def transaction(engine: Engine, *, writes: bool) -> Iterator[Session]:
    """Yield a session: returning commits, raising rolls back."""
    with (
        _turn(engine, writes=writes),
        Session(engine, expire_on_commit=False) as session,
        session.begin(),
    ):
        session.connection(execution_options={"writes": writes})
        yield session


def _turn(engine: Engine, *, writes: bool) -> AbstractContextManager[object]:
    """Return this process's turn to write: SQLite itself would let waiting threads sleep, and not wake them."""
    if not writes or engine.dialect.name != "sqlite":
        return nullcontext()
    return _TURNS.setdefault(engine, threading.Lock())
