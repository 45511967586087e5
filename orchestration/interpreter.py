"""Runs a flow document over a journal: the same document, event and journal give the same walk.

Everything that touches the world goes through `World`, inside a recorded step; everything else is
pure. A leg of a run walks from the start, takes what the journal holds, and goes on behind it.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Protocol, cast

from contracts.document import Json
from orchestration import abreast
from orchestration.deciding import PURE, listed
from orchestration.definition import (
    RETRIES,
    CallStep,
    ChooseStep,
    EachStep,
    EmitStep,
    HandStep,
    LinkedStep,
    LinkStep,
    Pages,
    Retry,
    Step,
    Undo,
    WaitStep,
    seconds,
)
from orchestration.evaluating import Program, Scope, StoppedError, Values
from orchestration.expression import Frozen
from orchestration.outcome import PASSING, Failure, Outcome, delay, outcome_of

MAX_ITEMS = 10_000
MAX_ID = 200  # characters of a system's id
SHORT_SECONDS = 1.0  # a wait that long may hold a thread; a longer one is a new leg


@dataclass(frozen=True, slots=True)
class Request:
    """One call of an operation: what is asked, and the key under which it acts once."""

    operation: str  # `system.operationId`
    inputs: Mapping[str, Json]
    body: Json = None
    key: str = ""
    source: str = ""  # the system whose data it carries

    def digest(self) -> str:
        """Return the SHA-256 of what is asked, to tell the same request from another one."""
        asked = [self.operation, self.inputs, self.body, self.key]
        text = json.dumps(asked, sort_keys=True, separators=(",", ":"))
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


class World(Protocol):
    """What steps may do. Each is asked inside a recorded step, and may be asked again after a crash."""

    def call(self, request: Request) -> Outcome:
        """Call an operation of a system."""
        ...

    def emit(self, step: str, kind: str, subject: str, data: Json) -> Outcome:
        """Keep an event for others, once per step of the run."""
        ...

    def link(self, entity: str, ids: Mapping[str, str]) -> Outcome:
        """Keep that ids, by contract, stand for the same thing."""
        ...

    def linked(self, entity: str, system: str, ids: Sequence[str], to: str) -> Outcome:
        """Look up what another contract's system calls things: an object of ids."""
        ...


class Recorder(Protocol):
    """The durable journal of one leg."""

    def record(self, name: str, act: Callable[[], Json]) -> Json:
        """Return what the step came to, acting only where nothing is recorded yet."""
        ...

    def together(self, name: str, acts: Sequence[Callable[[], Json]]) -> list[Json]:
        """Return what several acts came to, as one record; they may act at the same time."""
        ...

    def sleep(self, name: str, wait_seconds: float) -> None:
        """Wait; a crash does not start the wait anew."""
        ...


@dataclass(slots=True)
class Journal:
    """What a run has come to so far, by the path of each step; travels from leg to leg."""

    results: dict[str, Json] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    # What was given up, until a person decides; and what has been told to the run, by name.
    failed: dict[str, Json] = field(default_factory=dict)
    signals: dict[str, Json] = field(default_factory=dict)
    # Bodies that a person has put in the place of the flow's own.
    edits: dict[str, Json] = field(default_factory=dict)

    def as_json(self) -> dict[str, Json]:
        """Return the members; `edits` only where there are some, for releases that know none."""
        members = cast("dict[str, Json]", asdict(self))
        return members if self.edits else {k: v for k, v in members.items() if k != "edits"}


class ParkedError(Exception):
    """The run waits longer than a leg may take: until a time, or for a signal."""

    def __init__(self, path: str, wait_seconds: float, signal: str = "") -> None:
        super().__init__(path)
        self.path, self.wait_seconds, self.signal = path, wait_seconds, signal


