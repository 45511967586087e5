"""The generic cell rate algorithm: a rate limit in one number per key.

Source: ITU-T I.371, the virtual scheduling form. The state is the theoretical arrival time (TAT);
a refused call leaves it alone, so that a steady caller above the limit still gets its quota.
"""

from policies.exchange import Taken


def gcra(
    tat: float, now: float, quota: int, window_seconds: float, burst: int, cost: int = 1
) -> tuple[float, Taken]:
    """Return the new TAT (epoch seconds) and what the call got.

    `quota` calls per `window_seconds` flow steadily, and `burst` of them may come at once; the
    call counts as `cost` of them.
    """
    interval = window_seconds / quota
    start = max(now, tat)
    tolerance = interval * burst
    after = start + interval * cost
    # A billionth of an interval forgives rounding of epoch seconds, never a whole call.
    if after - now > tolerance + interval * 1e-6:
        left = int((tolerance - (start - now)) / interval + 1e-6)
        return tat, Taken(False, max(0, left), start - now, after - now - tolerance)
    remaining = int((tolerance - (after - now)) / interval + 1e-6)
    return after, Taken(True, remaining, after - now, 0.0)
