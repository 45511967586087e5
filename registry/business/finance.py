"""From approved time to posted invoices."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from registry.business.delivery import facts, lag
from registry.business.metric import Figure, Metric, aged, hours_between, sums
from registry.db.models import Fact


def _posted(session: Session) -> dict[str, Fact]:
    """Return the invoice fact of each time entry."""
    return {
        entry: fact for fact in facts(session, "invoice.posted") for entry in fact.data["entries"]
    }


def _approved(session: Session) -> dict[str, tuple[Fact, dict[str, Any]]]:
    """Return the approval of each time entry; an entry that was approved again counts as it is now."""
    return {
        entry["entry"]: (fact, entry)
        for fact in facts(session, "time.approved")
        for entry in fact.data["entries"]
    }


def _awaiting(session: Session, now: datetime) -> Figure:
    posted = _posted(session)
    records = [
        {
            "entry": name, "project": fact.subject, "hours": entry["hours"],
            "amount": entry["amount"] or "", "currency": fact.data["currency"],
            "age_hours": f"{hours_between(fact.at, now):.2f}",
        }
        for name, (fact, entry) in _approved(session).items()
        if name not in posted
    ]  # fmt: skip
    hours = sum((Decimal(record["hours"]) for record in records), Decimal(0))
    details = {
        "value": sums((record["amount"], record["currency"]) for record in records),
        "entries": len(records),
        "age": aged(float(record["age_hours"]) for record in records),
    }
    return Figure(f"{hours:.2f}", "hours", details, tuple(records))


def _traceable(session: Session, _now: datetime) -> Figure:
    posted, approved = _posted(session), _approved(session)
    total = sum((Decimal(entry["hours"]) for _, entry in approved.values()), Decimal(0))
    chained = sum(
        (Decimal(entry["hours"]) for name, (_, entry) in approved.items() if name in posted),
        Decimal(0),
    )
    records = tuple(
        {
            "entry": name, "hours": entry["hours"], "approved_in": fact.run,
            "invoice": posted[name].subject if name in posted else "",
        }
        for name, (fact, entry) in approved.items()
    )  # fmt: skip
    value = f"{chained * 100 / total:.1f}" if total else None
    return Figure(value, "percent", {"hours": f"{total:.2f}"}, records)


def _variance(session: Session, _now: datetime) -> Figure:
    planned: dict[str, Fact] = {fact.subject: fact for fact in facts(session, "forecast.updated")}
    actual: dict[str, Decimal] = {}
    for fact in facts(session, "invoice.posted"):
        project = fact.data["project"]
        actual[project] = actual.get(project, Decimal(0)) + Decimal(fact.data["amount"])
    records: list[dict[str, Any]] = []
    for project, fact in planned.items():
        forecast, billed = Decimal(fact.data["amount"]), actual.get(project, Decimal(0))
        records.append(
            {
                "project": project, "forecast": f"{forecast:.2f}", "actual": f"{billed:.2f}",
                "currency": fact.data["currency"],
                "percent": f"{(billed - forecast) * 100 / forecast:.1f}",
            }
        )  # fmt: skip
    widest = max((abs(Decimal(record["percent"])) for record in records), default=None)
    return Figure(
        None if widest is None else f"{widest:.1f}",
        "percent",
        {"projects": len(records)},
        tuple(records),
    )


METRICS = (
    Metric(
        "approved-time-awaiting-billing",
        "Approved time awaiting billing",
        "Hours and money of approved, billable time entries (time.approved) that no posted invoice "
        "names (invoice.posted).",
        _awaiting,
    ),
    Metric(
        "invoice-latency",
        "Invoice latency",
        "Median hours from the approval of the time until the invoice is posted.",
        lambda session, _: lag(session, "invoice.posted", "approved_at"),
    ),
    Metric(
        "utilisation-to-revenue-traceability",
        "Utilisation-to-revenue traceability",
        "Share of approved billable hours whose chain from time entry to posted invoice is complete "
        "by ids.",
        _traceable,
    ),
    Metric(
        "forecast-to-actual-variance",
        "Forecast-to-actual variance",
        "The widest (invoiced - forecast) / forecast of a project, against its newest forecast "
        "snapshot.",
        _variance,
    ),
)
