"""Runs a flow document over a journal: the same document, event and journal give the same walk.

Everything that touches the world goes through `World`, inside a recorded step; everything else is
pure. A leg of a run walks from the start, takes what the journal holds, and goes on behind it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from contracts.document import Json
from orchestration.comparing import Side, compare
from orchestration.definition import (
    RETRIES,
    CallStep,
    CheckStep,
    ChooseStep,
    CompareStep,
    EachStep,
    EmitStep,
    Flow,
    HandStep,
    LetStep,
    Mapped,
    MapStep,
    Pages,
    Records,
    Retry,
    Step,
    Undo,
    WaitStep,
    seconds,
)
from orchestration.expression import Expression, ExpressionError, Frozen
from orchestration.mapping import Mapping as MappingProgram
from orchestration.outcome import PASSING, Failure, Outcome, delay, outcome_of
from orchestration.ownership import Ownership, Rule

Scope = dict[str, Json]
MAX_ITEMS = 10_000
SHORT_SECONDS = 1.0  # a wait that long may hold a thread; a longer one is a new leg


@dataclass(frozen=True, slots=True)
class Request:
    """One call of an operation: what is asked, and the key under which it acts once."""

    operation: str  # `system.operationId`
    inputs: Mapping[str, Json]
    body: Json = None
    key: str = ""
    source: str = ""  # the system whose data it carries


class World(Protocol):
    """What steps may do. Each is asked inside a recorded step, and may be asked again after a crash."""

    def call(self, request: Request) -> Outcome:
        """Call an operation of a system."""
        ...

    def emit(self, step: str, kind: str, subject: str, data: Json) -> Outcome:
        """Keep an event for others, once per step of the run."""
        ...


class Recorder(Protocol):
    """The durable journal of one leg."""

    def record(self, name: str, act: Callable[[], Json]) -> Json:
        """Return what the step came to, acting only where nothing is recorded yet."""
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


class ParkedError(Exception):
    """The run waits longer than a leg may take: until a time, or for a signal."""

    def __init__(self, path: str, wait_seconds: float, signal: str = "") -> None:
        super().__init__(path)
        self.path, self.wait_seconds, self.signal = path, wait_seconds, signal


class StoppedError(Exception):
    """The run cannot go on by itself."""

    def __init__(self, path: str, failure: Failure, *, hand: HandStep | None = None) -> None:
        super().__init__(path)
        self.path, self.failure, self.hand = path, failure, hand


@dataclass(frozen=True, slots=True)
class Program:
    """A flow with what it names, compiled: expressions by text, mappings by name."""

    flow: Flow
    mappings: Mapping[str, MappingProgram]
    expressions: Mapping[str, Expression]
    rules: Mapping[str, Rule] = field(default_factory=dict)  # of writes, by `system.operationId`
    ownership: Mapping[str, Ownership] = field(default_factory=dict)  # of steps that compare


class Interpreter:
    """One leg of a run."""

    def __init__(
        self, program: Program, journal: Journal, recorder: Recorder, world: World, frozen: Frozen
    ) -> None:
        self._program, self._journal = program, journal
        self._recorder, self._world, self._frozen = recorder, world, frozen
        self._retry = RETRIES[program.flow.criticality]
        self._undos: list[tuple[str, Undo, Scope]] = []

    def run(self, scope: Scope) -> Json:
        """Return the last step's result. Raises `ParkedError` or `StoppedError`."""
        try:
            return self._steps(self._program.flow.steps, dict(scope), "")
        except StoppedError:
            if self._program.flow.failure == "compensate":
                self._compensate()
            raise

    def _steps(self, steps: tuple[Step, ...], scope: Scope, prefix: str) -> Json:
        last: Json = None
        for step in steps:
            path = prefix + step.step
            if step.when is not None and self._value(step.when, scope, path) is not True:
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
        match step:
            case CallStep():
                return self._call(step, scope, path)
            case MapStep():
                return self._mapped(step.map, scope, path)
            case LetStep():
                return self._value(step.let, scope, path)
            case CheckStep():
                return self._check(step, scope, path)
            case ChooseStep():
                return self._choose(step, scope, path)
            case EachStep():
                return self._each(step, scope, path)
            case WaitStep():
                return self._wait(step, path)
            case EmitStep():
                return self._emit(step, scope, path)
            case CompareStep():
                return self._compare(step, scope, path)
            case HandStep():
                raise StoppedError(path, Failure("decision", step.hand), hand=step)

    # values

    def _value(self, text: str, scope: Scope, path: str) -> Json:
        try:
            return self._program.expressions[text].evaluate(scope, self._frozen)
        except ExpressionError as error:
            raise StoppedError(
                path, Failure("mapping", f"the expression of {path}: {error}")
            ) from None

    def _mapped(self, mapped: Mapped, scope: Scope, path: str) -> Json:
        source = self._value(mapped.source, scope, path)
        try:
            return self._program.mappings[mapped.mapping].apply(source, self._frozen)
        except ExpressionError as error:
            said = f"the mapping {mapped.mapping} in {path}: {error}"
            raise StoppedError(path, Failure("mapping", said)) from None

    def _body(self, body: str | Mapped | None, scope: Scope, path: str) -> Json:
        if body is None:
            return None
        if isinstance(body, Mapped):
            return self._mapped(body, scope, path)
        return self._value(body, scope, path)

    def _inputs(self, inputs: Mapping[str, str], scope: Scope, path: str) -> dict[str, Json]:
        found = {name: self._value(text, scope, path) for name, text in inputs.items()}
        return {name: value for name, value in found.items() if value is not None}

    def _key(self, text: str | None, scope: Scope, path: str) -> str:
        if text is None:
            return ""
        key = self._value(text, scope, path)
        if not isinstance(key, str) or not key:
            raise StoppedError(path, Failure("mapping", f"the key of {path} is no text"))
        return key

    # steps

    def _check(self, step: CheckStep, scope: Scope, path: str) -> Json:
        if self._value(step.check, scope, path) is not True:
            raise StoppedError(path, Failure(step.category, step.otherwise))
        return True

    def _choose(self, step: ChooseStep, scope: Scope, path: str) -> Json:
        for index, case in enumerate(step.choose):
            if case.when is None or self._value(case.when, scope, path) is True:
                return self._steps(case.steps, dict(scope), f"{path}/{index}.")
        return None

    def _each(self, step: EachStep, scope: Scope, path: str) -> Json:
        items = self._value(step.each, scope, path)
        listed = _listed(items)
        if len(listed) > MAX_ITEMS:
            said = f"{path} has {len(listed)} items, at most {MAX_ITEMS} are taken"
            raise StoppedError(path, Failure("validation", said))
        return [
            self._steps(step.steps, scope | {step.named: item, "index": index}, f"{path}[{index}].")
            for index, item in enumerate(listed)
        ]

    def _compare(self, step: CompareStep, scope: Scope, path: str) -> Json:
        def value(text: str, record: Json) -> Json:
            try:
                return self._program.expressions[text].evaluate(record, self._frozen)
            except ExpressionError:
                return None  # a record without the field

        def side(of: Records) -> Side:
            found = self._value(of.records, scope, path)
            contract = self._program.flow.systems[of.system].contract
            return Side(of.system, contract, _listed(found), of.key, value)

        document = self._program.ownership[step.compare]
        return compare(document, side(step.left), side(step.right), value)

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
        subject = self._value(step.subject, scope, path)
        data = self._value(step.data, scope, path)
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
            self._inputs(step.inputs, scope, path),
            self._body(step.body, scope, path),
            self._key(step.key, scope, path),
            step.source or "",
        )
        looked: Request | None = None
        if step.find is not None:
            looked = Request(step.find.call, self._inputs(step.find.inputs, scope, path))

        def act() -> Outcome:
            # Each attempt looks first: the one before may have acted without saying so.
            found = self._found(step, looked, scope, path) if looked is not None else None
            return found or self._world.call(request)

        if step.pages is not None:
            return self._paged(step, step.pages, request, scope, path)
        value = self._attempted(path, retry, act, missing=step.missing)
        self._remember_undo(step, scope | {step.step: value}, path)
        return value

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
            found = self._value(pages.items, inner, path)
            items += _listed(found)
            following = self._value(pages.following, inner, path)
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
            taken = self._value(take, scope | {"result": answer.value}, path)
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
            if failure.category not in PASSING or attempt >= retry.attempts:
                self._journal.failed[path] = failure.as_json()
                raise StoppedError(path, failure)
            self._journal.attempts[path] = attempt
            wait = delay(seconds(retry.first), seconds(retry.most), attempt, failure)
            if wait > SHORT_SECONDS:
                raise ParkedError(path, wait)
            self._recorder.sleep(f"{path}#{attempt}~", wait)

    # taking back

    def _remember_undo(self, step: Step, scope: Scope, path: str) -> None:
        if isinstance(step, CallStep) and step.undo is not None:
            self._undos.append((path, step.undo, scope))

    def _compensate(self) -> None:
        """Take steps back, the last one first; one that fails leaves the others to be tried."""
        failed: StoppedError | None = None
        for path, undo, scope in reversed(self._undos):
            at = f"{path}/undo"
            try:
                request = Request(
                    undo.call,
                    self._inputs(undo.inputs, scope, at),
                    self._body(undo.body, scope, at),
                    self._key(undo.key, scope, at),
                )
                act = partial(self._world.call, request)
                self._attempted(at, self._retry, act, missing="null")
            except StoppedError as error:
                failed = failed or error
        if failed is not None:
            raise failed


def _listed(value: Json) -> list[Json]:
    """Return a value as a list: JSONata gives a list of one as its item, and an empty one as nothing."""
    return [] if value is None else value if isinstance(value, list) else [value]
