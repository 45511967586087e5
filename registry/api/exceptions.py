"""Exceptions over HTTP: what people ask for runs that cannot go on, one by one or all of a cause."""

import json
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator, ConfigDict, Field, JsonValue, model_validator
from sqlalchemy import select

from registry.api.waivers import Reason
from registry.api.wire import Id, IdPath, In, Line, Moment, Out, PageOut, Paging, problems
from registry.db.models import FlowException
from registry.deps import SECURITY, Reading, Writing
from registry.permissions import Permission
from registry.services import causes, exceptions
from registry.services.listing import page

router = APIRouter(prefix="/v1", tags=["flows"], dependencies=SECURITY)

_MAX_VALUE = 100_000


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
    cause: str = Field(description="The same for exceptions that are alike.")


class ChangeOut(Out):
    """Something that was changed in the day before the exception came up for the first time."""

    at: Moment
    what: str
    subject: str
    by: str


class ExceptionDetailOut(ExceptionOut):
    """An exception, and what had changed before it."""

    changes: list[ChangeOut]


class CauseOut(Out):
    """Open exceptions that are alike: same flow, step, category and sentence but for numbers."""

    cause: str
    flow: str
    step: str
    category: str
    sentence: str
    count: int
    overdue: int
    opened_at: Moment = Field(description="When the oldest of them came up.")
    at_stake: list[dict[str, str]] = Field(description="Amounts, a currency each.")
    owners: list[str]


class CausesOut(Out):
    """The causes of what is open, those with the most exceptions first."""

    items: list[CauseOut]


class AskedOut(Out):
    """Which exceptions were asked, and how many of the cause are left."""

    asked: list[Id]
    left: int


class PreviewOut(Out):
    """What a retry would do, found without doing it."""

    preview_asked_at: Moment | None = Field(description="Since when a worker is asked to look.")
    preview: dict[str, Any] | None = Field(
        description="`ends`: sends, done, waits or held; `sends`: the requests, each with why it acts "
        "`once` (key, looked, repeatable, unproven) and whether it is the `same_as_before`."
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


class Edit(In):
    """What a person puts right: the body that the step sends, or the data of the event."""

    reason: Reason
    body: Annotated[JsonValue, AfterValidator(_storable)] = None
    event: Annotated[dict[str, JsonValue] | None, AfterValidator(_storable)] = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len({"body", "event"} & self.model_fields_set) != 1:
            raise ValueError("give the `body` or the `event`, one of them")
        return self

    def value(self) -> dict[str, JsonValue]:
        """Return the one that is given, by its name."""
        return {
            name: getattr(self, name) for name in ("body", "event") if name in self.model_fields_set
        }


class Bulk(In):
    """The same for exceptions of one cause, the oldest first. `most` 5 makes a canary."""

    act: Literal["retry", "discard"]
    reason: Reason
    most: int = Field(default=5, ge=1, le=1_000)


CausePath = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]


@router.get("/exception-causes", operation_id="listExceptionCauses", responses=problems())
def list_causes(
    work: Reading, flow: Annotated[Line | None, Query(description="Only of this flow.")] = None
) -> CausesOut:
    """List the causes of open exceptions."""
    return CausesOut(items=[CauseOut.model_validate(each) for each in causes.causes(work, flow)])


@router.post(
    "/exception-causes/{cause}/ask",
    operation_id="askForCause",
    status_code=202,
    responses=problems(404, 409),
)
def ask_for_cause(work: Writing, cause: CausePath, body: Bulk) -> AskedOut:
    """Ask the same for several exceptions of a cause."""
    asked, left = causes.ask_all(work, cause, body.act, body.reason, body.most)
    return AskedOut(asked=asked, left=left)


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
def get_exception(work: Reading, exception: IdPath) -> ExceptionDetailOut:
    """Read an exception, with what had changed in the day before it came up."""
    work.require(Permission.RUN_READ)
    row = work.get(FlowException, exception, "exception")
    changes = [ChangeOut.model_validate(each) for each in causes.changes_before(work, row)]
    shown = ExceptionOut.model_validate(row).model_dump()
    return ExceptionDetailOut.model_validate({**shown, "changes": changes})


@router.post(
    "/exceptions/{exception}/preview",
    operation_id="askForPreview",
    status_code=202,
    responses=problems(404, 409),
)
def ask_for_preview(work: Writing, exception: IdPath) -> PreviewOut:
    """Ask a worker what a retry would send; nothing is sent."""
    return PreviewOut.model_validate(exceptions.ask_preview(work, exception))


@router.get("/exceptions/{exception}/preview", operation_id="getPreview", responses=problems(404))
def get_preview(work: Reading, exception: IdPath) -> PreviewOut:
    """Read what a retry would send, once a worker has found it."""
    return PreviewOut.model_validate(exceptions.previewed(work, exception))


@router.post(
    "/exceptions/{exception}/edit",
    operation_id="editException",
    status_code=202,
    responses=problems(404, 409),
)
def edit_exception(work: Writing, exception: IdPath, body: Edit) -> ExceptionOut:
    """Put the step's body or the event's data right, and try again; judged by the contract."""
    row = exceptions.ask(work, exception, "edit", body.reason, body.value())
    return ExceptionOut.model_validate(row)


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
