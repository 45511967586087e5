"""Runs from leg to leg: claimed, parked, ended; exceptions opened and closed with them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from orchestration.definition import Flow, seconds
from orchestration.runs.causes import cause
from registry.db.models import FlowException, Run, Worker

OPEN = ("open", "retrying")
_UNENDED = ("waiting", "running")


def claim(
    session: Session, worker: str, flows: Collection[str], now: datetime, limit: int
) -> Sequence[Run]:
    """Take runs of these flows whose time has come, one per business key, in their order."""
    earlier = aliased(Run)
    blocked = (
        select(earlier.seq)
        .where(
            earlier.flow == Run.flow,
            earlier.business_key == Run.business_key,
            earlier.seq < Run.seq,
            earlier.state.in_(_UNENDED),
        )
        .exists()
    )
    due = (
        select(Run)
        .where(Run.state == "waiting", Run.resume_at <= now, Run.flow.in_(flows), ~blocked)
        .order_by(Run.resume_at, Run.seq)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    runs = session.scalars(due).all()
    for run in runs:
        run.state, run.leg, run.worker, run.changed_at = "running", run.leg + 1, worker, now
    return runs


def due(session: Session, flows: Collection[str], now: datetime) -> bool:
    """Whether a run of these flows waits for its turn."""
    found = select(Run.seq).where(Run.state == "waiting", Run.resume_at <= now, Run.flow.in_(flows))
    return session.scalars(found.limit(1)).first() is not None


def orphans(
    session: Session, flows: Collection[str], now: datetime, lease: timedelta
) -> Sequence[Run]:
    """Return runs of these flows under way whose worker has died or left."""
    alive = (
        select(Worker.id)
        .where(Worker.seen_at > now - lease, Worker.ended_at.is_(None))
        .scalar_subquery()
    )
    return session.scalars(
        select(Run)
        .where(Run.state == "running", Run.flow.in_(flows), Run.worker.not_in(alive))
        .with_for_update(skip_locked=True)
    ).all()


def given(run: Run) -> dict[str, Any]:
    """Return what a leg is given: all that it needs, so that a replay reads nothing that changes."""
    return {
        "run": run.id, "leg": run.leg, "key": run.business_key, "digest": run.digest,
        "event": run.event, "journal": run.journal, "at": run.started_at.isoformat(),
    }  # fmt: skip


def end_leg(
    session: Session, flow: Flow, run_id: str, leg: int, ending: Mapping[str, Any], now: datetime
) -> bool:
    """Keep what a leg came to, once; False where another worker was first."""
    run = session.scalars(select(Run).where(Run.id == run_id).with_for_update()).first()
    if run is None or run.leg != leg or run.state != "running":
        return False
    # A signal may have come while the leg was under way.
    signals = run.journal.get("signals", {}) | ending["journal"].get("signals", {})
    run.journal = {**ending["journal"], "signals": signals}
    run.state, run.step, run.changed_at = ending["state"], ending.get("step", ""), now
    run.signal = ending.get("signal", "")
    if run.state == "waiting":
        come = run.signal and run.signal in signals
        run.resume_at = now if come else now + timedelta(seconds=ending["seconds"])
    else:
        run.ended_at = now
    if run.state == "exception":
        _open(session, flow, run, ending, now)
    elif run.state == "done" and run.leg > 1:
        # Only a run that was given back by a person has an exception to close.
        _resolve(session, run, now)
    return True


def _open(session: Session, flow: Flow, run: Run, ending: Mapping[str, Any], now: datetime) -> None:
    failure, value = ending["failure"], ending.get("value") or {}
    known = session.scalars(
        select(FlowException).where(
            FlowException.flow == run.flow, FlowException.business_key == run.business_key,
            FlowException.step == run.step, FlowException.category == failure["category"],
            FlowException.state.in_(OPEN),
        )
    ).first()  # fmt: skip
    entry = {
        "at": now.isoformat(), "what": "happened", "run": run.id, "leg": run.leg,
        "sent": ending.get("sent", ""),
    }  # fmt: skip
    alike = cause(run.flow, run.step, failure["category"], failure["sentence"])
    if known is not None:
        known.times, known.last_at, known.run, known.state = known.times + 1, now, run.id, "open"
        known.sentence, known.history = failure["sentence"], [*known.history, entry][-100:]
        known.cause, known.preview = alike, None
        return
    session.add(
        FlowException(
            flow=run.flow, business_key=run.business_key, run=run.id, step=run.step,
            category=failure["category"], sentence=failure["sentence"],
            owner=ending.get("owner") or flow.exceptions.to,
            due_at=now + timedelta(seconds=seconds(ending.get("sla") or flow.exceptions.sla)),
            amount=str(value.get("amount", ""))[:200], currency=str(value.get("currency", ""))[:200],
            state="open", opened_at=now, last_at=now, history=[entry], cause=alike,
        )
    )  # fmt: skip


def _resolve(session: Session, run: Run, now: datetime) -> None:
    """Close what the run had been held up by."""
    for row in session.scalars(
        select(FlowException).where(FlowException.run == run.id, FlowException.state.in_(OPEN))
    ):
        row.state = "resolved"
        row.history = [*row.history, {"at": now.isoformat(), "what": "resolved", "run": run.id}]
