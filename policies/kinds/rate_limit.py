"""How often: limits of the application's plan, or stated here; RateLimit header fields."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from contracts import catalog
from contracts.problem import Problem
from policies.decision import Denial
from policies.exchange import Exchange, Limit, Ports, Taken
from policies.kind import Compiled, Kind, RequestOnly, Spec, Stage, Target
from policies.periods import Clock, PeriodName, zone

_PARTS = frozenset({"application", "plan", "operation", "contract", "client"})
_CLAIM = re.compile(r"claim\.[A-Za-z0-9_.:/-]{1,100}")
_CLAIM_LENGTH = 200
_NOMINAL = {"hour": 3_600, "day": 86_400, "week": 604_800, "month": 2_592_000}


class RateLimitSpec(Spec):
    """`from: plan`, or a quota per window or calendar period, counted by the parts of `key`."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    source: Literal["plan"] | None = Field(default=None, alias="from")
    quota: int | None = Field(default=None, ge=1, le=1_000_000_000)
    window_seconds: int | None = Field(default=None, ge=1, le=31_622_400)
    burst: int | None = Field(default=None, ge=1, le=1_000_000_000)
    period: PeriodName | None = None  # in place of a window: the quota of each hour, day, ...
    zone: str | None = Field(default=None, max_length=60)  # where it is midnight; UTC
    key: tuple[str, ...] = Field(default=("application", "operation"), max_length=10)
    cost: int = Field(default=1, ge=1, le=1_000_000)  # what one call takes of the quota
    # Without the shared counters: this process's share, no call at all, or every call.
    away: Literal["local", "closed", "open"] = "local"

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        ways = (self.window_seconds is not None) + (self.period is not None)
        if ways != (self.source is None) or (self.quota is None) is not (self.source is not None):
            raise ValueError("state `from: plan`, or `quota` and `window_seconds` or `period`")
        if self.period is not None and self.burst is not None:
            raise ValueError("`burst` belongs to `window_seconds`; a period is used as one likes")
        if self.zone is not None:
            if self.period is None:
                raise ValueError("`zone` belongs to `period`")
            zone(self.zone)
        if self.source is not None and not self.model_fields_set <= {"source", "cost", "away"}:
            raise ValueError("`from: plan` takes everything else from the plan; leave the rest out")
        burst = self.burst or self.quota
        if burst is not None and self.cost > burst:
            raise ValueError("one call would cost more than `burst`: none would ever fit")
        return self

    @field_validator("key")
    @classmethod
    def _known_parts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            if part not in _PARTS and not _CLAIM.fullmatch(part):
                known = ", ".join(sorted(_PARTS))
                raise ValueError(f"{part[:80]!r} is not one of {known} or `claim.NAME`")
        return value


def compile_rule(spec: RateLimitSpec, target: Target) -> Compiled:
    """Return the limit; plans are looked up per call, because the plan comes with the grant."""
    del target  # every operation that is selected is limited
    if spec.source == "plan":
        return Compiled({"from": "plan", "cost": spec.cost, "away": spec.away})
    return Compiled(
        {
            "quota": spec.quota,
            "window_seconds": spec.window_seconds,
            "period": spec.period,
            "zone": spec.zone,
            "burst": spec.burst or spec.quota,
            "key": list(spec.key),
            "cost": spec.cost,
            "away": spec.away,
        }
    )


@dataclass(frozen=True, slots=True)
class _Bucket:
    """A limit without its caller: what goes before the caller in the key, and how it is written."""

    name: str
    quoted: str  # `"name";r=`, an RFC 9651 String and the start of its parameter
    start: str
    quota: int
    window: int  # seconds; of a period nominal
    burst: int
    clock: Clock | None = None  # of a calendar period

    def limit(self, caller: str, cost: int, away: str, now: float) -> Limit:
        """Return the limit of one caller."""
        if self.clock is None:
            return Limit(self.start + caller, self.quota, self.window, self.burst, cost, away)
        period = self.clock.at(now)
        key = f"{self.start}{period.name}|{caller}"
        return Limit(key, self.quota, self.window, self.burst, cost, away, period.until)


@dataclass(frozen=True, slots=True)
class _Buckets:
    """Limits that hold together, and their RateLimit-Policy field, which never changes."""

    all: tuple[_Bucket, ...]
    policy: tuple[str, str]
    timed: bool


