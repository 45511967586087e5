"""Agents of sites over HTTP: list, enrol, revoke."""

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import select

from registry.api.wire import Id, IdPath, In, Moment, Out, PageOut, PageQuery, Slug, Title, problems
from registry.db.models import Agent
from registry.deps import SECURITY, Reading, Writing
from registry.permissions import Permission
from registry.services import agents
from registry.services.listing import page

router = APIRouter(prefix="/v1/agents", tags=["flows"], dependencies=SECURITY)


class AgentOut(Out):
    """A process beside systems on premises."""

    id: Id
    site: str
    name: str
    created_at: Moment
    created_by: str
    revoked_at: Moment | None
    seen_at: Moment | None = Field(description="When it was last connected to a worker.")


class EnrolledOut(AgentOut):
    """A new agent, with its token."""

    token: str = Field(description="Shown once; only its hash is kept.")


class Enrolment(In):
    """Which site the agent is to answer for."""

    site: Slug
    name: Title


@router.get("", operation_id="listAgents", responses=problems())
def list_agents(work: Reading, query: PageQuery) -> PageOut[AgentOut]:
    """List agents."""
    work.require(Permission.RUN_READ)
    rows = page(work.session, select(Agent), Agent.id, limit=query.limit, cursor=query.cursor)
    return PageOut[AgentOut](items=rows.items, next=rows.next)


@router.post("", operation_id="enrolAgent", status_code=201, responses=problems())
def enrol_agent(work: Writing, body: Enrolment) -> EnrolledOut:
    """Enrol an agent."""
    row, token = agents.enrol(work, body.site, body.name)
    shown = AgentOut.model_validate(row).model_dump()
    return EnrolledOut.model_validate({**shown, "token": token})


@router.post("/{agent}/revoke", operation_id="revokeAgent", responses=problems(404))
def revoke_agent(work: Writing, agent: IdPath) -> AgentOut:
    """Revoke an agent's token."""
    return AgentOut.model_validate(agents.revoke(work, agent))
