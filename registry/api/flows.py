"""Runs of flows over HTTP, and the exceptions that people see to."""

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AfterValidator, ConfigDict, Field, JsonValue
from sqlalchemy import select

from registry.api.waivers import Reason
from registry.api.wire import (
    ContractPath,
    Id,
    IdPath,
    In,
    Line,
    Moment,
    Numbered,
    Out,
    PageOut,
    Paging,
    problems,
)
from registry.db.models import FlowException, Run
from registry.deps import SECURITY, Reading, Writing
from registry.permissions import Permission
from registry.services import exceptions, flowuse
from registry.services.listing import page

router = APIRouter(prefix="/v1", tags=["flows"], dependencies=SECURITY)

_MAX_VALUE = 100_000


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


class ExceptionOut(Out):
    """Why a run cannot go on, and who sees to it."""

    id: Id
    flow: str
    business_key: str
    run: str
    step: str
    category: str
    sentence: str
    owner: str
    state: str
    amount: str
    currency: str
    times: int
    opened_at: Moment
    last_at: Moment
    due_at: Moment
    history: list[dict[str, Any]]
    wish: dict[str, Any] | None = Field(description="What was asked for and is not done yet.")


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


class ExceptionQuery(Paging):
    """Filters of the exception list."""

    model_config = ConfigDict(extra="forbid")
    flow: Line | None = None
    owner: Line | None = None
    category: Line | None = None
    state: Literal["open", "retrying", "resolved", "discarded"] | None = None


def _storable(value: JsonValue) -> JsonValue:
    text = json.dumps(value)
    if len(text) > _MAX_VALUE or "\\u0000" in text:
        raise ValueError(f"a value has at most {_MAX_VALUE} characters, and none is U+0000")
    return value


class Decision(In):
    """What a person decided, or did in the system itself: the result of the step."""

    reason: Reason
    value: Annotated[JsonValue, AfterValidator(_storable)] = None


class Discard(In):
    """Why a run is ended for good."""

    reason: Reason


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


@router.get("/exceptions", operation_id="listExceptions", responses=problems())
def list_exceptions(
    work: Reading, query: Annotated[ExceptionQuery, Query()]
) -> PageOut[ExceptionOut]:
    """List exceptions."""
    work.require(Permission.RUN_READ)
    found = select(FlowException)
    for name in ("flow", "owner", "category", "state"):
        if getattr(query, name) is not None:
            found = found.where(getattr(FlowException, name) == getattr(query, name))
    rows = page(work.session, found, FlowException.id, limit=query.limit, cursor=query.cursor)
    return PageOut[ExceptionOut](items=rows.items, next=rows.next)


@router.get("/exceptions/{exception}", operation_id="getException", responses=problems(404))
def get_exception(work: Reading, exception: IdPath) -> ExceptionOut:
    """Read an exception."""
    work.require(Permission.RUN_READ)
    return ExceptionOut.model_validate(work.get(FlowException, exception, "exception"))


@router.post(
    "/exceptions/{exception}/retry",
    operation_id="retryException",
    status_code=202,
    responses=problems(404, 409),
)
def retry_exception(work: Writing, exception: IdPath) -> ExceptionOut:
    """Let the run try again what failed; what it reads is read anew."""
    return ExceptionOut.model_validate(exceptions.ask(work, exception, "retry"))


@router.post(
    "/exceptions/{exception}/decide",
    operation_id="decideException",
    status_code=202,
    responses=problems(404, 409),
)
def decide_exception(work: Writing, exception: IdPath, body: Decision) -> ExceptionOut:
    """Take the step as done, with a result."""
    row = exceptions.ask(work, exception, "decide", body.reason, body.value)
    return ExceptionOut.model_validate(row)


@router.post(
    "/exceptions/{exception}/discard",
    operation_id="discardException",
    status_code=202,
    responses=problems(404, 409),
)
def discard_exception(work: Writing, exception: IdPath, body: Discard) -> ExceptionOut:
    """End the run for good."""
    return ExceptionOut.model_validate(exceptions.ask(work, exception, "discard", body.reason))
