"""Retention: what runs held is forgotten after a while; that they happened, and how they ended, stays.

Ended runs lose event and journal, and the engine's journal of their legs; accepted events lose their data
but stay known, so that none is taken twice. Runs that wait for a person keep everything.
"""

from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, select, update

from orchestration.definition import seconds
from orchestration.engine.port import Engine as Journal
from orchestration.systems.settings import RetentionSettings
from registry.db.engine import transaction
from registry.db.models import Alert, FlowException, InboxEvent, RelayDelivery, Run

_ENDED = ("done", "superseded", "discarded")
_PORTION = 200
_SCHEDULE = "treaty:schedule"  # its events hold only times, and the next run reads the last one's


class Retention:
    """One per worker; portions are small, and several workers may do it at once."""

    def __init__(self, settings: RetentionSettings, engine: Engine, journal: Journal) -> None:
        self._settings, self._engine, self._journal = settings, engine, journal

    def tick(self, now: datetime) -> int:
        """Forget a portion of what is old, and return how many runs that were."""
        before = now - timedelta(seconds=seconds(self._settings.payloads))
        wanted = (
            select(Run.id, Run.leg)
            .where(Run.state.in_(_ENDED), Run.ended_at < before, Run.forgotten_at.is_(None))
            .where(Run.source != _SCHEDULE)
            .order_by(Run.seq)
            .limit(_PORTION)
        )
        with transaction(self._engine, writes=False) as session:
            old = session.execute(wanted).all()
        # The engine first: a crash in between leaves runs that are found again.
        self._journal.forget([f"{run}.{leg}" for run, last in old for leg in range(1, last + 1)])
        ids = [run for run, _ in old]
        unknown = InboxEvent.forgotten_at.is_(None)
        told = now - timedelta(seconds=seconds(self._settings.notices))
        with transaction(self._engine, writes=True) as session:
            for change in (
                update(Run).where(Run.id.in_(ids)).values(event={}, journal={}, forgotten_at=now),
                update(FlowException).where(FlowException.run.in_(ids)).values(preview=None),
                update(InboxEvent)
                .where(InboxEvent.received_at < before, unknown)
                .values(data={}, forgotten_at=now),
                delete(Alert).where(Alert.state == "resolved", Alert.due_at < told),
                delete(RelayDelivery)
                .where(RelayDelivery.state != "waiting", RelayDelivery.due_at < told),
            ):  # fmt: skip
                session.execute(change.execution_options(synchronize_session=False))
        return len(old)
