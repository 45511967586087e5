"""Cross references over HTTP: what a thing of the business is called in each system."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field
from sqlalchemy import select, tuple_

from registry.api.waivers import Reason
from registry.api.wire import In, Line, Moment, Out, PageOut, Paging, problems
from registry.db.models import CrossReference
from registry.deps import SECURITY, Reading, Writing
from registry.permissions import Permission
from registry.services import references

router = APIRouter(prefix="/v1/cross-references", tags=["flows"], dependencies=SECURITY)


class ReferenceOut(Out):
    """One system's id of a thing; the same `canonical` id stands for the same thing."""

    entity: str
    canonical: str
    system: str = Field(description="The contract of the system.")
    external_id: str
    run: str = Field(description="The run that told it.")
    at: Moment


class ReferenceQuery(Paging):
    """Filters of the list."""

    model_config = ConfigDict(extra="forbid")
    entity: Line | None = None
    system: Line | None = None
    external_id: Line | None = None
    canonical: Line | None = None


class Unlink(In):
    """Which reference is wrong, and why."""

    entity: Line
    system: Line
    external_id: Line
    reason: Reason


@router.get("", operation_id="listCrossReferences", responses=problems())
def list_references(
    work: Reading, query: Annotated[ReferenceQuery, Query()]
) -> PageOut[ReferenceOut]:
    """List cross references, by entity, system and id."""
    work.require(Permission.RUN_READ)
    key = (CrossReference.entity, CrossReference.system, CrossReference.external_id)
    found = select(CrossReference).order_by(*key).limit(query.limit + 1)
    for name in ("entity", "system", "external_id", "canonical"):
        if getattr(query, name) is not None:
            found = found.where(getattr(CrossReference, name) == getattr(query, name))
    after = (query.cursor or "").split("/", 2)
    if len(after) == len(key):
        found = found.where(tuple_(*key) > tuple_(*after))
    rows = list(work.session.scalars(found))
    last = rows[query.limit - 1] if len(rows) > query.limit else None
    following = f"{last.entity}/{last.system}/{last.external_id}" if last else None
    items = [ReferenceOut.model_validate(row) for row in rows[: query.limit]]
    return PageOut[ReferenceOut](items=items, next=following)


@router.post("/unlink", operation_id="unlinkReference", status_code=204, responses=problems(404))
def unlink(work: Writing, body: Unlink) -> None:
    """Forget a wrong reference; the next run matches anew."""
    references.unlink(work, body.entity, body.system, body.external_id, body.reason)
