"""Brownouts: hours in which a version that is about to go refuses calls, so that its callers notice.

Windows come from a lifecycle policy, are compiled to plain numbers, and asked in constant time.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, NamedTuple, Self

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_DURATION = re.compile(r"([1-9][0-9]{0,6})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def _seconds(text: object) -> int:
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError("a duration is written like `90s`, `15m`, `2h` or `1d`")
    return int(match[1]) * _SECONDS[match[2]]


Duration = Annotated[int, BeforeValidator(_seconds)]


class Brownout(BaseModel):
    """From when until when; with `every` and `for`, again and again within that time."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    starts: AwareDatetime = Field(alias="from")
    until: AwareDatetime
    every: Duration | None = None
    lasts: Duration | None = Field(default=None, alias="for")

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.until <= self.starts:
            raise ValueError("`until` must be later than `from`")
        if (self.every is None) is not (self.lasts is None):
            raise ValueError("`every` and `for` belong together")
        if self.every is not None and self.lasts is not None and self.lasts >= self.every:
            raise ValueError("`for` must be shorter than `every`")
        return self

    def plain(self) -> dict[str, int]:
        """Return the window as it stands in a snapshot: epoch seconds and seconds."""
        starts, until = int(self.starts.timestamp()), int(self.until.timestamp())
        whole = until - starts
        return {
            "from": starts,
            "until": until,
            "every": self.every or whole,
            "for": self.lasts or whole,
        }


class Window(NamedTuple):
    """One brownout, in epoch seconds; `ends` is the first second after it."""

    starts: int
    ends: int


class Schedule:
    """All brownouts of an operation."""

    def __init__(self, windows: Iterable[Mapping[str, Any]]) -> None:
        self._rows = [(w["from"], w["until"], w["every"], w["for"]) for w in windows]
        self._known: Window | None = None
        self._known_until = 0.0  # the answer for `_known` holds from `_known_from` until then
        self._known_from = 0.0

    def window(self, now: float) -> Window | None:
        """Return the brownout of `now`, or the next one; of two at once the one that ends later."""
        if self._known_from <= now < self._known_until:
            return self._known
        found = [window for row in self._rows if (window := _of_row(row, now)) is not None]
        open_now = [window for window in found if window.starts <= now]
        best = max(open_now, key=_ends) if open_now else min(found, default=None)
        self._known, self._known_from = best, now
        changes = [at for window in found for at in window if at > now]
        self._known_until = min(changes, default=float("inf"))
        return best


def _ends(window: Window) -> int:
    return window.ends


def _of_row(row: tuple[int, int, int, int], now: float) -> Window | None:
    starts, until, every, lasts = row
    if now >= until:
        return None
    turn = max(0, int((now - starts) // every))
    for start in (starts + turn * every, starts + (turn + 1) * every):
        window = Window(start, min(start + lasts, until))
        if start < until and now < window.ends:
            return window
    return None
