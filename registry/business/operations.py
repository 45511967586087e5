"""What holds the flows up, and how fresh the figures are."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.business.metric import Figure, Metric, hours_between, sums
from registry.db.models import FlowException, Run, Watermark

_OPEN = ("open", "retrying")


def _unresolved(session: Session, now: datetime) -> Figure:
    found = session.scalars(
        select(FlowException).where(FlowException.state.in_(_OPEN)).order_by(FlowException.due_at)
    ).all()
    records = [
        {
            "exception": row.id, "flow": row.flow, "key": row.business_key, "owner": row.owner,
            "category": row.category, "amount": row.amount, "currency": row.currency,
            "age_hours": f"{hours_between(row.opened_at, now):.2f}",
            "overdue": row.due_at < now,
        }
        for row in found
    ]  # fmt: skip
    by_flow: dict[str, int] = {}
    for record in records:
        by_flow[str(record["flow"])] = by_flow.get(str(record["flow"]), 0) + 1
    details = {
        "by_flow": by_flow,
        "overdue": sum(1 for record in records if record["overdue"]),
        "value": sums((str(record["amount"]), str(record["currency"])) for record in records),
    }
    return Figure(str(len(records)), "exceptions", details, tuple(records))


def _failed(session: Session, _now: datetime) -> Figure:
    counted = session.execute(
        select(FlowException.flow, FlowException.category, func.sum(FlowException.times))
        .group_by(FlowException.flow, FlowException.category)
        .order_by(FlowException.flow, FlowException.category)
    ).all()
    records = tuple(
        {"flow": flow, "category": category, "times": int(times)}
        for flow, category, times in counted
    )
    runs = session.scalar(select(func.count()).select_from(Run)) or 0
    total = sum(int(times) for _, _, times in counted)
    return Figure(str(total), "failures", {"runs": runs}, records)


def _fresh(session: Session, now: datetime) -> Figure:
    records: list[dict[str, Any]] = [
        {
            "source": mark.source,
            "position": mark.position,
            "age_hours": f"{hours_between(mark.read_at, now):.2f}",
        }
        for mark in session.scalars(select(Watermark).order_by(Watermark.source))
    ]
    ended = session.execute(select(Run.flow, func.max(Run.ended_at)).group_by(Run.flow)).all()
    records += [
        {"source": f"flow {flow}", "position": "", "age_hours": f"{hours_between(at, now):.2f}"}
        for flow, at in ended
        if isinstance(at, datetime)
    ]
    oldest = max((float(record["age_hours"]) for record in records), default=None)
    return Figure(None if oldest is None else f"{oldest:.2f}", "hours", {}, tuple(records))


METRICS = (
    Metric(
        "unresolved-exceptions",
        "Unresolved exceptions",
        "Open exceptions with owner, age, value at stake and whether their time has run out.",
        _unresolved,
    ),
    Metric(
        "failed-synchronisations",
        "Failed synchronisations by cause",
        "How often runs could not go on, by flow and cause, resolved ones included.",
        _failed,
    ),
    Metric(
        "freshness",
        "Freshness",
        "Hours since the oldest source of events was read and since each flow last ended a run.",
        _fresh,
    ),
)
