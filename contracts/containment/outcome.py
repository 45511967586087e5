"""What a search can answer: a value, none, or not known."""

from dataclasses import dataclass
from typing import TypeAlias

from contracts.document import Json


@dataclass(frozen=True, slots=True)
class Found:
    """A value that meets the goal."""

    value: Json


@dataclass(frozen=True, slots=True)
class Nothing:
    """Proven: no value meets the goal."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Neither is known; `guesses` are values that a validator may still confirm."""

    reason: str
    guesses: tuple[Json, ...] = ()


NONE = Nothing()
Outcome: TypeAlias = Found | Nothing | Unknown
