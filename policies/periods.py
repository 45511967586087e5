"""Calendar periods of a quota: an hour, day, week or month of a time zone.

Source: ISO 8601 for weeks (Monday first); boundaries follow the zone's wall clock, so that a day in
which clocks change has 23 or 25 hours.
"""

from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

PeriodName: TypeAlias = Literal["hour", "day", "week", "month"]


class Period(NamedTuple):
    """One period: how counters are named after it, and when it ends (epoch seconds)."""

    name: str
    until: float


def zone(name: str) -> ZoneInfo:
    """Return the time zone. Raises `ValueError` for one that nobody knows."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name[:60]!r} is not a time zone, such as Europe/Vienna") from None


def period_at(now: float, kind: PeriodName, where: ZoneInfo) -> Period:
    """Return the period that `now` (epoch seconds) is in."""
    at = datetime.fromtimestamp(now, UTC).astimezone(where)
    if kind == "hour":
        # An hour that happens twice when clocks go back is two periods.
        start = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return Period(f"{start:%Y-%m-%dT%HZ}", (start + timedelta(hours=1)).timestamp())
    day = at.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if kind == "day":
        return Period(f"{day:%Y-%m-%d}", (day + timedelta(days=1)).timestamp())
    if kind == "week":
        monday = day - timedelta(days=day.weekday())
        return Period(f"{monday:%G-W%V}", (monday + timedelta(days=7)).timestamp())
    first = day.replace(day=1)
    return Period(f"{first:%Y-%m}", (first + timedelta(days=32)).replace(day=1).timestamp())


class Clock:
    """The current period of one quota; worked out anew only when it has ended."""

    def __init__(self, kind: PeriodName, zone_name: str) -> None:
        self.kind: PeriodName = kind
        self._zone = zone(zone_name)
        self._from, self._period = 0.0, Period("", 0.0)

    def at(self, now: float) -> Period:
        """Return the period of a time in epoch seconds."""
        if not self._from <= now < self._period.until:
            self._from, self._period = now, period_at(now, self.kind, self._zone)
        return self._period
