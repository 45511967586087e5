"""What a check is: an id, the pair it looks at, its effect, and a function that yields hits.

A check names no level; `contracts.compat.severity` derives it. Every area file uses `check`.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from contracts.report import Direction, Effect

P = TypeVar("P")

_ID = re.compile(r"[a-z]+(-[a-z]+)*")
REQUEST = (Direction.REQUEST,)
RESPONSE = (Direction.RESPONSE,)
ANY = (Direction.REQUEST, Direction.RESPONSE, Direction.NONE)


@dataclass(frozen=True, slots=True)
class Hit:
    """What a check saw: the end of a sentence about the subject, and where.

    A pointer that is None stands for the place of the pair itself; `path` leads from the pair to
    the member that is meant.
    """

    message: str
    old: str | None = None
    new: str | None = None
    path: str = ""


@dataclass(frozen=True, slots=True)
class Check(Generic[P]):
    """One rule. Calling it with a pair yields its hits."""

    id: str
    area: str
    pair: type[P]
    effect: Effect
    directions: tuple[Direction, ...]
    sentence: str
    why: str
    fix: str
    find: Callable[[P], Iterable[Hit]]

    def __call__(self, pair: P) -> Iterator[Hit]:
        yield from self.find(pair)


# A list of checks holds checks of many pair types; the engine hands each the type it names.
AnyCheck = Check[Any]


def check(
    name: str,
    effect: Effect,
    pair: type[P],
    *,
    directions: tuple[Direction, ...],
    why: str,
    fix: str = "",
) -> Callable[[Callable[[P], Iterable[Hit]]], Check[P]]:
    """Make a check of a function; the first line of its docstring is its sentence.

    Raises `ValueError` for an id that is not kebab-case or a function without a docstring.
    """
    if _ID.fullmatch(name) is None:
        raise ValueError(f"'{name}' is not a kebab-case check id")

    def decorate(find: Callable[[P], Iterable[Hit]]) -> Check[P]:
        if not find.__doc__:
            raise ValueError(f"the check '{name}' has no docstring")
        sentence = find.__doc__.strip().splitlines()[0]
        area = find.__module__.rpartition(".")[2]
        return Check(name, area, pair, effect, directions, sentence, why, fix, find)

    return decorate


def register(*areas: Iterable[AnyCheck]) -> tuple[AnyCheck, ...]:
    """Return all checks in one tuple. Raises `ValueError` when two have the same id."""
    known: dict[str, AnyCheck] = {}
    for entry in (entry for area in areas for entry in area):
        if entry.id in known:
            raise ValueError(f"two checks are called '{entry.id}'")
        known[entry.id] = entry
    return tuple(known.values())
