"""Slots of schedules as events: each one once, whoever of the workers is first."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from orchestration.definition import Trigger
from orchestration.runs import intake
from orchestration.triggers import SCHEDULE, slot
from registry.db.engine import transaction
from registry.db.models import FlowDefinition, Run

_SOURCE = "treaty:schedule"


class Scheduler:
    """One per worker, for the flows that it can run. `tick` is called in a loop."""

    def __init__(self, engine: Engine, flows: Collection[str]) -> None:
        self._engine, self._flows = engine, flows
        self._told: dict[str, datetime] = {}  # by flow; only spares asking the database again

    def tick(self, now: datetime) -> int:
        """Begin what is due and return how many runs that were."""
        with transaction(self._engine, writes=False) as session:
            due = [
                (row.flow, at)
                for row in session.scalars(
                    select(FlowDefinition).where(
                        FlowDefinition.live.is_(True), FlowDefinition.flow.in_(self._flows)
                    )
                )
                if (at := _slot(row, now)) is not None and self._told.get(row.flow) != at
            ]
        return sum(self._begin(flow, at, now) for flow, at in due)

    def _begin(self, flow: str, at: datetime, now: datetime) -> int:
        try:
            with transaction(self._engine, writes=True) as session:
                begun = max(0, intake.accept(session, _event(session, flow, at), now))
        except IntegrityError:
            begun = 0  # another worker was first
        self._told[flow] = at
        return begun


def _slot(row: FlowDefinition, now: datetime) -> datetime | None:
    return slot(Trigger.model_validate(row.content["flow"]["trigger"]), now, row.deployed_at)


def _event(session: Session, flow: str, at: datetime) -> intake.Event:
    """Return the event of a slot; `since` is where the last run that ended well had come to."""
    last = session.scalars(
        select(Run)
        .where(Run.flow == flow, Run.source == _SOURCE, Run.state == "done")
        .order_by(Run.seq.desc())
        .limit(1)
    ).first()
    data = {
        "flow": flow, "slot": at.isoformat(), "until": at.isoformat(),
        "since": last.event["data"]["until"] if last is not None else None,
    }  # fmt: skip
    return intake.Event(_SOURCE, f"{flow}@{at.isoformat()}", SCHEDULE, flow, data, at)
