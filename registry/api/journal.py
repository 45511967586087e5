"""Who I am, the audit log, events, gateways and their ledger."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field
from sqlalchemy import select

from registry.api.wire import (
    ContractId,
    In,
    Line,
    Moment,
    Numbered,
    NumberedQuery,
    Out,
    PageOut,
    PageQuery,
    Slug,
    SlugPath,
    Whole,
    problems,
)
from registry.db.models import AuditEntry, Gateway, LedgerEntry, OutboxEvent
from registry.deps import SECURITY, Reading, Writing
from registry.permissions import Permission
from registry.services import journal
from registry.services.listing import page

router = APIRouter(prefix="/v1", tags=["journal"], dependencies=SECURITY)
Token = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,128}$")]
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


class Me(Out):
    """The caller."""

    kind: str
    id: str
    name: str
    role: str
    teams: list[str]
    permissions: list[str]


class AuditOut(Out):
    """An entry of the audit chain."""

    seq: int
    at: Moment
    actor: str
    action: str
    object: str
    detail: dict[str, Any]
    previous: str
    hash: str


class AuditQuery(Numbered):
    """Filters of the audit log."""

    model_config = ConfigDict(extra="forbid")
    actor: Line | None = None
    action: Line | None = None
    object: Line | None = None


class ChainOut(Out):
    """The verified chain."""

    ok: bool
    entries: int
    head: str


class EventOut(Out):
    """An event of the outbox."""

    seq: int
    id: str
    type: str
    subject: str
    data: dict[str, Any]
    at: Moment


class DecisionIn(In):
    """A rule's word on a call."""

    kind: Token
    outcome: Literal["allowed", "denied", "transformed", "answered"]
    reason: Annotated[str, Field(max_length=100, pattern=r"^[a-z0-9-]*$")] = ""
    policy: Token
    enforced: bool = Field(strict=True)


class EntryIn(In):
    """A call at a gateway, or `count` calls of one second that ended alike (the mean duration)."""

    at: Moment
    request_id: Token
    application: Slug | None = None
    contract: ContractId | Literal[""]
    version: Annotated[str, Field(max_length=64, pattern=r"^[0-9A-Za-z.+_-]*$")]
    operation: Line
    method: Annotated[str, Field(pattern=r"^[A-Z]{1,20}$")]
    status: Annotated[Whole, Field(ge=0, le=999)]
    duration_ms: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False, strict=True)]
    count: Annotated[Whole, Field(ge=1, le=10**9)] = 1
    decisions: list[DecisionIn] = Field(default=[], max_length=50)


class EntryOut(Out):
    """A call at a gateway as it was reported, or `count` calls that ended alike."""

    id: int
    at: Moment
    request_id: str
    application: str | None
    contract: str
    version: str
    operation: str
    method: str
    status: int
    duration_ms: float
    count: int
    decisions: list[dict[str, Any]]


class BatchIn(In):
    """Calls that a gateway reports; the same batch may be sent again."""

    gateway: Slug
    batch_id: Token
    entries: list[EntryIn] = Field(max_length=5000)


class BatchOut(Out):
    """How many entries were new."""

    stored: int


class LedgerQuery(Numbered):
    """Filters of the ledger."""

    model_config = ConfigDict(extra="forbid")
    application: Slug | None = None
    contract: ContractId | None = None


class Refusal(In):
    """A snapshot that a gateway did not take."""

    digest: Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f]*$")]
    reason: Annotated[str, Field(max_length=500, pattern=r"^[^\x00-\x1f]*$")]


class GatewayIn(In):
    """What a gateway says of itself."""

    environment: Slug
    snapshot_digest: Digest | None = None
    since: Moment | None = None
    refused: Refusal | None = None


class GatewayOut(Out):
    """A gateway by its own account."""

    name: str
    environment: str
    snapshot_digest: str | None
    since: Moment | None
    refused: Refusal | None
    seen_at: Moment


