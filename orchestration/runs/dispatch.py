"""Starts legs whose time has come, and takes over the legs of workers that have died."""

import logging
import threading
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine as Database

from orchestration.definition import Flow
from orchestration.engine.port import Engine, LegState
from orchestration.outcome import Failure
from orchestration.runs import ledger, people
from orchestration.runs.editing import Judge
from registry.db.engine import transaction
from registry.db.models import FlowDefinition, Run, Worker

LEASE = timedelta(seconds=15)
_GATHERING = 0.05  # seconds
_LOG = "treaty.worker"


class Dispatcher:
    """One per worker, for the flows that it can run. `tick` is called in a loop; `wake` hurries it."""

    def __init__(
        self,
        database: Database,
        engine: Engine,
        worker: str,
        flows: Collection[str],
        *,
        judge: Judge,
        slots: int = 16,
        lease: timedelta = LEASE,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database, self._engine, self._worker, self._flows = database, engine, worker, flows
        self.slots, self._lease, self._clock, self._judge = slots, lease, clock, judge
        self._flying: set[str] = set()
        self._lock = threading.Lock()
        self._awake = threading.Event()
        self._backlog_at = 0.0  # when a claim last left others waiting

    def register(self) -> None:
        """Tell the others that this worker is there."""
        now = self._clock()
        with transaction(self._database, writes=True) as session:
            session.add(Worker(id=self._worker, started_at=now, seen_at=now, ended_at=None))

    def beat(self) -> None:
        """Renew the lease."""
        with transaction(self._database, writes=True) as session:
            session.get_one(Worker, self._worker).seen_at = self._clock()

    def leave(self) -> None:
        """End the lease, so that others take over at once what is left."""
        with transaction(self._database, writes=True) as session:
            session.get_one(Worker, self._worker).ended_at = self._clock()

    def wake(self) -> None:
        """Look for work now."""
        self._awake.set()

    def pause(self, seconds: float) -> None:
        """Wait for something to do, at most so long."""
        self._awake.wait(seconds)
        self._awake.clear()

    def ended(self, run: str) -> None:
        """Give back the slot of a run."""
        with self._lock:
            self._flying.discard(run)
        self._awake.set()

    def tick(self) -> int:
        """Start what is due and return how many legs that were."""
        with self._lock:
            free = self.slots - len(self._flying)
        if free <= 0 or self._gathers(free):
            return 0
        with transaction(self._database, writes=False) as session:
            # Most ticks find nothing, and then nobody has to wait for a write lock.
            asked = people.asked(session)
            if not (asked or ledger.due(session, self._flows, self._clock())):
                return 0
        with transaction(self._database, writes=True) as session:
            if asked:
                people.carry_out(session, self._clock(), self._judge)
            runs = ledger.claim(session, self._worker, self._flows, self._clock(), free)
            legs = [(run.id, _leg(run), ledger.given(run)) for run in runs]
        self._backlog_at = time.monotonic() if len(legs) == free else 0.0
        for run, leg, given in legs:
            with self._lock:
                self._flying.add(run)
            self._engine.start(leg, given)
        return len(legs)

    def _gathers(self, free: int) -> bool:
        """Whether to wait a moment for more free slots: with a backlog, several are claimed at once."""
        recent = time.monotonic() - self._backlog_at < _GATHERING
        return recent and free < self.slots // 2

    def reap(self) -> int:
        """Take over what dead workers left, and return how much that was."""
        with transaction(self._database, writes=False) as session:
            if not ledger.orphans(session, self._flows, self._clock(), self._lease):
                return 0
        with transaction(self._database, writes=True) as session:
            left = ledger.orphans(session, self._flows, self._clock(), self._lease)
            legs = [(_leg(run), ledger.given(run)) for run in left]
            for run in left:
                run.worker = self._worker
        for leg, given in legs:
            self._take_over(leg, given)
        return len(legs)

    def _take_over(self, leg: str, given: dict[str, object]) -> None:
        state = self._engine.state(leg)
        logging.getLogger(_LOG).info("taking over %s (%s)", leg, state)
        if state is LegState.UNKNOWN:
            self._engine.start(leg, given)  # type: ignore[arg-type]  # it is JSON by construction
        elif state is LegState.UNDER_WAY:
            self._engine.resume(leg)
        else:
            self._break(given)

    def _break(self, given: dict[str, object]) -> None:
        """Hand a leg to people whose body failed: a defect of ours, which repeats itself."""
        failure = Failure("bug", "the flow's interpreter failed; its log tells more")
        ending = {"state": "exception", "failure": failure.as_json(), "journal": given["journal"]}
        with transaction(self._database, writes=True) as session:
            content = session.get_one(FlowDefinition, given["digest"]).content
            flow = Flow.model_validate(content["flow"])
            leg = int(str(given["leg"]))
            ledger.end_leg(session, flow, str(given["run"]), leg, ending, self._clock())


def _leg(run: Run) -> str:
    return f"{run.id}.{run.leg}"
