"""Events in: each one once, to a run of every flow that waits for its type."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts import catalog
from contracts.document import Json
from contracts.errors import TreatyError
from contracts.problem import Detail
from orchestration.definition import Flow
from orchestration.evaluating import Program
from orchestration.expression import ExpressionError, Frozen
from orchestration.runs.program import build
from orchestration.tracing import parent_of
from orchestration.triggers import OWN, waits_for
from registry.db.models import FlowDefinition, InboxEvent, Run

_TEXT = re.compile(r"[\x20-\x7e]{1,200}")
_TYPE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
_REQUIRED = ("id", "source", "type")


@dataclass(frozen=True, slots=True)
class Event:
    """A CloudEvent (1.0) with JSON data."""

    source: str
    id: str
    type: str
    subject: str
    data: Json
    at: datetime
    trace: str = ""  # its `traceparent`

    def as_json(self) -> dict[str, Any]:
        """Return what expressions see as `event`."""
        return {
            **({"traceparent": self.trace} if self.trace else {}),
            "source": self.source, "id": self.id, "type": self.type, "subject": self.subject,
            "time": self.at.isoformat(), "data": self.data,
        }  # fmt: skip


def event(body: object) -> Event:
    """Return the event of a structured-mode JSON body. Raises `TreatyError` (invalid-event)."""
    wrong: list[Detail] = []
    if not isinstance(body, Mapping):
        raise TreatyError(catalog.INVALID_EVENT, "An event is a JSON object (CloudEvents 1.0).")
    for name in _REQUIRED:
        value = body.get(name)
        if not isinstance(value, str) or not _TEXT.fullmatch(value):
            wrong.append(
                Detail(f"`{name}` is missing or no text of 1 to 200 characters", f"/{name}")
            )
    if body.get("specversion") != "1.0":
        wrong.append(Detail("`specversion` must be 1.0", "/specversion"))
    if not wrong and not _TYPE.fullmatch(str(body["type"])):
        wrong.append(Detail("a type is written like `crm.opportunity.won`", "/type"))
    if str(body.get("type", "")).startswith(OWN):
        wrong.append(Detail(f"types that begin with `{OWN}` are our own", "/type"))
    if not isinstance(body.get("data"), dict):
        wrong.append(Detail("`data` must be a JSON object", "/data"))
    at = _time(body.get("time"), wrong)
    subject = body.get("subject", "")
    if not isinstance(subject, str) or (subject and not _TEXT.fullmatch(subject)):
        wrong.append(Detail("`subject` must be a text of at most 200 characters", "/subject"))
    if wrong:
        raise TreatyError(catalog.INVALID_EVENT, "The event is malformed.", errors=tuple(wrong))
    trace = parent_of(body.get("traceparent"))
    return Event(body["source"], body["id"], body["type"], str(subject), body["data"], at, trace)


def _time(value: object, wrong: list[Detail]) -> datetime:
    if value is None:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(str(value))
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except ValueError:
        wrong.append(Detail("`time` is no RFC 3339 timestamp", "/time"))
        return datetime.now(UTC)


def accept(session: Session, given: Event, now: datetime) -> int:
    """Take an event, once, and return how many runs it began; -1 where it was known already.

    Raises `TreatyError` (invalid-event) where a flow that waits for it cannot tell its key.
    """
    if session.get(InboxEvent, (given.source, given.id)) is not None:
        return -1
    runs = [
        run
        for definition in session.scalars(
            select(FlowDefinition)
            .where(FlowDefinition.live.is_(True))
            .order_by(FlowDefinition.flow)
        )
        if (run := _run(session, definition, given, now)) is not None
    ]
    session.add(
        InboxEvent(
            source=given.source, id=given.id, type=given.type, subject=given.subject,
            data=given.data, at=given.at, received_at=now, runs=len(runs),
        )
    )  # fmt: skip
    session.add_all(runs)
    session.flush()
    return len(runs)


def _run(session: Session, definition: FlowDefinition, given: Event, now: datetime) -> Run | None:
    trigger = definition.content["flow"]["trigger"]
    if not waits_for(definition.flow, trigger, given.type, given.data):
        return None
    program = build(definition.content)
    key, revision = key_of(program, given), revision_of(program, given)
    state = "superseded" if _older(session, program.flow, key, revision) else "waiting"
    return Run(
        flow=definition.flow, version=definition.version, digest=definition.digest,
        business_key=key, revision=revision, source=given.source, event_id=given.id,
        event=given.as_json(), state=state, journal={}, resume_at=now, started_at=now,
        changed_at=now, ended_at=now if state == "superseded" else None,
    )  # fmt: skip


def key_of(program: Program, given: Event) -> str:
    """Return the business key of an event. Raises `TreatyError` (invalid-event)."""
    key = _asked(program, program.flow.key, given)
    if not isinstance(key, str) or not _TEXT.fullmatch(key):
        said = f"The flow {program.flow.flow} finds no business key in the event."
        raise TreatyError(catalog.INVALID_EVENT, said, errors=(Detail(program.flow.key, "/data"),))
    return key


def revision_of(program: Program, given: Event) -> str:
    """Return the revision of the key's state in an event. Raises `TreatyError` (invalid-event)."""
    if program.flow.revision is None:
        return ""
    found = _asked(program, program.flow.revision, given)
    if isinstance(found, bool) or not isinstance(found, int | str):
        raise TreatyError(
            catalog.INVALID_EVENT,
            f"The flow {program.flow.flow} finds no revision in the event.",
            errors=(Detail(program.flow.revision, "/data"),),
        )
    # Numbers are compared as texts of one length.
    return f"{found:020}" if isinstance(found, int) else found[:200]


def _asked(program: Program, text: str, given: Event) -> Json:
    try:
        return program.expressions[text].evaluate(
            {"event": given.as_json()}, Frozen(given.at, given.id)
        )
    except ExpressionError:
        return None


def _older(session: Session, flow: Flow, key: str, revision: str) -> bool:
    """Whether the key is known in this revision, or in a later one where only the latest counts."""
    if not revision:
        return False
    known = Run.revision == revision if flow.revisions == "each" else Run.revision >= revision
    found = select(Run.id).where(Run.flow == flow.flow, Run.business_key == key, known)
    return session.scalars(found.limit(1)).first() is not None
