"""Runs of flows over HTTP, and who is hit by a change of a contract."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field
from sqlalchemy import select

from registry.api.wire import (
    ContractPath,
    Id,
    Line,
    Moment,
    Numbered,
    Out,
    PageOut,
    problems,
)
from registry.db.models import Run
from registry.deps import SECURITY, Reading
from registry.permissions import Permission
from registry.services import flowuse
from registry.services.listing import page

router = APIRouter(prefix="/v1", tags=["flows"], dependencies=SECURITY)


class RunOut(Out):
    """A run of a flow, without its data."""

    id: Id
    flow: str
    version: str
    business_key: str
    state: str
    step: str
    leg: int
    started_at: Moment
    changed_at: Moment
    ended_at: Moment | None


class UseOut(Out):
    """What one version of a flow uses of a contract version."""

    flow: str
    flow_version: str
    contract_version: str
    operations: list[str] = Field(description="operationIds")
    mappings: list[str]
    open_runs: int = Field(description="Runs of that flow version that have not ended.")
    live: bool = Field(description="Whether new runs begin with it.")


class UsesOut(Out):
    """Who is hit by a change of a contract."""

    items: list[UseOut]


class RunQuery(Numbered):
    """Filters of the run list."""

    model_config = ConfigDict(extra="forbid")
    flow: Line | None = None
    business_key: Line | None = None
    state: Literal["waiting", "running", "done", "exception", "superseded", "discarded"] | None = (
        None
    )


@router.get("/contracts/{contract}/uses", operation_id="listUses", responses=problems())
def list_uses(work: Reading, contract: ContractPath) -> UsesOut:
    """List the flows that use a contract, with their open runs."""
    found = flowuse.uses_of(work, contract)
    return UsesOut(items=[UseOut.model_validate(use._asdict()) for use in found])


@router.get("/runs", operation_id="listRuns", responses=problems())
def list_runs(work: Reading, query: Annotated[RunQuery, Query()]) -> PageOut[RunOut]:
    """List runs, the newest first."""
    work.require(Permission.RUN_READ)
    found = select(Run)
    for name in ("flow", "business_key", "state"):
        if getattr(query, name) is not None:
            found = found.where(getattr(Run, name) == getattr(query, name))
    rows = page(
        work.session, found, Run.seq, limit=query.limit, cursor=query.cursor, descending=True
    )
    return PageOut[RunOut](items=rows.items, next=rows.next)
