"""The flow document: what a flow is, who owns it, and its steps. Pure data, read by `reading`.

Texts called expressions are JSONata over `event`, `run` and the results of earlier steps by name.
"""

from collections.abc import Iterator
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from policies.periods import zone

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=60)]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*([.-][a-z0-9]+)*$", max_length=100)]
Version = Annotated[str, Field(pattern=r"^[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}$")]
Expr = Annotated[str, Field(min_length=1, max_length=5_000)]
Text = Annotated[str, Field(min_length=1, max_length=500)]
OperationName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[A-Za-z][A-Za-z0-9_]*$")]
EventType = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$", max_length=100)]
Duration = Annotated[str, Field(pattern=r"^[0-9]{1,6}(s|m|h|d)$")]

Category = Literal[
    "transient", "mapping", "validation", "permission", "conflict", "outage", "bug", "decision"
]
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds(duration: str) -> int:
    """Return a duration like `90s`, `15m`, `4h` or `2d` in seconds."""
    return int(duration[:-1]) * _UNITS[duration[-1]]


class Part(BaseModel):
    """Frozen; unknown members are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class System(Part):
    """A system by the contract that it honours; which address it has is the environment's matter."""

    contract: Slug
    version: Version


class Retry(Part):
    """How often a call is tried when it may succeed later, and how long to wait at first."""

    attempts: int = Field(default=6, ge=1, le=100)
    first: Duration = "1s"
    most: Duration = "15m"


# How long a flow of each class goes on by itself before a person is asked: with full jitter, on
# average 8 seconds, half a minute, two hours, and six hours.
RETRIES = {
    "low": Retry(attempts=5),
    "normal": Retry(attempts=7),
    "high": Retry(attempts=24),
    "critical": Retry(attempts=60),
}


class Mapped(Part):
    """A value made by a mapping of the library."""

    mapping: Slug
    source: Expr = Field(alias="from")


class Find(Part):
    """What to ask before a write, for systems that know no idempotency key: read before write."""

    call: OperationName
    inputs: dict[str, Expr] = Field(default_factory=dict, alias="with")
    take: Expr  # over `result`; nothing means that the write has not happened yet


class Undo(Part):
    """The call that takes a step back."""

    call: OperationName
    inputs: dict[str, Expr] = Field(default_factory=dict, alias="with")
    body: Expr | Mapped | None = None
    key: Expr | None = None


class _Step(Part):
    step: Name
    when: Expr | None = None  # the step is left out where this is not true


class Pages(Part):
    """How a list that comes in pages is read whole: `result` is the answer of one page."""

    items: Expr  # over `result`: what of it is kept
    following: Expr = Field(
        alias="next"
    )  # over `result`: inputs of the next page, nothing at the end
    most: int = Field(default=100, ge=1, le=1_000)


class CallStep(_Step):
    """Calls an operation of a system. `key` names the effect: the same key never acts twice."""

    call: OperationName
    inputs: dict[str, Expr] = Field(default_factory=dict, alias="with")
    body: Expr | Mapped | None = None
    key: Expr | None = None
    find: Find | None = None
    retry: Retry | None = None
    # What a 404 means: a person has to look, there is none, or it is not seen yet (try again).
    missing: Literal["exception", "null", "later"] = "exception"
    source: Name | None = None  # whose data this writes, where it is not the flow's source
    pages: Pages | None = None
    undo: Undo | None = None


class MapStep(_Step):
    """Makes a value by a mapping."""

    map: Mapped


class LetStep(_Step):
    """Makes a value by an expression."""

    let: Expr


class CheckStep(_Step):
    """Goes on only where an expression is true; the sentence tells a person what is wrong."""

    check: Expr
    otherwise: Text
    category: Category = "validation"


class Case(Part):
    """One way of a branch."""

    when: Expr | None = None  # None: otherwise
    steps: "tuple[Step, ...]" = Field(min_length=1, max_length=100)


class ChooseStep(_Step):
    """Takes the first case that is true."""

    choose: tuple[Case, ...] = Field(min_length=1, max_length=20)


class EachStep(_Step):
    """Repeats steps for each item; `named` is how they call it. Results are the list of last results."""

    each: Expr
    named: Name = Field(alias="as")
    at_once: int | None = Field(default=None, ge=2, le=32)  # items side by side; one by default
    steps: "tuple[Step, ...]" = Field(min_length=1, max_length=100)

    @model_validator(mode="after")
    def _plain_when_abreast(self) -> "EachStep":
        inner = list(_all(self.steps)) if self.at_once is not None else []
        waits = [step.step for step in inner if isinstance(step, WaitStep)]
        if waits:
            raise ValueError(f"{waits[0]!r} waits, and items `at_once` cannot")
        if any(isinstance(step, EachStep) and step.at_once is not None for step in inner):
            raise ValueError("`at_once` stands within `at_once`")
        return self


class WaitStep(_Step):
    """Waits for a time, or for a signal by name; the signal's data is the result."""

    wait: Duration
    signal: Slug | None = None
    late: Literal["exception", "continue"] = "exception"  # what to do without the signal


class EmitStep(_Step):
    """Tells others what has happened: an event, kept as a fact."""

    emit: EventType
    subject: Expr
    data: Expr