@router.get("/me", operation_id="getMe", responses=problems())
def get_me(work: Reading) -> Me:
    """Read who the caller is and what they may do."""
    actor = work.actor
    return Me(
        kind=actor.kind, id=actor.id, name=actor.name, role=actor.role,
        teams=sorted(actor.teams), permissions=sorted(actor.permissions),
    )  # fmt: skip


@router.get("/audit", operation_id="listAudit", responses=problems())
def list_audit(work: Reading, query: Annotated[AuditQuery, Query()]) -> PageOut[AuditOut]:
    """List the audit log, newest first."""
    work.require(Permission.AUDIT_READ)
    found = select(AuditEntry)
    for name in ("actor", "action", "object"):
        wanted = getattr(query, name)
        if wanted is not None:
            found = found.where(getattr(AuditEntry, name) == wanted)
    rows = page(
        work.session,
        found,
        AuditEntry.seq,
        limit=query.limit,
        cursor=query.cursor,
        descending=True,
    )
    return PageOut[AuditOut].model_validate(rows, from_attributes=True)


@router.get("/audit/verify", operation_id="verifyAudit", responses=problems())
def verify_audit(work: Reading) -> ChainOut:
    """Walk the whole chain; 500 with problem audit-broken names the first entry that does not fit."""
    chain = journal.verify_audit(work)
    return ChainOut(ok=True, entries=chain.entries, head=chain.head)


@router.get("/events", operation_id="listEvents", responses=problems())
def list_events(work: Reading, query: NumberedQuery) -> PageOut[EventOut]:
    """List what happened, oldest first; keep the cursor to go on later."""
    work.require(Permission.CATALOG_READ)
    rows = page(
        work.session,
        select(OutboxEvent),
        OutboxEvent.seq,
        limit=query.limit,
        cursor=query.cursor,
    )
    return PageOut[EventOut].model_validate(rows, from_attributes=True)


@router.post("/ledger", operation_id="reportCalls", status_code=202, responses=problems(409))
def report_calls(work: Writing, body: BatchIn) -> BatchOut:
    """Take in what a gateway decided. The same batch again stores nothing."""
    entries = [
        {**entry.model_dump(), "decisions": [d.model_dump() for d in entry.decisions]}
        for entry in body.entries
    ]
    return BatchOut(stored=journal.take_ledger(work, body.gateway, body.batch_id, entries))


@router.get("/ledger", operation_id="listCalls", responses=problems())
def list_calls(work: Reading, query: Annotated[LedgerQuery, Query()]) -> PageOut[EntryOut]:
    """List calls, newest first."""
    work.require(Permission.LEDGER_READ)
    found = select(LedgerEntry)
    if query.application:
        found = found.where(LedgerEntry.application == query.application)
    if query.contract:
        found = found.where(LedgerEntry.contract == query.contract)
    rows = page(
        work.session,
        found,
        LedgerEntry.id,
        limit=query.limit,
        cursor=query.cursor,
        descending=True,
    )
    return PageOut[EntryOut].model_validate(rows, from_attributes=True)


@router.get("/gateways", operation_id="listGateways", responses=problems())
def list_gateways(work: Reading, query: PageQuery) -> PageOut[GatewayOut]:
    """List gateways and the snapshots they serve."""
    work.require(Permission.CATALOG_READ)
    rows = page(work.session, select(Gateway), Gateway.name, limit=query.limit, cursor=query.cursor)
    return PageOut[GatewayOut].model_validate(rows, from_attributes=True)


@router.put("/gateways/{gateway}", operation_id="reportGateway", responses=problems(404))
def report_gateway(work: Writing, gateway: SlugPath, body: GatewayIn) -> GatewayOut:
    """Say which snapshot a gateway serves, and which one it refused."""
    row = journal.hear_gateway(
        work,
        gateway,
        environment=body.environment,
        snapshot_digest=body.snapshot_digest,
        since=body.since,
        refused=body.refused.model_dump() if body.refused else None,
    )
    return GatewayOut.model_validate(row)
