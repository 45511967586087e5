"""The body of a leg: the program by its digest, walked over the journal, its ending kept once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol, cast

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from contracts.document import Json
from orchestration import tracing
from orchestration.evaluating import Program, StoppedError
from orchestration.expression import Frozen
from orchestration.guarding import GuardedWorld
from orchestration.interpreter import (
    Interpreter,
    Journal,
    ParkedError,
    Recorder,
    Request,
)
from orchestration.outcome import Failure, Outcome
from orchestration.runs import ledger
from orchestration.runs.linking import Links
from orchestration.runs.program import build
from orchestration.tracing import parent_of
from registry.db.engine import transaction
from registry.db.models import Fact, FlowDefinition, OutboxEvent

_MAX_PROGRAMS = 256


class Caller(Protocol):
    """Calls operations of systems; `systems` says which contract each name stands for."""

    def call(self, program: Program, request: Request) -> Outcome:
        """Call an operation."""
        ...


class _RunWorld:
    """What the steps of one run may do."""

    def __init__(self, engine: Engine, caller: Caller, program: Program, run: str) -> None:
        self._engine, self._caller, self._program, self._run = engine, caller, program, run
        self._links = Links(engine)

    def call(self, request: Request) -> Outcome:
        return self._caller.call(self._program, request)

    def emit(self, step: str, kind: str, subject: str, data: Json) -> Outcome:
        """Write the fact and the event for others together; a repetition finds them there."""
        if not isinstance(data, dict):
            return Outcome(failure=Failure("mapping", f"the data of {step} is no object"))
        now, known = datetime.now(UTC), f"{self._run}:{step}"
        try:
            with transaction(self._engine, writes=True) as session:
                session.add(
                    Fact(
                        id=known, type=kind, subject=subject, data=data, at=now,
                        run=self._run, flow=self._program.flow.flow,
                    )
                )  # fmt: skip
                session.add(OutboxEvent(id=known, type=kind, subject=subject, data=data, at=now))
        except IntegrityError:
            pass  # a crash came after the commit and before the record of it
        return Outcome(data)

    def link(self, entity: str, ids: Mapping[str, str]) -> Outcome:
        return self._links.link(entity, ids, self._run, datetime.now(UTC))

    def linked(self, entity: str, system: str, ids: Sequence[str], to: str) -> Outcome:
        return Outcome(dict(self._links.linked(entity, system, ids, to)))


class Legs:
    """Runs legs; one for a worker."""

    def __init__(
        self,
        engine: Engine,
        caller: Caller,
        ended: Callable[[str], None] = lambda _: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine, self._caller, self._ended, self._clock = engine, caller, ended, clock
        self._programs: dict[str, Program] = {}  # by digest, so they never change

    def body(self, given: Json, recorder: Recorder) -> Json:
        """Walk as far as it goes, and keep the ending."""
        leg = cast("dict[str, Any]", given)
        program = self._program(leg["digest"])
        journal = Journal(**leg["journal"])
        parent = parent_of(leg["event"].get("traceparent"))
        with tracing.leg(program.flow.flow, leg["key"], leg["run"], parent):
            ending = self._walk(program, journal, leg, recorder)
            ending["journal"] = journal.as_json()
            self.keep(program, leg, ending)
        self._ended(leg["run"])
        return str(ending["state"])

    def keep(self, program: Program, leg: Mapping[str, Any], ending: Mapping[str, Any]) -> None:
        """Keep what the leg came to; a repetition finds it kept, so it needs no record of its own."""
        with transaction(self._engine, writes=True) as session:
            now = self._clock()
            ledger.end_leg(session, program.flow, leg["run"], leg["leg"], ending, now)

    def _program(self, digest: str) -> Program:
        known = self._programs.get(digest)
        if known is None:
            with transaction(self._engine, writes=False) as session:
                known = build(session.get_one(FlowDefinition, digest).content)
            if len(self._programs) >= _MAX_PROGRAMS:
                self._programs.clear()
            self._programs[digest] = known
        return known

    def _walk(
        self, program: Program, journal: Journal, leg: dict[str, Any], recorder: Recorder
    ) -> dict[str, Any]:
        frozen = Frozen(datetime.fromisoformat(leg["at"]), leg["run"])
        world = GuardedWorld(program, _RunWorld(self._engine, self._caller, program, leg["run"]))
        scope: dict[str, Json] = {
            "event": leg["event"], "run": {"id": leg["run"], "key": leg["key"]},
        }  # fmt: skip
        try:
            Interpreter(program, journal, recorder, world, frozen).run(scope)
        except ParkedError as parked:
            return {
                "state": "waiting", "step": parked.path,
                "seconds": parked.wait_seconds, "signal": parked.signal,
            }  # fmt: skip
        except StoppedError as stopped:
            hand = stopped.hand
            return {
                "state": "exception", "step": stopped.path, "failure": stopped.failure.as_json(), "sent": stopped.sent,
                "owner": hand.to if hand else None, "sla": hand.sla if hand else None,
                "value": _value(program, scope | journal.results, frozen),
            }  # fmt: skip
        return {"state": "done"}


def _value(program: Program, scope: dict[str, Json], frozen: Frozen) -> Json:
    """Return the money at stake as far as it is known."""
    if program.flow.value is None:
        return None
    try:
        value = program.expressions[program.flow.value].evaluate(scope, frozen)
    except Exception:  # noqa: BLE001  # an exception row without a value is better than none
        return None
    return value if isinstance(value, dict) else None