class Records(Part):
    """Records of one system, and how each is called."""

    system: Name
    records: Expr
    key: Expr  # over one record


class CompareStep(_Step):
    """Compares what two systems hold of an entity, by the fields and owners of its ownership rules.

    The result has `compared`, `differing` (key, field, owner, the two values, the repair), `missing`
    (key, and in which system) and `twice` (keys that stand for several records).
    """

    compare: Slug  # the ownership rules
    left: Records
    right: Records


class RecordOf(Part):
    """One record of one system."""

    system: Name
    record: Expr


class MatchStep(_Step):
    """Finds the record of another system that is the same thing, by matching rules.

    The result has `found` (its key, or nothing) and `by` (the rule). Where records may be the same
    and need not be, a person decides with such a result.
    """

    match: Slug  # the matching rules
    of: RecordOf
    among: Records


class LinkStep(_Step):
    """Keeps that ids of systems stand for the same thing; the result has its canonical `id`."""

    link: Slug  # the entity
    ids: dict[Name, Expr] = Field(min_length=2, max_length=20)  # by system


class LinkedStep(_Step):
    """Looks up what another system calls a thing: an id or nothing, or for a list of ids an object."""

    linked: Slug  # the entity
    system: Name
    id: Expr
    to: Name


class HandStep(_Step):
    """Hands the run to a person, and goes on with what they decide."""

    hand: Text
    to: Slug | None = None
    sla: Duration | None = None


KINDS = (
    "call", "map", "let", "check", "choose", "each", "wait", "emit", "compare", "match", "link",
    "linked", "hand",
)  # fmt: skip


def _kind(step: object) -> str | None:
    """Return what kind of step it is: the one of the words that it has."""
    names = set(step) if isinstance(step, dict) else set(getattr(step, "model_fields_set", ()))
    found = [kind for kind in KINDS if kind in names]
    return found[0] if len(found) == 1 else None


Step: TypeAlias = Annotated[
    Annotated[CallStep, Tag("call")]
    | Annotated[MapStep, Tag("map")]
    | Annotated[LetStep, Tag("let")]
    | Annotated[CheckStep, Tag("check")]
    | Annotated[ChooseStep, Tag("choose")]
    | Annotated[EachStep, Tag("each")]
    | Annotated[WaitStep, Tag("wait")]
    | Annotated[EmitStep, Tag("emit")]
    | Annotated[CompareStep, Tag("compare")]
    | Annotated[MatchStep, Tag("match")]
    | Annotated[LinkStep, Tag("link")]
    | Annotated[LinkedStep, Tag("linked")]
    | Annotated[HandStep, Tag("hand")],
    Discriminator(
        _kind,
        custom_error_type="step_kind",
        custom_error_message=f"a step has exactly one of: {', '.join(KINDS)}",
    ),
]


class Trigger(Part):
    """What starts a run: an event by type, a schedule, a file, or a call of the business API."""

    event: EventType | None = None
    every: Duration | None = None
    daily: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] | None = None
    zone: str | None = Field(default=None, max_length=60)  # of the daily hour; UTC
    file: Slug | None = None  # an exchange of the worker's systems file
    call: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")] | None = None  # operationId
    of: System | None = None  # the contract that the worker serves the operation of

    @model_validator(mode="after")
    def _one(self) -> "Trigger":
        ways = (self.event, self.every, self.daily, self.file, self.call)
        if sum(x is not None for x in ways) != 1:
            raise ValueError("name one trigger: `event`, `every`, `daily`, `file` or `call`")
        if self.event is not None and self.event.startswith("treaty."):
            raise ValueError(
                "events of `treaty.` are our own; name `every`, `daily`, `file` or `call`"
            )
        if (self.call is None) is not (self.of is None):
            raise ValueError(
                "`call` names an operation and `of` its contract; both belong together"
            )
        if self.zone is not None:
            if self.daily is None:
                raise ValueError("`zone` belongs to `daily`")
            zone(self.zone)
        return self


class Exceptions(Part):
    """Where a run goes that cannot go on by itself."""

    to: Slug
    sla: Duration


class Flow(Part):
    """A flow document."""

    flow: Slug
    version: Version
    title: Text
    pattern: Literal["sync", "event", "batch", "file"]
    trigger: Trigger
    criticality: Literal["low", "normal", "high", "critical"]
    owner: Slug
    sla: Duration
    exceptions: Exceptions
    key: Expr  # the business key: one run at a time for each
    revision: Expr | None = (
        None  # rises with each change of the key's state; an older one is superseded
    )
    # `latest`: an older revision is superseded; `each`: every one counts, only the same one is.
    revisions: Literal["latest", "each"] | None = None
    value: Expr | None = None  # the money at stake: {"amount": "…", "currency": "…"}
    systems: dict[Name, System] = Field(max_length=20)
    source: Name | None = None  # the system whose data the flow carries: it writes what that owns
    failure: Literal["hold", "compensate"] = "hold"
    steps: tuple[Step, ...] = Field(min_length=1, max_length=200)


def _all(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        if isinstance(step, EachStep):
            yield from _all(step.steps)
        elif isinstance(step, ChooseStep):
            for case in step.choose:
                yield from _all(case.steps)


for _model in (Case, ChooseStep, EachStep, Flow):
    _model.model_rebuild()
