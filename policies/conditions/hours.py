"""Time windows of conditions, in UTC: weekdays, hours, and dates. Called by reading and building."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_DAY_SECONDS = 86_400
# 1970-01-01 was a Thursday.
_THURSDAY = 3


def read_hours(value: object) -> dict[str, object]:
    """Return `days` (numbers, Monday is 0), `from`/`to` (minutes), `after`/`before` (epoch seconds).

    Raises `ValueError`.
    """
    known = {"days", "from", "to", "after", "before"}
    if not isinstance(value, Mapping) or not value or not set(value) <= known:
        raise ValueError(f"a time window has {', '.join(sorted(known))}")
    made: dict[str, object] = {}
    if "days" in value:
        days = value["days"]
        if not isinstance(days, list) or not days or not set(map(str, days)) <= set(_DAYS):
            raise ValueError(f"`days` is a list of {', '.join(_DAYS)}")
        made["days"] = sorted({_DAYS.index(day) for day in days})
    if ("from" in value) != ("to" in value):
        raise ValueError("`from` and `to` stand together")
    for name in ("from", "to"):
        if name in value:
            clock = _CLOCK.fullmatch(str(value[name]))
            if clock is None:
                raise ValueError(f"`{name}` is an hour in UTC like '08:00', in quotes")
            made[name] = int(clock[1]) * 60 + int(clock[2])
    if "from" in made and made["from"] == made["to"]:
        raise ValueError("`from` and `to` are the same")
    for name in ("after", "before"):
        if name in value:
            made[name] = _instant(name, value[name])
    return made


def _instant(name: str, value: object) -> float:
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"`{name}` is a date or an instant like 2026-12-01T08:00:00Z") from None
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()


def within(hours: Mapping[str, object]) -> Callable[[float], bool]:
    """Return whether an instant (epoch seconds) lies in the window that `read_hours` returned."""
    days = hours.get("days")
    allowed = frozenset(days if isinstance(days, list) else range(7))
    start, end = _number(hours, "from", 0), _number(hours, "to", 24 * 60)
    after, before = _number(hours, "after", 0), _number(hours, "before", float("inf"))

    def lies(now: float) -> bool:
        if not after <= now < before:
            return False
        day, seconds = divmod(now, _DAY_SECONDS)
        minute = seconds / 60
        # A window over midnight counts by the day that it is now.
        inside = start <= minute < end if start < end else minute >= start or minute < end
        return inside and (int(day) + _THURSDAY) % 7 in allowed

    return lies


def _number(hours: Mapping[str, object], name: str, otherwise: float) -> float:
    value = hours.get(name, otherwise)
    return value if isinstance(value, int | float) else otherwise