class Interpreter:
    """One leg of a run."""

    def __init__(
        self, program: Program, journal: Journal, recorder: Recorder, world: World, frozen: Frozen
    ) -> None:
        self._program, self._journal = program, journal
        self._recorder, self._world, self._frozen = recorder, world, frozen
        self._values = Values(program, frozen)
        self._retry = RETRIES[program.flow.criticality]
        self._short = SHORT_SECONDS
        self.undos: list[tuple[str, Undo, Scope]] = []

    def run(self, scope: Scope) -> Json:
        """Return the last step's result. Raises `ParkedError` or `StoppedError`."""
        try:
            return self.steps(self._program.flow.steps, dict(scope), "")
        except StoppedError:
            if self._program.flow.failure == "compensate":
                self._compensate()
            raise

    def steps(self, steps: tuple[Step, ...], scope: Scope, prefix: str) -> Json:
        """Walk some steps, and return the last one's result."""
        last: Json = None
        for step in steps:
            path = prefix + step.step
            if step.when is not None and self._values.value(step.when, scope, path) is not True:
                last = None
                continue
            if path in self._journal.results:
                last = self._journal.results[path]
                self._remember_undo(step, scope | {step.step: last}, path)
            else:
                last = self._step(step, scope, path)
                self._journal.results[path] = last
            scope[step.step] = last
        return last

    def _step(self, step: Step, scope: Scope, path: str) -> Json:
        pure = PURE.get(type(step))
        if pure is not None:
            return pure(self._values, step, scope, path)
        match step:
            case CallStep():
                return self._call(step, scope, path)
            case ChooseStep():
                return self._choose(step, scope, path)
            case EachStep():
                return self._each(step, scope, path)
            case WaitStep():
                return self._wait(step, path)
            case EmitStep():
                return self._emit(step, scope, path)
            case LinkStep():
                return self._link(step, scope, path)
            case LinkedStep():
                return self._linked(step, scope, path)
            case HandStep():
                raise StoppedError(path, Failure("decision", step.hand), hand=step)
        raise TypeError(type(step).__name__)

    # steps

    def _choose(self, step: ChooseStep, scope: Scope, path: str) -> Json:
        for index, case in enumerate(step.choose):
            if case.when is None or self._values.value(case.when, scope, path) is True:
                return self.steps(case.steps, dict(scope), f"{path}/{index}.")
        return None

    def _each(self, step: EachStep, scope: Scope, path: str) -> Json:
        items = listed(self._values.value(step.each, scope, path))
        if len(items) > MAX_ITEMS:
            said = f"{path} has {len(items)} items, at most {MAX_ITEMS} are taken"
            raise StoppedError(path, Failure("validation", said))
        each = [
            (scope | {step.named: item, "index": index}, f"{path}[{index}].")
            for index, item in enumerate(items)
        ]
        if (step.at_once or 1) > 1:
            return self._abreast(step, each, path)
        return [self.steps(step.steps, *item) for item in each]

    def _abreast(self, step: EachStep, each: list[tuple[Scope, str]], path: str) -> Json:
        """Walk items side by side. One that stops or parks lets the others of its time go on."""
        forks: dict[int, Interpreter] = {}

        def walked(index: int, turn: abreast.Turn) -> Json:
            forks[index] = self._fork(turn)
            return forks[index].steps(step.steps, *each[index])

        walks = [partial(walked, index) for index in range(len(each))]
        results = abreast.walk(walks, self._recorder, path, step.at_once or 1)
        for index in sorted(forks):
            self.undos += forks[index].undos
        raised = [result for result in results if isinstance(result, Exception)]
        parked = [error for error in raised if isinstance(error, ParkedError)]
        if len(parked) < len(raised):
            raise next(error for error in raised if not isinstance(error, ParkedError))
        if parked:
            raise min(parked, key=lambda error: error.wait_seconds)
        return [result for result in results if not isinstance(result, Exception)]

    def _fork(self, recorder: abreast.Turn) -> "Interpreter":
        fork = Interpreter(self._program, self._journal, recorder, self._world, self._frozen)
        fork._short = 0.0  # a pause of one must not be a pause of all
        return fork

    def _link(self, step: LinkStep, scope: Scope, path: str) -> Json:
        ids = {
            self._program.contract(system): self._values.key(text, scope, path)[:MAX_ID]
            for system, text in step.ids.items()
        }
        act = partial(self._world.link, step.link, ids)
        return self._attempted(path, self._retry, act, missing="exception")

    def _linked(self, step: LinkedStep, scope: Scope, path: str) -> Json:
        given = self._values.value(step.id, scope, path)
        ids = [each for each in listed(given) if isinstance(each, str)]
        system, to = self._program.contract(step.system), self._program.contract(step.to)
        act = partial(self._world.linked, step.linked, system, ids, to)
        found = self._attempted(path, self._retry, act, missing="exception")
        if isinstance(given, list) or not isinstance(found, dict):
            return found
        return found.get(ids[0]) if ids else None

    def _wait(self, step: WaitStep, path: str) -> Json:
        journal = self._journal
        if step.signal is not None and step.signal in journal.signals:
            return journal.signals[step.signal]
        if not journal.attempts.get(path):
            journal.attempts[path] = 1
            raise ParkedError(path, seconds(step.wait), step.signal or "")
        if step.signal is not None and step.late == "exception":
            said = f"the signal {step.signal} has not come within {step.wait}"
            raise StoppedError(path, Failure("outage", said))
        return None

    def _emit(self, step: EmitStep, scope: Scope, path: str) -> Json:
        subject = self._values.value(step.subject, scope, path)
        data = self._values.value(step.data, scope, path)
        if not isinstance(subject, str) or not subject:
            raise StoppedError(path, Failure("mapping", f"the subject of {path} is no text"))
        kind = step.emit
        return self._attempted(
            path,
            self._retry,
            lambda: self._world.emit(path, kind, subject, data),
            missing="exception",
        )

    def _call(self, step: CallStep, scope: Scope, path: str) -> Json:
        retry = step.retry or self._retry
        request = Request(
            step.call,
            self._values.inputs(step.inputs, scope, path),
            self._edited(step, scope, path),
            self._values.key(step.key, scope, path),
            step.source or "",
        )
        looked: Request | None = None
        if step.find is not None:
            looked = Request(step.find.call, self._values.inputs(step.find.inputs, scope, path))

        def act() -> Outcome:
            # Each attempt looks first: the one before may have acted without saying so.
            found = self._found(step, looked, scope, path) if looked is not None else None
            return found or self._world.call(request)

        if step.pages is not None:
            return self._paged(step, step.pages, request, scope, path)
        try:
            value = self._attempted(path, retry, act, missing=step.missing)
        except StoppedError as stopped:
            stopped.sent = request.digest()
            raise
        self._remember_undo(step, scope | {step.step: value}, path)
        return value

    def _edited(self, step: CallStep, scope: Scope, path: str) -> Json:
        edits = self._journal.edits
        return edits[path] if path in edits else self._values.body(step.body, scope, path)

    def _paged(
        self, step: CallStep, pages: Pages, request: Request, scope: Scope, path: str
    ) -> Json:
        """Read page after page, each one a record of its own, and return all items."""
        items: list[Json] = []
        for number in range(pages.most):
            at = f"{path}@{number}"
            ask = partial(self._world.call, request)
            answer = self._attempted(at, step.retry or self._retry, ask, missing=step.missing)
            inner = scope | {"result": answer}
            found = self._values.value(pages.items, inner, path)
            items += listed(found)
            following = self._values.value(pages.following, inner, path)
            if not isinstance(following, dict):
                return items
            request = Request(request.operation, {**request.inputs, **following})
        said = f"{path} has more than {pages.most} pages"
        raise StoppedError(path, Failure("validation", said))

    def _found(self, step: CallStep, looked: Request, scope: Scope, path: str) -> Outcome | None:
        """Return what the write would make, where it is there already; None where it is not."""
        answer = self._world.call(looked)
        if answer.failure is not None:
            return None if answer.failure.missing else answer
        take = step.find.take if step.find is not None else ""
        try:
            taken = self._values.value(take, scope | {"result": answer.value}, path)
        except StoppedError as stopped:
            return Outcome(failure=stopped.failure)
        return None if taken is None else Outcome(taken)

    def _attempted(
        self, path: str, retry: Retry, act: Callable[[], Outcome], *, missing: str
    ) -> Json:
        """Try until it works, fails for good, or has to wait longer than a leg may take."""
        if path in self._journal.results:
            return self._journal.results[path]
        given_up = outcome_of({"failure": self._journal.failed.get(path)}).failure
        if given_up is not None:
            raise StoppedError(path, given_up)
        while True:
            attempt = self._journal.attempts.get(path, 0) + 1
            record = self._recorder.record(f"{path}#{attempt}", lambda: act().as_json())
            outcome = outcome_of(record)
            failure = outcome.failure
            if failure is None:
                self._journal.results[path] = outcome.value
                return outcome.value
            if failure.missing and missing == "null":
                return None
            waited = self._journal.attempts.get(path + "~", 0) + failure.patient
            passing = failure.category in PASSING or (failure.missing and missing == "later")
            if not passing or attempt - waited >= retry.attempts:
                self._journal.failed[path] = failure.as_json()
                raise StoppedError(path, failure)
            self._journal.attempts[path] = attempt
            if failure.patient:
                self._journal.attempts[path + "~"] = waited
            wait = delay(seconds(retry.first), seconds(retry.most), attempt - waited, failure)
            if wait > self._short:
                raise ParkedError(path, wait)
            self._recorder.sleep(f"{path}#{attempt}~", wait)

    # taking back

    def _remember_undo(self, step: Step, scope: Scope, path: str) -> None:
        if isinstance(step, CallStep) and step.undo is not None:
            self.undos.append((path, step.undo, scope))

    def _compensate(self) -> None:
        """Take steps back, the last one first; one that fails leaves the others to be tried."""
        failed: StoppedError | None = None
        for path, undo, scope in reversed(self.undos):
            at = f"{path}/undo"
            try:
                request = Request(
                    undo.call,
                    self._values.inputs(undo.inputs, scope, at),
                    self._values.body(undo.body, scope, at),
                    self._values.key(undo.key, scope, at),
                )
                act = partial(self._world.call, request)
                self._attempted(at, self._retry, act, missing="null")
            except StoppedError as error:
                failed = failed or error
        if failed is not None:
            raise failed
