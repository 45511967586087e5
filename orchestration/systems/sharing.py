"""What workers share about systems, through the database: turns, places, and the operator's pause."""

import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from orchestration.systems.settings import Limit
from orchestration.systems.turns import MAX_WAIT, PressureError
from registry.db.engine import transaction
from registry.db.models import SystemGate, Worker

_FRESH = 1.0  # how long a worker goes on with what it knows of the others, in seconds
_MOST_TURNS = 100


class Shared:
    """The systems of an environment, as all workers see them; one for a worker."""

    def __init__(self, engine: Engine, worker: str, lease: timedelta) -> None:
        self._engine, self._worker, self._lease = engine, worker, lease
        self._lock = threading.Lock()
        self._read_at = 0.0
        self._paused: dict[str, str] = {}
        self._workers: list[str] = [worker]

    def announce(self, systems: Iterable[str], now: datetime) -> None:
        """Write down which systems there are, so that an operator can pause them."""
        for system in systems:
            try:
                with transaction(self._engine, writes=True) as session:
                    if session.get(SystemGate, (system, "all")) is None:
                        session.add(SystemGate(system=system, kind="all", next_at=now, reason=""))
            except IntegrityError:
                pass  # another worker was first

    def of(self, system: str) -> "SharedSystem":
        """Return one system's part."""
        return SharedSystem(self, system)

    def paused(self, system: str) -> str:
        """Return why a system is paused; empty where it is not."""
        self._refresh()
        return self._paused.get(system, "")

    def places(self, limit: Limit) -> int:
        """Return this worker's part of a system's places: they are divided among those alive."""
        self._refresh()
        rank, workers = self._workers.index(self._worker), len(self._workers)
        return (limit.concurrent + workers - 1 - rank) // workers

    def reserve(self, system: str, kind: str, limit: Limit) -> list[float]:
        """Reserve some turns (GCRA), as times since the epoch. Raises `PressureError`."""
        step = 1.0 / limit.per_second
        with transaction(self._engine, writes=True) as session:
            gate = _gate(session, system, kind)
            now = datetime.now(UTC)
            first = max(gate.next_at, now)
            wait = (first - now).total_seconds() - step * (limit.burst - 1)
            if wait > MAX_WAIT:
                raise PressureError("the system's rate is used up", wait)
            count = max(1, min(_MOST_TURNS, int(limit.per_second / 10)))
            gate.next_at = first + timedelta(seconds=step * count)
        return [first.timestamp() + step * turn for turn in range(count)]

    def _refresh(self) -> None:
        with self._lock:
            if time.monotonic() - self._read_at < _FRESH:
                return
            self._read_at = time.monotonic()
            with transaction(self._engine, writes=False) as session:
                paused = session.scalars(
                    select(SystemGate).where(SystemGate.paused_at.is_not(None))
                )
                self._paused = {gate.system: gate.reason or "no reason" for gate in paused}
                alive = select(Worker.id).where(
                    Worker.seen_at > datetime.now(UTC) - self._lease, Worker.ended_at.is_(None)
                )
                self._workers = sorted({*session.scalars(alive), self._worker})


class SharedSystem:
    """What all workers know of one system."""

    def __init__(self, shared: Shared, system: str) -> None:
        self._shared, self._system = shared, system

    def paused(self) -> str:
        """Return why an operator has paused the system; empty where nobody has."""
        return self._shared.paused(self._system)

    def reserve(self, kind: str, limit: Limit) -> list[float]:
        """Reserve turns. Raises `PressureError`."""
        return self._shared.reserve(self._system, kind, limit)

    def places(self, limit: Limit) -> int:
        """Return how many of the places are this worker's."""
        return self._shared.places(limit)


def _gate(session: Session, system: str, kind: str) -> SystemGate:
    gate = session.get(SystemGate, (system, kind), with_for_update=True)
    if gate is None:
        gate = SystemGate(system=system, kind=kind, next_at=datetime.now(UTC), reason="")
        session.add(gate)
    return gate
