"""Flows without systems: scripted answers, a journal in memory, and a crash wherever one may come.

`treaty flows test` runs the cases of a folder this way; so do our own tests.
"""

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from contracts.document import Json
from orchestration.evaluating import Program, StoppedError
from orchestration.expression import Frozen
from orchestration.guarding import GuardedWorld
from orchestration.interpreter import (
    Interpreter,
    Journal,
    ParkedError,
    Request,
)
from orchestration.outcome import Failure, Outcome

_AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
_MAX_LEGS = 50
_MAX_RECORDS = 500


class CrashError(BaseException):
    """The process died; what it had recorded is all that is left."""


class MemoryRecorder:
    """A leg's journal in memory. The process dies at record `crash_at`, before or after the act."""

    def __init__(
        self,
        crash_at: int | None = None,
        *,
        after: bool = False,
        begin: Callable[[], None] = lambda: None,
    ) -> None:
        self._log: dict[str, Json] = {}
        self._crash_at, self._after, self._begin = crash_at, after, begin

    def record(self, name: str, act: Callable[[], Json]) -> Json:
        """Return what is recorded, or act."""
        if name not in self._log:
            self._begin()
            if self._crash_at == len(self._log):
                self._crash_at = None
                if self._after:
                    act()
                raise CrashError
            self._log[name] = act()
        return self._log[name]

    def together(self, name: str, acts: Sequence[Callable[[], Json]]) -> list[Json]:
        """Record a round; its acts in their order, so that a script answers alike each time."""
        return cast("list[Json]", self.record(name, lambda: [act() for act in acts]))

    def sleep(self, name: str, wait_seconds: float) -> None:
        """Pass: time is not what is rehearsed."""


