"""Systems that workers call, over HTTP: list them, pause and resume one."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field
from sqlalchemy import select

from registry.api.waivers import Reason
from registry.api.wire import In, Moment, Out, PageOut, PageQuery, problems
from registry.db.models import SystemGate
from registry.deps import SECURITY, Reading, Writing
from registry.permissions import Permission
from registry.services import systems
from registry.services.listing import page

router = APIRouter(prefix="/v1/systems", tags=["flows"], dependencies=SECURITY)

SystemPath = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,59}$")]


class SystemOut(Out):
    """A system by its name in the workers' systems files."""

    system: str
    paused_at: Moment | None
    paused_by: str
    reason: str = Field(description="Why it is paused; empty where it is not.")


class Pause(In):
    """Why no call may leave."""

    reason: Reason


@router.get("", operation_id="listSystems", responses=problems())
def list_systems(work: Reading, query: PageQuery) -> PageOut[SystemOut]:
    """List the systems that workers call."""
    work.require(Permission.RUN_READ)
    found = select(SystemGate).where(SystemGate.kind == systems.ALL)
    rows = page(work.session, found, SystemGate.system, limit=query.limit, cursor=query.cursor)
    return PageOut[SystemOut](items=rows.items, next=rows.next)


@router.post("/{system}/pause", operation_id="pauseSystem", responses=problems(404, 409))
def pause_system(work: Writing, system: SystemPath, body: Pause) -> SystemOut:
    """Let no call of a system leave; its runs wait, and no attempt is counted."""
    return SystemOut.model_validate(systems.pause(work, system, body.reason))


@router.post("/{system}/resume", operation_id="resumeSystem", responses=problems(404, 409))
def resume_system(work: Writing, system: SystemPath) -> SystemOut:
    """Let calls leave again."""
    return SystemOut.model_validate(systems.resume(work, system))
