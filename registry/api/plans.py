"""Plans: how often an application may call what it is granted."""

from typing import Annotated, Literal, Self

from fastapi import APIRouter
from pydantic import Field, model_validator
from sqlalchemy import select

from policies.periods import PeriodName
from policies.snapshot import LimitPlan
from registry.api.wire import In, Moment, Out, PageOut, PageQuery, Slug, Title, Whole, problems
from registry.db.models import Plan
from registry.deps import SECURITY, Reading, Writing
from registry.permissions import Permission
from registry.services import access
from registry.services.listing import page

router = APIRouter(prefix="/v1", tags=["access"], dependencies=SECURITY)


class LimitIn(In):
    """A limit of a plan: calls per `window_seconds`, or per calendar `period` of a time zone."""

    name: Slug
    quota: Annotated[Whole, Field(ge=1, le=1_000_000_000)]
    window_seconds: Annotated[Whole, Field(ge=1, le=31_622_400)] | None = None
    burst: Annotated[Whole, Field(ge=1, le=1_000_000_000)] | None = None
    per: Literal["operation", "contract"] = "operation"
    period: PeriodName | None = None
    zone: Annotated[str, Field(max_length=60)] | None = None

    @model_validator(mode="after")
    def _as_compiled(self) -> Self:
        # The compiler's own rules, so that no plan is kept that it would refuse later.
        LimitPlan(**self.model_dump())
        return self


class PlanIn(In):
    """A plan to add."""

    name: Slug
    title: Title
    approval: Literal["automatic", "manual"] = "manual"
    limits: list[LimitIn] = Field(max_length=10)


class PlanOut(Out):
    """A plan."""

    name: str
    title: str
    approval: str
    limits: list[LimitIn]
    revision: int
    created_at: Moment


@router.get("/plans", operation_id="listPlans", responses=problems())
def list_plans(work: Reading, query: PageQuery) -> PageOut[PlanOut]:
    """List plans."""
    work.require(Permission.CATALOG_READ)
    rows = page(work.session, select(Plan), Plan.name, limit=query.limit, cursor=query.cursor)
    return PageOut[PlanOut].model_validate(rows, from_attributes=True)


@router.post("/plans", operation_id="createPlan", status_code=201, responses=problems(409))
def create_plan(work: Writing, body: PlanIn) -> PlanOut:
    """Add a plan."""
    facts = body.model_dump() | {"limits": [e.model_dump(exclude_none=True) for e in body.limits]}
    return PlanOut.model_validate(access.create_plan(work, facts))
