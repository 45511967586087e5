"""Waivers as rows: one asks, another approves, anybody of the owner's team takes back."""

from datetime import date
from typing import Any

from sqlalchemy import select

from contracts import catalog
from contracts.compat import rulebook
from contracts.compat.mode import Profile
from contracts.document import Place
from contracts.errors import TreatyError
from contracts.waivers import Waiver
from registry.db.models import ApiToken, Application, ContractRow, Service, Team, WaiverRow
from registry.permissions import Permission
from registry.services.work import Work


def request(work: Work, facts: dict[str, Any]) -> WaiverRow:
    """Ask for a waiver; it counts once another one has approved it.

    Raises `TreatyError`: not-found, forbidden, invalid-request (no such rule), conflict (its last
    day has passed).
    """
    contract = work.get(ContractRow, facts["contract"], "contract")
    service = work.get(Service, contract.service, "service")
    work.require(Permission.CONTRACT_PUBLISH, service.owner)
    _require_rule(contract, facts["rule"])
    _require_future(work, facts["expires"])
    if facts["consumer"] is not None:
        work.get(Application, facts["consumer"], "application")
    owner = facts["owner"] or service.owner
    work.get(Team, owner, "team")
    row = WaiverRow(
        **facts | {"owner": owner},
        state="requested", requested_at=work.now(), requested_by=work.actor.label,
    )  # fmt: skip
    work.session.add(row)
    work.session.flush()
    _record(work, row)
    return row


def approve(work: Work, row: WaiverRow) -> WaiverRow:
    """Let a waiver count. Raises `TreatyError`: forbidden (for its requester too), invalid-state."""
    work.require(Permission.CONTRACT_ADMIN)
    if row.state != "requested":
        raise TreatyError(catalog.INVALID_STATE, f"The waiver is {row.state} already.")
    if row.requested_by in _selves(work):
        raise TreatyError(
            catalog.FORBIDDEN, "Whoever asked for a waiver does not approve it; ask somebody else."
        )
    _require_future(work, row.expires)
    row.state, row.approved_at, row.approved_by = "approved", work.now(), work.actor.label
    _record(work, row)
    return row


def revoke(work: Work, row: WaiverRow) -> WaiverRow:
    """End a waiver, requested or approved. Raises `TreatyError`: forbidden, invalid-state."""
    contract = work.get(ContractRow, row.contract, "contract")
    service = work.get(Service, contract.service, "service")
    work.require(Permission.CONTRACT_PUBLISH, service.owner)
    if row.state == "revoked":
        raise TreatyError(catalog.INVALID_STATE, "The waiver is revoked already.")
    row.state, row.revoked_at, row.revoked_by = "revoked", work.now(), work.actor.label
    _record(work, row)
    return row


def standing(work: Work, contract: str) -> tuple[Waiver, ...]:
    """Return the approved waivers of a contract, those whose last day has passed too."""
    query = select(WaiverRow).where(WaiverRow.contract == contract, WaiverRow.state == "approved")
    return tuple(_waiver(row) for row in work.session.scalars(query.order_by(WaiverRow.id)))


def expired(row: WaiverRow, on: date) -> bool:
    """Return whether the last day of a waiver that counted, or waits, has passed."""
    return row.state != "revoked" and row.expires < on


def _waiver(row: WaiverRow) -> Waiver:
    return Waiver(
        rule=row.rule,
        pointer=row.pointer,
        reason=row.reason,
        owner=row.owner,
        approver=row.approved_by or "",
        expires=row.expires,
        # A row has no line; its id tells two waivers of one rule apart.
        place=Place(f"/{row.id}", "waivers", 1, 1),
        operation=row.operation,
        consumer=row.consumer or "",
    )


def _selves(work: Work) -> set[str]:
    """Return whom the actor speaks for: itself, and who made the token that it is."""
    names = {work.actor.label}
    if work.actor.kind == "token":
        names.add(work.get(ApiToken, work.actor.id, "token").created_by)
    return names


def _require_rule(contract: ContractRow, rule: str) -> None:
    kind = rulebook.entry(rule).kind
    quoted = contract.profile != Profile.CONTAINMENT and kind == "profile"
    if kind != "check" and not quoted:
        raise TreatyError(
            catalog.INVALID_REQUEST, f"There is no check {rule!r}; docs/checks.md lists them."
        )


def _require_future(work: Work, expires: date) -> None:
    if expires < work.now().date():
        raise TreatyError(catalog.CONFLICT, "The waiver's last day has passed.")


def _record(work: Work, row: WaiverRow) -> None:
    work.record(
        f"waiver.{row.state}", row.id, contract=row.contract, rule=row.rule,
        pointer=row.pointer, operation=row.operation, consumer=row.consumer,
        reason=row.reason, owner=row.owner, expires=row.expires.isoformat(),
    )  # fmt: skip