class ScriptedWorld:
    """Answers from a script, by operation, the last one again and again; one effect per key."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers = {name: list(each) for name, each in answers.items()}
        self._given: list[tuple[str, Any]] = []  # since the last record began
        self.asked: list[Request] = []
        self.effects: dict[str, Json] = {}
        self.emitted: dict[str, list[Json]] = {}
        self.links: dict[tuple[str, str, str], str] = {}  # canonical by entity, contract and id

    def call(self, request: Request) -> Outcome:
        """Give the next answer; the one of before where the key has acted already."""
        self.asked.append(request)
        if request.key in self.effects:
            return Outcome(self.effects[request.key])
        script = self._answers.get(request.operation, [{"value": None}])
        answer = script[0]
        if len(script) > 1:
            script.pop(0)
            if not request.key or "failure" in answer:  # what acted under a key is known by it
                self._given.append((request.operation, answer))
        if "failure" in answer:
            return Outcome(failure=Failure(**{"jitter": 0.5, **answer["failure"]}))
        if request.key:
            self.effects[request.key] = answer.get("value")
        return Outcome(answer.get("value"))

    def begin(self) -> None:
        """A record begins: what was answered before it stays answered."""
        self._given.clear()

    def again(self) -> None:
        """The process died before its record: what it asks again is answered as before."""
        while self._given:
            name, answer = self._given.pop()
            self._answers[name].insert(0, answer)

    def emit(self, step: str, kind: str, subject: str, data: Json) -> Outcome:
        """Keep the event, once per step."""
        self.emitted.setdefault(step, [kind, subject, data])
        return Outcome(data)

    def link(self, entity: str, ids: Mapping[str, str]) -> Outcome:
        """Keep the ids together, under the first of them."""
        known = [self.links[entity, s, i] for s, i in ids.items() if (entity, s, i) in self.links]
        if len(set(known)) > 1:
            return Outcome(failure=Failure("conflict", f"these are two different {entity}s so far"))
        canonical = known[0] if known else next(iter(ids.values()))
        self.links |= {(entity, system, each): canonical for system, each in ids.items()}
        return Outcome({"id": canonical})

    def linked(self, entity: str, system: str, ids: Sequence[str], to: str) -> Outcome:
        """Look up what was kept together."""
        names = {
            canonical: i for (e, s, i), canonical in self.links.items() if (e, s) == (entity, to)
        }
        found = {each: names.get(self.links.get((entity, system, each), "")) for each in ids}
        return Outcome({each: name for each, name in found.items() if name is not None})


@dataclass(frozen=True, slots=True)
class Case:
    """One run: what happens, what the systems answer, and what is expected of the flow."""

    name: str
    event: Json
    answers: Mapping[str, Any] = field(default_factory=dict)
    signals: Mapping[str, Json] = field(default_factory=dict)


@dataclass(slots=True)
class Played:
    """What came of a case: how each leg ended, and what the world saw."""

    endings: list[dict[str, Json]]
    world: ScriptedWorld
    crashed: bool = False

    def asked(self) -> list[dict[str, Json]]:
        """Return the calls, with the members that say something."""
        calls: list[dict[str, Json]] = []
        for request in self.world.asked:
            call: dict[str, Json] = {"call": request.operation}
            call |= {"with": dict(request.inputs)} if request.inputs else {}
            call |= {"body": request.body} if request.body is not None else {}
            call |= {"key": request.key} if request.key else {}
            calls.append(call)
        return calls


def play(
    program: Program, case: Case, crash_at: int | None = None, *, after: bool = False
) -> Played:
    """Run leg after leg until the run ends, as the worker does; the process may die once."""
    world, journal = ScriptedWorld(copy.deepcopy(dict(case.answers))), Journal()
    played = Played([], world)
    for _ in range(_MAX_LEGS):
        at = None if played.crashed else crash_at
        recorder = MemoryRecorder(at, after=after, begin=world.begin)
        given = copy.deepcopy(journal)
        try:
            ending = _leg(program, case, world, recorder, journal)
        except CrashError:
            # What the process had in memory is gone, the leg begins again with what it was given.
            played.crashed, journal = True, given
            world.again()
            ending = _leg(program, case, world, recorder, journal)
        played.endings.append(ending)
        if "waits" not in ending:
            break
        journal.signals |= case.signals
    return played


def _leg(
    program: Program, case: Case, world: ScriptedWorld, recorder: MemoryRecorder, journal: Journal
) -> dict[str, Json]:
    scope: dict[str, Json] = {"event": case.event, "run": {"id": "r1", "key": "k1"}}
    try:
        guarded = GuardedWorld(program, world)
        value = Interpreter(program, journal, recorder, guarded, Frozen(_AT, "r1")).run(scope)
    except ParkedError as parked:
        return {"waits": parked.path, "seconds": parked.wait_seconds, "signal": parked.signal}
    except StoppedError as stopped:
        failure = stopped.failure
        return {"stops": stopped.path, "category": failure.category, "sentence": failure.sentence}
    return {"done": value}


def expectations(played: Played, expected: Mapping[str, Any]) -> list[str]:
    """Return where the run differs from `ends`, `waits`, `asked`, `emitted` and `effects` of a case."""
    seen: dict[str, Any] = {
        "ends": played.endings[-1],
        "waits": played.endings[:-1],
        "asked": played.asked(),
        "emitted": list(played.world.emitted.values()),
        "effects": sorted(played.world.effects),
    }
    return [
        f"{name}: expected {_text(expected[name])}, got {_text(seen.get(name))}"
        for name in expected
        if seen.get(name) != expected[name]
    ]


def crashes(program: Program, case: Case) -> list[str]:
    """Kill the run at every record, before and after its act; return what then differs."""
    calm, wrong = play(program, case), list[str]()
    for after in (False, True):
        for at in range(_MAX_RECORDS):
            shaken = play(program, case, at, after=after)
            if not shaken.crashed:
                break
            when = f"a crash {'after' if after else 'before'} record {at}"
            if shaken.endings[-1] != calm.endings[-1]:
                wrong.append(f"{when} ends with {_text(shaken.endings[-1])}")
            if shaken.world.effects != calm.world.effects:
                wrong.append(f"{when} has other effects")
            if shaken.world.emitted != calm.world.emitted:
                wrong.append(f"{when} tells other events")
    return wrong


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:500]
