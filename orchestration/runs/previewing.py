"""What a retry would do, found out without doing it: reads are read, the first writes are only shown.

A person sees the request, whether it is the one that was sent before, and why it cannot act twice.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Engine as Database
from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.document import Json
from orchestration.definition import CallStep
from orchestration.evaluating import Program, StoppedError
from orchestration.expression import Frozen
from orchestration.guarding import GuardedWorld
from orchestration.interpreter import Interpreter, Journal, ParkedError, Request
from orchestration.outcome import Outcome
from orchestration.runs.linking import Links
from orchestration.runs.people import fresh
from orchestration.runs.program import build
from orchestration.runs.rereading import step_at
from registry.db.engine import transaction
from registry.db.models import FlowDefinition, FlowException, Run

_MANY = 20


class Callee(Protocol):
    """The systems, as far as a preview asks them."""

    def call(self, program: Program, request: Request) -> Outcome:
        """Call an operation."""
        ...

    def method(self, program: Program, operation: str) -> str:
        """Return the HTTP method of an operation; empty for an unknown one."""
        ...

    def takes_key(self, program: Program, operation: str) -> bool:
        """Whether the operation declares `Idempotency-Key`."""
        ...


class _ShownError(Exception):
    """A write would leave now; it does not."""


class _Watch:
    """A world that reads, and shows what would be written. Also the journal, which keeps nothing."""

    def __init__(self, program: Program, systems: Callee, links: Links, sent: str) -> None:
        self._program, self._systems, self._links, self._sent = program, systems, links, sent
        self._path = ""
        self.sends: list[dict[str, Any]] = []
        self.tells: list[dict[str, Any]] = []

    def call(self, request: Request) -> Outcome:
        if self._systems.method(self._program, request.operation) in ("GET", "HEAD", ""):
            return self._systems.call(self._program, request)
        self.sends.append({
            "step": self._path, "operation": request.operation, "with": dict(request.inputs),
            "body": request.body, "key": request.key, "once": self._once(request),
            "same_as_before": request.digest() == self._sent if self._sent else None,
        })  # fmt: skip
        raise _ShownError

    def emit(self, step: str, kind: str, subject: str, data: Json) -> Outcome:
        self.tells.append({"step": step, "type": kind, "subject": subject})
        return Outcome(data)

    def link(self, entity: str, ids: Mapping[str, str]) -> Outcome:
        del entity, ids
        return Outcome({"id": ""})

    def linked(self, entity: str, system: str, ids: Sequence[str], to: str) -> Outcome:
        return Outcome(dict(self._links.linked(entity, system, ids, to)))

    def record(self, name: str, act: Callable[[], Json]) -> Json:
        self._path = name.partition("#")[0]
        return act()

    def together(self, name: str, acts: Sequence[Callable[[], Json]]) -> list[Json]:
        del name
        made: list[Json] = []
        for act in acts:
            try:
                made.append(act())
            except _ShownError:
                continue
        if len(made) < len(acts):
            raise _ShownError
        return made

    def sleep(self, name: str, wait_seconds: float) -> None:
        """Pass: nobody waits for a preview."""

    def _once(self, request: Request) -> str:
        """Return why the request cannot act twice."""
        step = step_at(self._program.flow.steps, self._path)
        if request.key and self._systems.takes_key(self._program, request.operation):
            return "key"
        if isinstance(step, CallStep) and step.find is not None:
            return "looked"
        method = self._systems.method(self._program, request.operation)
        return "repeatable" if method in ("PUT", "DELETE", "PATCH") else "unproven"


def preview(
    program: Program, run: Run, systems: Callee, links: Links, sent: str, now: datetime
) -> dict[str, Any]:
    """Return what a retry of the run would come to."""
    watch = _Watch(program, systems, links, sent)
    journal = Journal(**fresh(program.flow, run.journal))
    frozen = Frozen(run.started_at, run.id)
    ends, said, path = "done", "", ""
    try:
        scope: dict[str, Json] = {
            "event": run.event, "run": {"id": run.id, "key": run.business_key},
        }  # fmt: skip
        Interpreter(program, journal, watch, GuardedWorld(program, watch), frozen).run(scope)
    except _ShownError:
        ends = "sends"
    except ParkedError as parked:
        ends, path = "waits", parked.path
    except StoppedError as stopped:
        ends, path, said = "held", stopped.path, stopped.failure.sentence
    return {
        "at": now.isoformat(), "ends": ends, "step": path, "sentence": said,
        "sends": watch.sends, "tells": watch.tells,
    }  # fmt: skip


class Previewer:
    """One per worker, for the flows that it can run. `tick` is called in a loop."""

    def __init__(self, database: Database, systems: Callee, flows: Collection[str]) -> None:
        self._database, self._systems, self._flows = database, systems, flows

    def tick(self, now: datetime) -> int:
        """Look ahead for what people ask about, and return how many that were."""
        with transaction(self._database, writes=False) as session:
            asked = [self._given(session, row) for row in self._asked(session)]
        for exception, program, run, sent in asked:
            found = preview(program, run, self._systems, Links(self._database), sent, now)
            with transaction(self._database, writes=True) as session:
                row = session.get_one(FlowException, exception)
                row.preview, row.preview_asked_at = found, None
        return len(asked)

    def _asked(self, session: Session) -> Sequence[FlowException]:
        wanted = select(FlowException).where(
            FlowException.preview_asked_at.is_not(None),
            FlowException.flow.in_(self._flows),
            FlowException.run != "",
        )
        return session.scalars(wanted.limit(_MANY)).all()

    @staticmethod
    def _given(session: Session, row: FlowException) -> tuple[str, Program, Run, str]:
        run = session.scalars(select(Run).where(Run.id == row.run)).one()
        program = build(session.get_one(FlowDefinition, run.digest).content)
        happened = [entry for entry in row.history if entry.get("what") == "happened"]
        last: Mapping[str, Any] = happened[-1] if happened else {}
        return row.id, program, run, str(last.get("sent", ""))
