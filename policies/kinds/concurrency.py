"""How many at once: places that calls hold from their admission to their end."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Literal

from pydantic import Field

from contracts import catalog
from contracts.problem import Problem
from policies.decision import Denial
from policies.exchange import Exchange, Ports
from policies.kind import Compiled, Kind, RequestOnly, Spec, Stage, Target

_RETRY = "1"


class ConcurrencySpec(Spec):
    """`limit` calls at a time for each combination of the parts of `key`."""

    limit: int = Field(ge=1, le=100_000)
    key: tuple[Literal["application", "operation", "contract", "client"], ...] = (
        "application",
        "operation",
    )


def compile_rule(spec: ConcurrencySpec, target: Target) -> Compiled:
    """Return the limit as it is."""
    del target  # the same for every operation that is selected
    return Compiled({"limit": spec.limit, "key": list(spec.key)})


class Concurrency(RequestOnly):
    """Refuses with 429 while all places are taken; a place is free when the call has ended."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._limit: int = settings["limit"]
        self._key: list[str] = settings["key"]

    def on_request(self, exchange: Exchange, ports: Ports) -> Denial | None:
        """Take a place."""
        parts = {
            "application": exchange.application or f"@{exchange.client}",
            "operation": f"{exchange.contract.contract}/{exchange.operation.name}",
            "contract": exchange.contract.contract,
            "client": exchange.client,
        }
        key = "|".join(["places", *(f"{part}={parts[part]}" for part in self._key)])
        if ports.enter(key, self._limit):
            exchange.at_end.append(partial(ports.leave, key))
            return None
        problem = Problem(
            catalog.CONCURRENCY_EXCEEDED,
            f"At most {self._limit} calls may run at a time here.",
            extensions={"limit": self._limit},
        )
        return Denial(problem, (("Retry-After", _RETRY),))


_EXAMPLE = """\
policy: exports-one-at-a-time
kind: concurrency
select: {operations: ['GET /projects*']}
spec: {limit: 2, key: [application]}
"""

KIND = Kind(
    name="concurrency",
    stage=Stage.CONCURRENCY,
    summary="Limits how many calls run at a time by application, operation, contract or client.",
    spec=ConcurrencySpec,
    compile=compile_rule,
    build=Concurrency,
    example=_EXAMPLE,
    problems=(catalog.CONCURRENCY_EXCEEDED,),
    repeatable=True,
)
