"""Figures of a run, and how several runs become one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from statistics import median


@dataclass(frozen=True)
class Figures:
    """One gateway in one run."""

    rps: float
    cpu_us: float  # CPU of the gateway's processes per call, microseconds
    p50_ms: float
    p99_ms: float
    rss_mb: float
    failures: int = 0  # answers other than 200


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of the values do not exceed.

    `ordered` ascends and is not empty; `share` is above 0 and at most 1 (nearest rank).
    """
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def combined(runs: Sequence[Figures]) -> Figures:
    """Return the median of each figure, so that one disturbed run does not count."""
    names = [field.name for field in fields(Figures)]
    return Figures(**{name: median(getattr(run, name) for run in runs) for name in names})


def ratio(one: float, other: float) -> float:
    """Return one over the other; NaN where there is nothing to divide by."""
    return one / other if other else math.nan
