"""The worker's end: agents by site, calls to the one with the most free places, outcomes back to flows."""

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, func, select

from orchestration.agent import frames
from orchestration.definition import seconds
from orchestration.interpreter import Request
from orchestration.outcome import Failure, Outcome, outcome_of
from orchestration.systems.settings import SiteSettings
from registry.db.engine import transaction
from registry.db.models import Agent

_LOOK_AGAIN = 15.0  # seconds until a run looks whether an agent has come
_BUSY = 1.0


@dataclass(slots=True)
class Line:
    """One connected agent. `send` may be called from any thread."""

    agent: str
    site: str
    hello: frames.Hello
    send: Callable[[str], None]
    calls: dict[int, "Future[Outcome]"] = field(default_factory=dict)

    @property
    def free(self) -> int:
        """Return how many more calls the agent takes."""
        return self.hello.places - len(self.calls)


class Hub:
    """All agents that are connected to this worker."""

    def __init__(
        self,
        sites: dict[str, SiteSettings],
        engine: Engine,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._sites, self._engine, self._clock = sites, engine, clock
        self._lines: list[Line] = []
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._begun = clock()

    def join(self, line: Line) -> None:
        """Take an agent into account."""
        with self._lock:
            self._lines.append(line)

    def leave(self, line: Line) -> None:
        """Forget an agent; what it was doing may or may not have happened."""
        with self._lock:
            self._lines.remove(line)
            left = list(line.calls.values())
            line.calls.clear()
        for each in left:
            each.set_result(_away(f"the agent {line.agent} has gone in the middle of the call"))

    def came(self, line: Line, frame: frames.Came) -> None:
        """Give an outcome to who waits for it; one that nobody waits for is dropped."""
        with self._lock:
            waiting = line.calls.pop(frame.id, None)
        if waiting is not None:
            waiting.set_result(_outcome(frame))

    def call(self, site: str, request: Request, contract: str, timeout: float) -> Outcome:
        """Call an operation by way of an agent of the site. Never raises."""
        made = self._placed(site, request, contract)
        if isinstance(made, Outcome):
            return made
        line, number, waiting = made
        try:
            line.send(frames.call(number, request))
            return waiting.result(timeout)
        except frames.FrameError as error:
            return Outcome(failure=Failure("bug", str(error)))
        except LateError:
            return _away(f"the agent {line.agent} has not answered in time")
        finally:
            with self._lock:
                line.calls.pop(number, None)

    def _placed(
        self, site: str, request: Request, contract: str
    ) -> "Outcome | tuple[Line, int, Future[Outcome]]":
        system = request.operation.partition(".")[0]
        with self._lock:
            here = [line for line in self._lines if line.site == site]
            able = [
                line
                for line in here
                if (known := line.hello.systems.get(system)) and known.contract == contract
            ]
            line = max(able, key=lambda each: each.free, default=None)
            if line is not None and line.free > 0:
                number, waiting = next(self._numbers), Future[Outcome]()
                line.calls[number] = waiting
                return line, number, waiting
        if line is not None:
            said = f"the agents of {site} have no place free"
            return Outcome(failure=Failure("transient", said, _BUSY, patient=True))
        if here:
            said = f"no agent of {site} has the system {system} with {contract}"
            return Outcome(failure=Failure("bug", said))
        return self._absent(site)

    def _absent(self, site: str) -> Outcome:
        settings = self._sites.get(site, SiteSettings())
        patient = settings.offline == "wait" and self._clock() < self._seen(site) + timedelta(
            seconds=seconds(settings.wait_for)
        )
        said = f"no agent of {site} is connected"
        return Outcome(failure=Failure("outage", said, _LOOK_AGAIN, patient=patient))

    def _seen(self, site: str) -> datetime:
        with transaction(self._engine, writes=False) as session:
            seen = session.scalar(select(func.max(Agent.seen_at)).where(Agent.site == site))
        return max(seen, self._begun) if seen is not None else self._begun


def _away(said: str) -> Outcome:
    return Outcome(failure=Failure("outage", said))


def _outcome(frame: frames.Came) -> Outcome:
    try:
        return outcome_of(frame.outcome)
    except TypeError:
        return Outcome(failure=Failure("bug", "the agent told an outcome of another release"))
