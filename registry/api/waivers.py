"""Waivers over HTTP: ask for one, approve it, take it back, and see which have run out."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints
from sqlalchemy import or_, select

from registry.api.wire import (
    ContractId,
    Id,
    IdPath,
    In,
    Line,
    Moment,
    Out,
    PageOut,
    Paging,
    Slug,
    problems,
)
from registry.db.models import WaiverRow
from registry.deps import SECURITY, Reading, Writing
from registry.permissions import Permission
from registry.services import waivers
from registry.services.listing import page
from registry.services.work import Work

router = APIRouter(prefix="/v1/waivers", tags=["waivers"], dependencies=SECURITY)


def _only_text(value: object) -> object:
    if isinstance(value, date) or (isinstance(value, str) and len(value) == len("2027-03-31")):
        return value
    raise ValueError("a day is expected, as ISO 8601 writes it: 2027-03-31")


Day = Annotated[date, BeforeValidator(_only_text)]
Rule = Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z0-9]+)*$", max_length=100)]
Pointer = Annotated[
    str, StringConstraints(pattern=r"^(/([^~/\x00-\x1f\x7f]|~[01])*)*$", max_length=1000)
]
Reason = Annotated[
    str,
    StringConstraints(
        pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$", max_length=1000
    ),
]


class WaiverIn(In):
    """A finding that may stand for a while."""

    contract: ContractId
    rule: Rule = Field(description="The check's id, like `enum-value-removed`.")
    pointer: Pointer = Field(
        description="A JSON Pointer on either side; `*` is one segment, empty the whole document."
    )
    operation: Line = Field(
        default="", description="`GET /path`; a `*` is any text. Default: every operation."
    )
    consumer: Slug | None = Field(
        default=None, description="Counts only where it is judged for this application."
    )
    reason: Reason
    owner: Slug | None = Field(
        default=None, description="The team that sees to it; default: the contract's owner."
    )
    expires: Day = Field(description="The last day on which it counts (UTC).")


class WaiverOut(Out):
    """A waiver."""

    id: Id
    contract: str
    rule: str
    pointer: str
    operation: str
    consumer: str | None
    reason: str
    owner: str
    expires: date
    state: str
    expired: bool
    requested_at: Moment
    requested_by: str
    approved_at: Moment | None
    approved_by: str | None
    revoked_at: Moment | None
    revoked_by: str | None


class WaiverQuery(Paging):
    """Filters of the waiver list."""

    model_config = ConfigDict(extra="forbid")
    contract: ContractId | None = None
    state: Literal["requested", "approved", "revoked"] | None = None
    expired: bool | None = Field(
        default=None, description="Only those whose last day has passed, or only the others."
    )


@router.get("", operation_id="listWaivers", responses=problems())
def list_waivers(work: Reading, query: Annotated[WaiverQuery, Query()]) -> PageOut[WaiverOut]:
    """List waivers."""
    work.require(Permission.CATALOG_READ)
    found, today = select(WaiverRow), work.now().date()
    for name in ("contract", "state"):
        wanted = getattr(query, name)
        if wanted is not None:
            found = found.where(getattr(WaiverRow, name) == wanted)
    if query.expired is True:
        found = found.where(WaiverRow.expires < today, WaiverRow.state != "revoked")
    elif query.expired is False:
        found = found.where(or_(WaiverRow.expires >= today, WaiverRow.state == "revoked"))
    rows = page(work.session, found, WaiverRow.id, limit=query.limit, cursor=query.cursor)
    return PageOut[WaiverOut](items=[_shown(work, row) for row in rows.items], next=rows.next)


@router.post("", operation_id="requestWaiver", status_code=201, responses=problems(404, 409))
def request_waiver(work: Writing, body: WaiverIn) -> WaiverOut:
    """Ask for a waiver; it counts once somebody else has approved it."""
    return _shown(work, waivers.request(work, body.model_dump()))


@router.get("/{waiver}", operation_id="getWaiver", responses=problems(404))
def get_waiver(work: Reading, waiver: IdPath) -> WaiverOut:
    """Read a waiver."""
    work.require(Permission.CATALOG_READ)
    return _shown(work, work.get(WaiverRow, waiver, "waiver"))


@router.post("/{waiver}/approve", operation_id="approveWaiver", responses=problems(404, 409))
def approve_waiver(work: Writing, waiver: IdPath) -> WaiverOut:
    """Approve a waiver; whoever asked for it cannot."""
    row = work.get(WaiverRow, waiver, "waiver", lock=True)
    return _shown(work, waivers.approve(work, row))


@router.post("/{waiver}/revoke", operation_id="revokeWaiver", responses=problems(404, 409))
def revoke_waiver(work: Writing, waiver: IdPath) -> WaiverOut:
    """End a waiver, or take a request back."""
    row = work.get(WaiverRow, waiver, "waiver", lock=True)
    return _shown(work, waivers.revoke(work, row))


def _shown(work: Work, row: WaiverRow) -> WaiverOut:
    facts = {name: getattr(row, name) for name in WaiverOut.model_fields if name != "expired"}
    return WaiverOut(**facts, expired=waivers.expired(row, work.now().date()))
