"""What flows need of a durable engine: legs that survive the death of their process, step by step."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from contracts.document import Json
from orchestration.interpreter import Recorder

# The body of a leg: reads its input, acts through the recorder, returns plain data.
LegBody = Callable[[Json, Recorder], Json]


class LegState(StrEnum):
    """What the engine knows of a leg."""

    UNKNOWN = "unknown"  # never started
    UNDER_WAY = "under way"  # somebody works on it, or did when they died
    DONE = "done"
    BROKEN = "broken"  # the leg's body itself failed: a defect, not a refusal of a system


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Where the engine keeps its journal, and who this process is.

    `worker` is unique per process: two processes of one name would act twice. `version` is that of
    the interpreter; legs of another version are left to workers that have it.
    """

    url: str
    worker: str
    version: str
    threads: int = 16
    # What is written is sealed, and opened again; by default it is plain.
    seal: Callable[[Json], Json] = lambda value: value
    open: Callable[[Json], Json] = lambda value: value


class Engine(Protocol):
    """A durable engine."""

    def launch(self, body: LegBody) -> None:
        """Start working; `body` runs every leg."""
        ...

    def close(self) -> None:
        """Stop, after the legs in flight."""
        ...

    def start(self, leg: str, given: Json) -> None:
        """Start a leg on this process; starting it again does nothing."""
        ...

    def resume(self, leg: str) -> None:
        """Go on with a leg whose process died, from its last recorded step."""
        ...

    def state(self, leg: str) -> LegState:
        """Return what is known of a leg."""
        ...

    def cancel(self, leg: str) -> None:
        """Stop a leg before its next step."""
        ...

    def rewind(self, leg: str, step: str) -> None:
        """Run a leg that has ended again, from a recorded step on. Raises `LookupError`."""
        ...

    def forget(self, legs: list[str]) -> None:
        """Delete the journals of legs that have ended."""
        ...
