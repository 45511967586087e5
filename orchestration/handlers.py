"""The business APIs: operations of contracts of our own, each answered by the flow that waits for it.

A look-up (`pattern: sync`) walks its flow at once and writes nothing; everything else becomes a run and
is answered with 202 and where its state is. Mounted by the worker below `/api/CONTRACT`.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from contracts import catalog
from contracts.document import Json
from contracts.errors import TreatyError
from contracts.model import Contract
from contracts.problem import Problem, ProblemType
from orchestration.evaluating import StoppedError
from orchestration.expression import Frozen
from orchestration.guarding import GuardedWorld
from orchestration.interpreter import Interpreter, Journal, ParkedError, Request
from orchestration.outcome import Failure, Outcome
from orchestration.runs import intake
from orchestration.runs.legs import Caller
from orchestration.runs.linking import Links
from orchestration.runs.program import build
from orchestration.serving import Answer, Answerer, Call, refuse
from orchestration.tracing import parent_of
from orchestration.triggers import CALL, waits_for
from registry.db.engine import transaction
from registry.db.models import FlowDefinition, FlowException, InboxEvent, Run

APPLICATION = "treaty-application"  # the gateway says who calls
_STATES = {
    "waiting": "accepted", "running": "running", "done": "done", "superseded": "superseded",
    "exception": "waiting_for_a_person", "discarded": "discarded",
}  # fmt: skip
_PROBLEMS: Mapping[str, ProblemType] = {
    "validation": catalog.INVALID_REQUEST, "mapping": catalog.INTERNAL, "bug": catalog.INTERNAL,
    "conflict": catalog.CONFLICT, "decision": catalog.CONFLICT,
}  # fmt: skip
_WAIT = {"Retry-After": "5"}


class Handlers:
    """Answers the operations of one contract."""

    def __init__(
        self,
        contract: str,
        document: Contract,
        engine: Engine,
        caller: Caller,
        wake: Callable[[], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._contract, self._document = contract, document
        self._engine, self._caller, self._wake, self._clock = engine, caller, wake, clock

    def answerer(self) -> Answerer:
        """Return who answers; a problem where nobody can."""

        def answer(call: Call) -> Answer:
            try:
                return self._answer(call)
            except TreatyError as error:
                return refuse(error.problem)

        return answer

    def _answer(self, call: Call) -> Answer:
        if call.operation.name == "getRequest":
            return self._state(call)
        with transaction(self._engine, writes=False) as session:
            content = _flow(session, self._contract, call.operation.name)
        if content["flow"]["pattern"] == "sync":
            return self._at_once(content, call)
        return self._accept(call)

    # look-ups

    def _at_once(self, content: Mapping[str, Any], call: Call) -> Answer:
        program = build(content)
        now = self._clock()
        world = GuardedWorld(program, _LookUp(program, self._caller, Links(self._engine)))
        scope: dict[str, Json] = {
            "event": {"data": self._data(call), "time": now.isoformat()},
            "run": {"id": "", "key": ""},
        }
        try:
            value = Interpreter(program, Journal(), _AtOnce(), world, Frozen(now, "")).run(scope)
        except ParkedError:
            problem = Problem(catalog.UNREACHABLE, "A system that knows is away for the moment.")
            return Answer(503, problem.as_json(), _WAIT, "application/problem+json")  # type: ignore[arg-type]  # a problem is JSON
        except StoppedError as stopped:
            return refuse(_problem(stopped.failure))
        return Answer(200, value)

    # what takes longer

    def _accept(self, call: Call) -> Answer:
        key = call.headers.get("idempotency-key", "")
        application = call.headers.get(APPLICATION, "")
        data, now = self._data(call), self._clock()
        known = hashlib.sha256(f"{application}\0{key}".encode()).hexdigest()
        source = f"treaty:call:{self._contract}/{call.operation.name}"
        trace = parent_of(call.headers.get("traceparent"))
        event = intake.Event(source, known, CALL, "", data, now, trace)
        try:
            with transaction(self._engine, writes=True) as session:
                intake.accept(session, event, now)
        except IntegrityError:
            pass  # it came twice at the same time; the other one is kept
        with transaction(self._engine, writes=False) as session:
            first = session.get_one(InboxEvent, (source, known))
            same = json.dumps(first.data, sort_keys=True) == json.dumps(data, sort_keys=True)
            if not same and first.forgotten_at is None:
                said = "The Idempotency-Key came with another request before."
                raise TreatyError(catalog.IDEMPOTENCY_KEY_REUSED, said)
            run = session.scalars(
                select(Run).where(Run.event_id == known, Run.source == source)
            ).one()
            shown = _shown(session, run)
        self._wake()
        return Answer(202, shown, {"Location": f"/api/{self._contract}/requests/{run.id}"})

    def _data(self, call: Call) -> dict[str, Json]:
        inputs = {name: v for name, v in call.values.items() if name.lower() != "idempotency-key"}
        return {
            "contract": self._contract, "operation": call.operation.name, "inputs": dict(inputs),
            "body": call.body, "application": call.headers.get(APPLICATION, ""),
        }  # fmt: skip

    def _state(self, call: Call) -> Answer:
        with transaction(self._engine, writes=False) as session:
            run = session.scalars(select(Run).where(Run.id == str(call.values["request"]))).first()
            asks = call.headers.get(APPLICATION, "")
            ours = run is not None and run.source.startswith(f"treaty:call:{self._contract}/")
            # Who did not ask learns nothing, not even that there is a request.
            if run is None or not ours or _asked(run, "application") != asks:
                raise TreatyError(catalog.NOT_FOUND, "There is no such request.")
            return Answer(200, _shown(session, run))


class _AtOnce:
    """A journal that nobody keeps: a look-up that is asked again looks again."""

    def record(self, name: str, act: Callable[[], Json]) -> Json:
        del name
        return act()

    def together(self, name: str, acts: Sequence[Callable[[], Json]]) -> list[Json]:
        del name
        return [act() for act in acts]

    def sleep(self, name: str, wait_seconds: float) -> None:
        del name
        time.sleep(wait_seconds)


class _LookUp:
    """A world where nothing can be written; `linting` has seen that no step wants to."""

    def __init__(self, program: Any, caller: Caller, links: Links) -> None:
        self._program, self._caller, self._links = program, caller, links

    def call(self, request: Request) -> Outcome:
        return self._caller.call(self._program, request)

    def link(self, entity: str, ids: Mapping[str, str]) -> Outcome:
        del ids
        return Outcome(failure=Failure("bug", f"a look-up links no {entity}"))

    def linked(self, entity: str, system: str, ids: Sequence[str], to: str) -> Outcome:
        return Outcome(dict(self._links.linked(entity, system, ids, to)))

    def emit(self, step: str, kind: str, subject: str, data: Json) -> Outcome:
        del kind, subject, data
        return Outcome(failure=Failure("bug", f"{step}: a look-up tells nothing to others"))


def _flow(session: Session, contract: str, operation: str) -> Mapping[str, Any]:
    """Return the live flow behind an operation. Raises `TreatyError` (not-found)."""
    data = {"contract": contract, "operation": operation}
    for row in session.scalars(select(FlowDefinition).where(FlowDefinition.live.is_(True))):
        if waits_for(row.flow, row.content["flow"]["trigger"], CALL, data):
            return row.content
    raise TreatyError(catalog.NOT_FOUND, f"No live flow answers {operation}.")


def _problem(failure: Failure) -> Problem:
    if failure.missing:
        return Problem(catalog.NOT_FOUND, "There is none of that name.")
    kind = _PROBLEMS.get(failure.category, catalog.UNREACHABLE)
    # What went wrong inside is for the log; a check's own sentence is written for people.
    inside = kind in (catalog.INTERNAL, catalog.UNREACHABLE)
    return Problem(kind, "A system behind this could not answer." if inside else failure.sentence)


def _asked(run: Run, name: str) -> str:
    """Return what a call's event says; a run whose event is forgotten is nobody's any more."""
    return str(run.event.get("data", {}).get(name, "forgotten"))


def _shown(session: Session, run: Run) -> Json:
    shown: dict[str, Json] = {
        "request": run.id, "operation": _asked(run, "operation"),
        "state": _STATES[run.state], "accepted_at": run.started_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at and run.state == "done" else None,
    }  # fmt: skip
    if run.state == "exception":
        held = session.scalars(select(FlowException).where(FlowException.run == run.id)).first()
        shown["reason"] = held.sentence if held is not None else ""
    return shown
