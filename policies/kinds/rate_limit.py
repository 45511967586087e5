"""How often: limits of the application's plan, or stated here; RateLimit header fields."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from contracts import catalog
from contracts.problem import Problem
from policies.decision import Denial
from policies.exchange import Exchange, Ports, Taken
from policies.kind import Compiled, Kind, RequestOnly, Spec, Stage, Target

Part = Literal["application", "plan", "operation", "contract", "client"]


class RateLimitSpec(Spec):
    """`from: plan`, or a quota per window counted by the parts of `key`."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    source: Literal["plan"] | None = Field(default=None, alias="from")
    quota: int | None = Field(default=None, ge=1, le=1_000_000_000)
    window_seconds: int | None = Field(default=None, ge=1, le=31_622_400)
    burst: int | None = Field(default=None, ge=1, le=1_000_000_000)
    key: tuple[Part, ...] = ("application", "operation")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        stated = self.quota is not None and self.window_seconds is not None
        if (self.source is None) is not stated:
            raise ValueError("state `from: plan`, or `quota` and `window_seconds`")
        if self.source is not None and self.model_fields_set != {"source"}:
            raise ValueError("`from: plan` takes everything from the plan; leave the rest out")
        return self


def compile_rule(spec: RateLimitSpec, target: Target) -> Compiled:
    """Return the limit; plans are looked up per call, because the plan comes with the grant."""
    del target  # every operation that is selected is limited
    if spec.source == "plan":
        return Compiled({"from": "plan"})
    return Compiled(
        {
            "quota": spec.quota,
            "window_seconds": spec.window_seconds,
            "burst": spec.burst or spec.quota,
            "key": list(spec.key),
        }
    )


@dataclass(frozen=True, slots=True)
class _Limit:
    name: str
    quota: int
    window: int
    burst: int
    key: str


class RateLimit(RequestOnly):
    """Counts a call against each limit in turn; the first that is full refuses it."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def on_request(self, exchange: Exchange, ports: Ports) -> Denial | None:
        """Refuse with 429; the RateLimit fields go on every answer (draft-11)."""
        limits = self._limits(exchange, ports)
        states: list[tuple[_Limit, Taken]] = []
        for limit in limits:
            taken = ports.take(limit.key, limit.quota, limit.window, limit.burst)
            states.append((limit, taken))
            if not taken.allowed:
                break
        if not states:
            return None
        exchange.added_headers += _fields(limits, states)
        full, taken = states[-1]
        return None if taken.allowed else _refuse(full, taken)

    def _limits(self, exchange: Exchange, ports: Ports) -> list[_Limit]:
        if "from" in self._settings:
            return _plan_limits(exchange, ports)
        parts = {
            "application": exchange.application or f"@{exchange.client}",
            "plan": exchange.grant.plan if exchange.grant else "",
            "operation": f"{exchange.contract.contract}/{exchange.operation.name}",
            "contract": exchange.contract.contract,
            "client": exchange.client,
        }
        chosen = [f"{part}={parts[part]}" for part in self._settings["key"]]
        quota, window = self._settings["quota"], self._settings["window_seconds"]
        name = "-".join(self._settings["key"]) or "all"
        return [
            _Limit(
                name,
                quota,
                window,
                self._settings["burst"],
                "|".join(["stated", *chosen, f"{quota}/{window}"]),
            )
        ]


def _plan_limits(exchange: Exchange, ports: Ports) -> list[_Limit]:
    """Return the limits of the grant's plan; an optional, anonymous caller has none."""
    if exchange.grant is None:
        return []
    plan = ports.plan(exchange.grant.plan)
    if plan is None:
        # The compiler refuses such a snapshot; a limit must never vanish silently.
        raise LookupError(exchange.grant.plan)
    contract = exchange.contract.contract
    return [
        _Limit(
            limit.name,
            limit.quota,
            limit.window_seconds,
            limit.burst or limit.quota,
            "|".join(
                ["plan", plan.name, limit.name, exchange.application or "", contract]
                + ([exchange.operation.name] if limit.per == "operation" else [])
            ),
        )
        for limit in plan.limits
    ]


def _fields(limits: list[_Limit], states: list[tuple[_Limit, Taken]]) -> list[tuple[str, str]]:
    """Return the structured fields of draft-ietf-httpapi-ratelimit-headers-11."""
    policy = ", ".join(
        f"{_string(limit.name)};q={limit.quota};w={limit.window}" for limit in limits
    )
    state = ", ".join(
        f"{_string(limit.name)};r={taken.remaining};t={math.ceil(taken.reset_seconds)}"
        for limit, taken in states
    )
    return [("RateLimit-Policy", policy), ("RateLimit", state)]


def _string(name: str) -> str:
    """Return an RFC 9651 String; what no String can hold becomes a question mark."""
    name = "".join(letter if " " <= letter <= "~" else "?" for letter in name)
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _refuse(limit: _Limit, taken: Taken) -> Denial:
    wait = max(1, math.ceil(taken.retry_seconds))
    problem = Problem(
        catalog.QUOTA_EXCEEDED,
        f"The limit {limit.name!r} of {limit.quota} calls in {limit.window} seconds is used up; "
        f"one more call fits in {wait} seconds.",
        extensions={"violated-policies": [limit.name], "retry_after_seconds": wait},
    )
    return Denial(problem, (("Retry-After", str(wait)),))


KIND = Kind(
    name="rate-limit",
    stage=Stage.LIMIT,
    summary="Limits calls by plan or by key (GCRA); sends RateLimit, RateLimit-Policy, Retry-After.",
    spec=RateLimitSpec,
    compile=compile_rule,
    build=RateLimit,
    repeatable=True,
)
