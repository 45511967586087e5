"""What people do with a run that cannot go on: try again, edit, decide, skip a step, discard it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts import catalog
from contracts.document import Json
from contracts.errors import TreatyError
from orchestration.definition import Flow
from orchestration.evaluating import Program
from orchestration.runs.editing import Judge, edit
from orchestration.runs.ledger import OPEN
from orchestration.runs.program import build
from orchestration.runs.rereading import kept
from registry.db.models import FlowDefinition, FlowException, Run

_MANY = 100


def retry(session: Session, exception: str, actor: str, now: datetime) -> Run:
    """Let the run try again what failed, with what it reads read anew.

    Raises `TreatyError` (not-found, invalid-state).
    """
    row, run = _held(session, exception)
    run.journal = fresh(_program(session, run).flow, run.journal)
    _give_back(run, now)
    _note(row, "retrying", actor, "", now)
    return run


def edit_and_retry(
    session: Session, exception: str, actor: str, reason: str, value: Json, now: datetime,
    judge: Judge,
) -> Run:  # fmt: skip
    """Let the run try again with a body or event data that a person has put right.

    Raises `TreatyError` (not-found, invalid-state, invalid-request).
    """
    row, run = _held(session, exception)
    _reasoned(reason)
    program = _program(session, run)
    edit(run, row, program, value, judge)
    run.journal = fresh(program.flow, run.journal)
    _give_back(run, now)
    _note(row, "retrying", actor, f"edited: {reason}", now)
    return run


def fresh(flow: Flow, journal: Mapping[str, Any]) -> dict[str, Any]:
    """Return the journal of a run that is tried again: reads are read anew, attempts count anew."""
    results = kept(flow, journal.get("results", {}), journal.get("edits", {}))
    return _unfailed({**journal, "results": results})


def decide(
    session: Session, exception: str, actor: str, reason: str, value: Json, now: datetime
) -> Run:
    """Take the step as done with this result: what a person decided, or did in the system itself."""
    row, run = _held(session, exception)
    _reasoned(reason)
    results = {**run.journal.get("results", {}), run.step: value}
    # A later retry reads anew, but does not ask again what a person has decided.
    edits = {**run.journal.get("edits", {}), run.step: value}
    run.journal = {**run.journal, "results": results, "edits": edits}
    _give_back(run, now)
    _note(row, "retrying", actor, reason, now)
    return run


def discard(session: Session, exception: str, actor: str, reason: str, now: datetime) -> Run | None:
    """End the run for good; None where the exception stands for an event that began none."""
    _reasoned(reason)
    row = session.get(FlowException, exception)
    if row is not None and not row.run and row.state in OPEN:
        _note(row, "discarded", actor, reason, now)
        return None
    row, run = _held(session, exception)
    run.state, run.changed_at, run.ended_at = "discarded", now, now
    _note(row, "discarded", actor, reason, now)
    return run


def signal(session: Session, run_id: str, name: str, data: Json, now: datetime) -> bool:
    """Keep a signal for a run, and wake the run where it waits for it; False for an ended run."""
    run = session.scalars(select(Run).where(Run.id == run_id).with_for_update()).first()
    if run is None:
        raise TreatyError(catalog.NOT_FOUND, f"There is no run {run_id!r}.")
    if run.state not in ("waiting", "running", "exception"):
        return False
    signals: dict[str, Any] = {**run.journal.get("signals", {}), name: data}
    run.journal = {**run.journal, "signals": signals}
    if run.state == "waiting" and run.signal == name:
        run.resume_at, run.changed_at = now, now
    return True


def asked(session: Session) -> bool:
    """Whether somebody has asked for something."""
    found = select(FlowException.id).where(FlowException.wish.is_not(None))
    return session.scalars(found.limit(1)).first() is not None


def carry_out(session: Session, now: datetime, judge: Judge) -> int:
    """Do what people have asked for through the registry, and return how much that was."""
    rows = session.scalars(
        select(FlowException)
        .where(FlowException.wish.is_not(None))
        .limit(_MANY)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        wish, row.wish = row.wish or {}, None
        try:
            _do(session, row.id, wish, now, judge)
        except TreatyError as error:
            _note(row, row.state, str(wish.get("by")), f"not done: {error.problem.detail}", now)
    return len(rows)


def _do(
    session: Session, exception: str, wish: Mapping[str, Any], now: datetime, judge: Judge
) -> None:
    by, reason = str(wish["by"]), str(wish.get("reason", ""))
    if wish["act"] == "retry":
        retry(session, exception, by, now)
    elif wish["act"] == "decide":
        decide(session, exception, by, reason, wish.get("value"), now)
    elif wish["act"] == "edit":
        edit_and_retry(session, exception, by, reason, wish.get("value"), now, judge)
    else:
        discard(session, exception, by, reason, now)


def _held(session: Session, exception: str) -> tuple[FlowException, Run]:
    row = session.get(FlowException, exception)
    if row is None:
        raise TreatyError(catalog.NOT_FOUND, f"There is no exception {exception!r}.")
    run = session.scalars(select(Run).where(Run.id == row.run).with_for_update()).first()
    if run is None:
        said = "The exception stands for no run: send the event anew, and discard this."
        raise TreatyError(catalog.INVALID_STATE, said)
    if row.state not in OPEN or run.state != "exception":
        raise TreatyError(
            catalog.INVALID_STATE, f"The exception is {row.state}, its run {run.state}."
        )
    return row, run


def _program(session: Session, run: Run) -> Program:
    return build(session.get_one(FlowDefinition, run.digest).content)


def _unfailed(journal: Mapping[str, Any]) -> dict[str, Any]:
    """Return a journal where what was given up may be tried anew, its attempts counted from the start."""
    given_up = journal.get("failed", {})
    attempts = journal.get("attempts", {}).items()
    left = {path: count for path, count in attempts if path.rstrip("~") not in given_up}
    return {**journal, "attempts": left, "failed": {}}


def _give_back(run: Run, now: datetime) -> None:
    run.journal = _unfailed(run.journal)
    run.state, run.resume_at, run.changed_at, run.ended_at = "waiting", now, now, None


def _note(row: FlowException, state: str, actor: str, reason: str, now: datetime) -> None:
    entry = {"at": now.isoformat(), "what": state, "by": actor, "reason": reason}
    row.state, row.history = state, [*row.history, entry][-100:]


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise TreatyError(
            catalog.INVALID_REQUEST, "Say why: the reason is kept with the exception."
        )
