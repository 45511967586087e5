"""Trouble on demand: what a system answers instead, or besides; set over `PUT /-/faults/{system}`."""

import threading
from dataclasses import dataclass, replace

from orchestration.serving import Answer, Answerer, Call

KINDS = ("429", "5xx", "5xx-after-commit", "slow", "down")
MAX_COUNT = 1_000
_SLOW_SECONDS = 1.5


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
            done = answer(call)
            if kind == "slow":
                return replace(done, delay=_SLOW_SECONDS)
            return Answer(502, b"", {}, "text/plain") if kind == "5xx-after-commit" else done

        return troubled
