"""Trouble on demand: what a system answers instead, or besides; set over `PUT /-/faults/{system}`."""

import threading
from dataclasses import dataclass, replace

from contracts.document import Json
from orchestration.serving import Answer, Answerer, Call

KINDS = ("429", "5xx", "5xx-after-commit", "slow", "down", "stale-read")
# Of the feed of events (the system `feed`): what a notification service may do.
FEED_KINDS = ("duplicate-event", "repeated-event", "out-of-order")
MAX_COUNT = 1_000
_SLOW_SECONDS = 1.5
_MOST_READS = 10_000


@dataclass(slots=True)
class Fault:
    """A kind of trouble, for so many calls, of one operation or of all."""

    kind: str
    count: int
    operation: str = ""


class Faults:
    """The troubles of all systems."""

    def __init__(self) -> None:
        self._faults: dict[str, list[Fault]] = {}
        self._reads: dict[str, Answer] = {}  # the last answers to reads, for stale ones
        self._lock = threading.Lock()

    def set(self, system: str, fault: Fault) -> None:
        """Add a trouble; a count of 0 ends all of the system's."""
        with self._lock:
            self._faults[system] = [*self._faults.get(system, []), fault] if fault.count else []

    def _next(self, system: str, operation: str) -> str:
        with self._lock:
            for fault in self._faults.get(system, []):
                if fault.count > 0 and fault.operation in ("", operation):
                    fault.count -= 1
                    return fault.kind
        return ""

    def around(self, system: str, answer: Answerer) -> Answerer:
        """Return the answerer with its troubles."""

        def troubled(call: Call) -> Answer:
            kind = self._next(system, call.operation.name)
            if kind == "429":
                return Answer(429, b"", {"Retry-After": "1"}, "text/plain")
            if kind in ("5xx", "down"):
                return Answer(503 if kind == "down" else 500, b"", {}, "text/plain")
            asked = f"{system} {call.operation.name} {sorted(map(str, call.values.items()))}"
            if kind == "stale-read" and asked in self._reads:
                return self._reads[asked]
            done = answer(call)
            if call.operation.method.upper() == "GET":
                self._keep(asked, done)
            if kind == "slow":
                return replace(done, delay=_SLOW_SECONDS)
            return Answer(502, b"", {}, "text/plain") if kind == "5xx-after-commit" else done

        return troubled

    def _keep(self, asked: str, answer: Answer) -> None:
        with self._lock:
            if len(self._reads) >= _MOST_READS:
                self._reads.clear()
            self._reads[asked] = answer

    def events(self, events: list[dict[str, Json]]) -> list[dict[str, Json]]:
        """Return a page of the feed with its troubles: the same events, told worse."""
        if not events:
            return events
        kind = self._next("feed", "")
        if kind == "out-of-order":
            return events[::-1]
        if kind == "duplicate-event":
            return [each for event in events for each in (event, event)]
        if kind == "repeated-event":
            # The same news under another id, as a sender does that forgets what it has sent.
            again = [{**event, "id": f"{event['id']}-again"} for event in events]
            return [*events, *again]
        return events