class RateLimit(RequestOnly):
    """Counts a call against all its limits, or against none where one of them is full."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._key: list[str] | None = settings.get("key")
        self._cost: int = settings.get("cost", 1)
        self._away: str = settings.get("away", "local")
        self._stated = None if self._key is None else _stated(settings, self._key)
        self._plans: dict[str, _Buckets] = {}

    def on_request(self, exchange: Exchange, ports: Ports) -> Denial | None:
        """Refuse with 429; the RateLimit fields go on every answer (draft-11)."""
        if self._stated is not None and self._key is not None:
            buckets, caller = self._stated, _parts(self._key, exchange)
        elif exchange.grant is None:
            return None  # an optional, anonymous caller has no plan
        else:
            name = exchange.grant.plan
            buckets = self._plans.get(name) or self._plan(name, exchange, ports)
            caller = exchange.application or ""
        now = ports.now() if buckets.timed else 0.0
        limits = [b.limit(caller, self._cost, self._away, now) for b in buckets.all]
        if not limits:
            return None
        states = ports.take(limits)
        state = ", ".join(
            [
                f"{bucket.quoted}{taken.remaining};t={math.ceil(taken.reset_seconds)}"
                for bucket, taken in zip(buckets.all, states, strict=True)
            ]
        )
        exchange.added_headers += (buckets.policy, ("RateLimit", state))
        for bucket, taken in zip(buckets.all, states, strict=True):
            if not taken.allowed:
                return _refuse(bucket, taken)
        return None

    def _plan(self, name: str, exchange: Exchange, ports: Ports) -> _Buckets:
        plan = ports.plan(name)
        if plan is None:
            # The compiler refuses such a snapshot; a limit must never vanish silently.
            raise LookupError(name)
        contract, operation = exchange.contract.contract, exchange.operation.name
        found = []
        for limit in plan.limits:
            each = f"{operation}|" if limit.per == "operation" else ""
            start = f"plan|{plan.name}|{limit.name}|{contract}|{each}"
            found.append(_bucket(limit.name, start, limit.model_dump()))
        buckets = self._plans[name] = _together(found)
        return buckets


def _stated(settings: Mapping[str, Any], key: list[str]) -> _Buckets:
    quota, window = settings["quota"], settings.get("period") or settings["window_seconds"]
    start = f"stated|{quota}/{window}|"
    return _together([_bucket("-".join(key) or "all", start, settings)])


def _parts(key: list[str], exchange: Exchange) -> str:
    parts = {
        "application": exchange.application or f"@{exchange.client}",
        "plan": exchange.grant.plan if exchange.grant else "",
        "operation": f"{exchange.contract.contract}/{exchange.operation.name}",
        "contract": exchange.contract.contract,
        "client": exchange.client,
    }
    found = [f"{part}={parts[part]}" for part in key if part in parts]
    return "|".join(found + [_claim(part, exchange) for part in key if part not in parts])


def _claim(part: str, exchange: Exchange) -> str:
    """Return a claim as a part of the key; callers without it share one counter."""
    value = exchange.claims.get(part.removeprefix("claim."))
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    return f"{part}={text[:_CLAIM_LENGTH]}"


def _bucket(name: str, start: str, facts: Mapping[str, Any]) -> _Bucket:
    quota, period = facts["quota"], facts.get("period")
    clock = None if period is None else Clock(period, facts.get("zone") or "UTC")
    window = facts["window_seconds"] if period is None else _NOMINAL[period]
    quoted = f"{_string(name)};r="
    return _Bucket(name, quoted, start, quota, window, facts["burst"] or quota, clock)


def _together(buckets: list[_Bucket]) -> _Buckets:
    # A period's length differs from one to the next: `w` is left out, and `t` is exact.
    policy = ", ".join(
        f"{_string(b.name)};q={b.quota}" + (f";w={b.window}" if b.clock is None else "")
        for b in buckets
    )
    timed = any(b.clock is not None for b in buckets)
    return _Buckets(tuple(buckets), ("RateLimit-Policy", policy), timed)


def _string(name: str) -> str:
    """Return an RFC 9651 String; what no String can hold becomes a question mark."""
    name = "".join(letter if " " <= letter <= "~" else "?" for letter in name)
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _refuse(bucket: _Bucket, taken: Taken) -> Denial:
    wait = max(1, math.ceil(taken.retry_seconds))
    span = f"in {bucket.window} seconds" if bucket.clock is None else f"per {bucket.clock.kind}"
    problem = Problem(
        catalog.QUOTA_EXCEEDED,
        f"The limit {bucket.name!r} of {bucket.quota} calls {span} is used up; "
        f"one more call fits in {wait} seconds.",
        extensions={"violated-policies": [bucket.name], "retry_after_seconds": wait},
    )
    return Denial(problem, (("Retry-After", str(wait)),))


_EXAMPLE = """\
policy: costly-search
kind: rate-limit
select: {operations: [listProjects]}
spec: {quota: 600, window_seconds: 60, burst: 50, key: [application, claim.region], cost: 5}
---
policy: monthly-allowance
kind: rate-limit
spec: {quota: 100000, period: month, zone: Europe/Vienna, key: [application]}
"""

KIND = Kind(
    name="rate-limit",
    stage=Stage.LIMIT,
    summary="Limits calls by plan or by key (GCRA, or calendar periods); sends RateLimit, RateLimit-Policy, Retry-After.",
    spec=RateLimitSpec,
    compile=compile_rule,
    build=RateLimit,
    example=_EXAMPLE,
    problems=(catalog.QUOTA_EXCEEDED,),
    repeatable=True,
)
