"""Lifecycle over HTTP: who still calls what is on its way out."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from registry.api.wire import ContractPath, Moment, Out, VersionName, problems
from registry.deps import SECURITY, Reading
from registry.services import lifecycle

router = APIRouter(prefix="/v1/contracts", tags=["lifecycle"], dependencies=SECURITY)


class LeftOut(Out):
    """An application on one operation; null where the caller was not known."""

    application: str | None
    name: str
    team: str
    contact: list[str]
    version: str
    operation: str
    calls: int
    last_call: Moment


class WhoIsLeftOut(Out):
    """Who called since; the most recent first."""

    contract: str
    version: str | None
    since: Moment
    callers: list[LeftOut]


class WhoIsLeftQuery(BaseModel):
    """Of which version, and for how long back."""

    model_config = ConfigDict(extra="forbid")
    version: VersionName | None = Field(
        default=None,
        description="All calls of this version; default: what is deprecated or has a sunset date.",
    )
    days: int = Field(default=30, ge=1, le=3650, description="How far back calls count.")


@router.get("/{contract}/who-is-left", operation_id="whoIsLeft", responses=problems(404))
def who_is_left(
    work: Reading, contract: ContractPath, query: Annotated[WhoIsLeftQuery, Query()]
) -> WhoIsLeftOut:
    """Tell which applications still call a deprecated version or operation, and whom to talk to."""
    since, callers = lifecycle.who_is_left(work, contract, query.version, query.days)
    found = [LeftOut.model_validate(caller) for caller in callers]
    return WhoIsLeftOut(contract=contract, version=query.version, since=since, callers=found)
