"""Alerts over HTTP: what is or was wrong, and whether its channels have been told."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field
from sqlalchemy import select

from registry.api.wire import Line, Moment, Numbered, Out, PageOut, problems
from registry.db.models import Alert
from registry.deps import SECURITY, Reading
from registry.permissions import Permission
from registry.services.listing import page

router = APIRouter(prefix="/v1/alerts", tags=["flows"], dependencies=SECURITY)


class AlertOut(Out):
    """A trouble, as one channel is told of it."""

    rule: str
    subject: str = Field(description="What it is about: a cause, a flow, or a metric.")
    channel: str
    state: str
    told: str = Field(description="The state that the channel knows of; empty for none.")
    sentence: str
    since: Moment
    told_at: Moment | None
    attempts: int = Field(description="Tries since the channel was told something.")
    reason: str = Field(description="Why the last try failed; empty where it did not.")


class AlertQuery(Numbered):
    """Filters of the list."""

    model_config = ConfigDict(extra="forbid")
    rule: Line | None = None
    state: Literal["firing", "resolved"] | None = None


@router.get("", operation_id="listAlerts", responses=problems())
def list_alerts(work: Reading, query: Annotated[AlertQuery, Query()]) -> PageOut[AlertOut]:
    """List alerts, the newest first."""
    work.require(Permission.RUN_READ)
    found = select(Alert)
    for name in ("rule", "state"):
        if getattr(query, name) is not None:
            found = found.where(getattr(Alert, name) == getattr(query, name))
    rows = page(
        work.session, found, Alert.seq, limit=query.limit, cursor=query.cursor, descending=True
    )
    return PageOut[AlertOut](items=rows.items, next=rows.next)
