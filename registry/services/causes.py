"""Exceptions by their cause: how many, what is at stake, what had changed; and seen to all at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select

from registry.db.models import AuditEntry, FlowDefinition, FlowException, Run
from registry.permissions import Permission
from registry.services.exceptions import OPEN, wish
from registry.services.work import Work

_MANY = 100_000
_BEFORE = timedelta(hours=24)
_CHANGES = (
    "contract.published", "contract.updated", "deployment.recorded", "deployment.removed",
    "policy.written", "policy.deleted",
)  # fmt: skip
_MOST = 20


@dataclass(slots=True)
class Cause:
    """Open exceptions that are alike."""

    cause: str
    flow: str
    step: str
    category: str
    sentence: str
    count: int = 0
    overdue: int = 0
    opened_at: datetime | None = None
    stakes: dict[str, Decimal] = field(default_factory=dict)  # amount by currency
    owners: list[str] = field(default_factory=list)

    @property
    def at_stake(self) -> list[dict[str, str]]:
        """Return the money at stake, a currency each."""
        return [
            {"currency": name, "amount": f"{amount:.2f}"}
            for name, amount in sorted(self.stakes.items())
        ]


def causes(work: Work, flow: str | None = None) -> list[Cause]:
    """Return the causes of what is open, those with the most exceptions first."""
    work.require(Permission.RUN_READ)
    wanted = select(FlowException).where(FlowException.state.in_(OPEN))
    if flow is not None:
        wanted = wanted.where(FlowException.flow == flow)
    found: dict[str, Cause] = {}
    now = work.now()
    for row in work.session.scalars(wanted.order_by(FlowException.opened_at).limit(_MANY)):
        cause = found.setdefault(
            row.cause, Cause(row.cause, row.flow, row.step, row.category, row.sentence)
        )
        cause.count += 1
        cause.overdue += row.due_at < now
        cause.opened_at = cause.opened_at or row.opened_at
        cause.owners = sorted({*cause.owners, row.owner})
        _add(cause.stakes, row)
    return sorted(found.values(), key=lambda cause: (-cause.count, cause.cause))


def _add(stakes: dict[str, Decimal], row: FlowException) -> None:
    try:
        amount = Decimal(row.amount)
    except InvalidOperation:
        return
    if row.currency and amount.is_finite():
        stakes[row.currency] = stakes.get(row.currency, Decimal()) + amount


def ask_all(work: Work, cause: str, act: str, reason: str, most: int) -> tuple[list[str], int]:
    """Ask the same for exceptions of a cause, the oldest first; return whom, and how many are left.

    Raises `TreatyError` (forbidden) where one of them belongs to a team that the actor is not of.
    """
    work.require(Permission.RUN_REPAIR)
    waiting = (
        select(FlowException)
        .where(
            FlowException.cause == cause, FlowException.state == "open",
            FlowException.wish.is_(None),
        )
        .order_by(FlowException.opened_at, FlowException.id)
    )  # fmt: skip
    rows: Sequence[FlowException] = work.session.scalars(
        waiting.limit(most + 1).with_for_update(skip_locked=True)
    ).all()
    for row in rows[:most]:
        work.require(Permission.RUN_REPAIR, row.owner)
        wish(work, row, act, reason)
    left = max(0, len(work.session.scalars(waiting.with_only_columns(FlowException.id)).all()))
    return [row.id for row in rows[:most]], left


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was changed shortly before an exception came up for the first time."""

    at: datetime
    what: str
    subject: str
    by: str


def changes_before(work: Work, row: FlowException) -> list[Change]:
    """Return what had changed in the day before, the latest first: contracts, policies, the flow."""
    since = row.opened_at - _BEFORE
    entries = work.session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.at >= since, AuditEntry.at <= row.opened_at, AuditEntry.action.in_(_CHANGES)
        )
        .order_by(AuditEntry.seq.desc())
        .limit(1_000)
    )
    used = _contracts(work, row)
    found = [
        Change(entry.at, entry.action, entry.object, entry.actor)
        for entry in entries
        if not entry.action.startswith(("contract.", "deployment."))
        or entry.object.partition("@")[0] in used
    ]
    deployed = work.session.scalars(
        select(FlowDefinition).where(
            FlowDefinition.flow == row.flow, FlowDefinition.deployed_at >= since,
            FlowDefinition.deployed_at <= row.opened_at,
        )
    )  # fmt: skip
    found += [
        Change(each.deployed_at, "flow.deployed", f"{each.flow}@{each.version}", "")
        for each in deployed
    ]
    return sorted(found, key=lambda change: change.at, reverse=True)[:_MOST]


def _contracts(work: Work, row: FlowException) -> set[str]:
    run = work.session.scalars(select(Run).where(Run.id == row.run)).first()
    definition = run and work.session.get(FlowDefinition, run.digest)
    if not definition:
        return set()
    flow: Mapping[str, Any] = definition.content["flow"]
    return {str(system["contract"]) for system in flow.get("systems", {}).values()}
