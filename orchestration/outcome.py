"""What a step's attempt came to, as plain data: it is recorded, and travels between processes."""

from dataclasses import asdict, dataclass
from typing import cast

from contracts.document import Json
from orchestration.definition import Category

# Trying again may help for these; the others need a change first.
PASSING = frozenset({"transient", "outage"})


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed: a cause class, a sentence without personal values, and when to try again."""

    category: Category
    sentence: str
    retry_seconds: float | None = None  # what the system asked for
    jitter: float = 0.0  # drawn when it happened, so that a replay waits as long
    missing: bool = False  # there is nothing by that name
    patient: bool = False  # nobody's failure: it is waited for, and no attempt is counted

    def as_json(self) -> dict[str, Json]:
        """Return the members; `patient` only where it is so, for releases that do not know it."""
        members = cast("dict[str, Json]", asdict(self))
        return members if self.patient else {k: v for k, v in members.items() if k != "patient"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A value, or why there is none."""

    value: Json = None
    failure: Failure | None = None

    def as_json(self) -> dict[str, Json]:
        """Return the recorded form."""
        if self.failure is None:
            return {"value": self.value}
        return {"failure": self.failure.as_json()}


def outcome_of(record: Json) -> Outcome:
    """Return the outcome behind its recorded form."""
    if isinstance(record, dict) and isinstance(record.get("failure"), dict):
        return Outcome(failure=Failure(**record["failure"]))  # type: ignore[arg-type]  # written by `as_json`
    return Outcome(record.get("value") if isinstance(record, dict) else None)


def delay(first: float, most: float, attempt: int, failure: Failure) -> float:
    """Return the seconds to wait before the next attempt: exponential, with full jitter.

    `attempt` counts from 1. What the system asked for is a lower bound.
    """
    ceiling = min(most, first * float(2 ** min(attempt - 1, 30)))
    return max(failure.retry_seconds or 0.0, ceiling * failure.jitter)
