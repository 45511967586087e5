"""A business metric: its definition in words, its figure, and the records behind it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from statistics import median, quantiles
from typing import Any

from sqlalchemy.orm import Session

Record = Mapping[str, Any]
_AGES = (("0-7 d", 7.0), ("8-14 d", 14.0), ("15-30 d", 30.0), ("30+ d", float("inf")))


@dataclass(frozen=True, slots=True)
class Figure:
    """What a metric comes to now: `value` is None where nothing has happened yet."""

    value: str | None
    unit: str
    details: Mapping[str, Any] = field(default_factory=dict)
    records: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric; `definition` says how the figure is made, so that nobody has to guess."""

    name: str
    title: str
    definition: str
    compute: Callable[[Session, datetime], Figure]


def moment(value: object) -> datetime | None:
    """Return the time that a fact's data holds, or None."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else None


def hours_between(start: datetime, stop: datetime) -> float:
    """Return the hours from one time to another, never below zero."""
    return max(0.0, (stop - start).total_seconds() / 3600)


def spread(values: Iterable[float]) -> tuple[str | None, dict[str, Any]]:
    """Return the median, and the 90th percentile beside it."""
    found = sorted(values)
    if not found:
        return None, {"count": 0}
    top = quantiles(found, n=10)[8] if len(found) > 1 else found[0]
    return f"{median(found):.2f}", {"count": len(found), "p90": f"{top:.2f}"}


def sums(amounts: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the totals of (amount, currency) pairs by currency; currencies are never added up."""
    totals: dict[str, Decimal] = {}
    for amount, currency in amounts:
        if amount:
            totals[currency] = totals.get(currency, Decimal(0)) + Decimal(amount)
    return {currency: f"{total:.2f}" for currency, total in sorted(totals.items())}


def aged(hours: Iterable[float]) -> dict[str, int]:
    """Return how many are how old, in days."""
    buckets = dict.fromkeys([name for name, _ in _AGES], 0)
    for value in hours:
        buckets[next(name for name, limit in _AGES if value / 24 <= limit)] += 1
    return buckets
