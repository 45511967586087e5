"""From deal to project, and from change order to forecast."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.business.metric import Figure, Metric, aged, hours_between, moment, spread, sums
from registry.db.models import Fact, FlowException, Run

_UNENDED = ("waiting", "running", "exception")


def facts(session: Session, kind: str) -> list[Fact]:
    """Return the facts of a type in the order of time."""
    return list(session.scalars(select(Fact).where(Fact.type == kind).order_by(Fact.seq)))


def lag(session: Session, kind: str, start: str) -> Figure:
    """Return the hours from a time in a fact's data until the fact."""
    records: list[dict[str, Any]] = []
    for fact in facts(session, kind):
        begun = moment(fact.data.get(start))
        if begun is not None:
            hours = hours_between(begun, fact.at)
            records.append({"subject": fact.subject, "hours": f"{hours:.2f}", "run": fact.run})
    value, details = spread(float(record["hours"]) for record in records)
    return Figure(value, "hours", details, tuple(records))


def unended(session: Session, flow: str, now: datetime) -> Figure:
    """Return the runs of a flow that have not come to their end, with what is at stake."""
    held = {
        row.run: row
        for row in session.scalars(select(FlowException).where(FlowException.flow == flow))
        if row.state in ("open", "retrying")
    }
    found = session.scalars(
        select(Run).where(Run.flow == flow, Run.state.in_(_UNENDED)).order_by(Run.seq)
    ).all()
    records = [
        {
            "key": run.business_key, "state": run.state, "step": run.step, "run": run.id,
            "age_hours": f"{hours_between(run.started_at, now):.2f}",
            "amount": held[run.id].amount if run.id in held else "",
            "currency": held[run.id].currency if run.id in held else "",
        }
        for run in found
    ]  # fmt: skip
    ages = [float(record["age_hours"]) for record in records]
    details = {
        "value": sums((record["amount"], record["currency"]) for record in records),
        "oldest_hours": f"{max(ages):.2f}" if ages else None,
        "age": aged(ages),
    }
    return Figure(str(len(records)), "opportunities", details, tuple(records))


def _margins(session: Session, _now: datetime) -> Figure:
    first: dict[str, float] = {}
    records: dict[str, dict[str, Any]] = {}
    for fact in facts(session, "forecast.updated"):
        margin = float(fact.data["margin_percent"])
        begun = first.setdefault(fact.subject, margin)
        records[fact.subject] = {
            "project": fact.subject, "baseline": f"{begun:.1f}", "now": f"{margin:.1f}",
            "points": f"{begun - margin:.1f}",
        }  # fmt: skip
    worst = max((float(record["points"]) for record in records.values()), default=None)
    shown = None if worst is None else f"{worst:.1f}"
    return Figure(shown, "points", {"projects": len(records)}, tuple(records.values()))


METRICS = (
    Metric(
        "project-setup-cycle-time",
        "Project setup cycle time",
        "Median hours from the opportunity being won until customer, project, billing schedule and "
        "records are confirmed in every system (project.activated).",
        lambda session, _: lag(session, "project.activated", "won_at"),
    ),
    Metric(
        "opportunities-awaiting-project",
        "Opportunities awaiting a project",
        "Won opportunities whose run of opportunity-to-project has not ended; the value is known "
        "where an exception holds it.",
        lambda session, now: unended(session, "opportunity-to-project", now),
    ),
    Metric(
        "change-order-lag",
        "Change order lag",
        "Median hours from a change order's approval until budget, billing schedule and forecast "
        "follow it (forecast.updated).",
        lambda session, _: lag(session, "forecast.updated", "approved_at"),
    ),
    Metric(
        "margin-erosion",
        "Margin erosion",
        "The largest fall, in points, of a project's forecast margin since its first forecast "
        "snapshot.",
        _margins,
    ),
)
