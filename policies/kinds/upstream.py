"""How the upstream is treated: its times, when it is asked again, when it is left alone."""

from typing import Any, Literal

from pydantic import Field

from contracts import catalog
from policies.kind import Compiled, Kind, RequestOnly, ResponseOnly, Spec, Stage, Target


class Retries(Spec):
    """Asking again, only where it is safe: methods that may be repeated, and keyed writes."""

    attempts: int = Field(default=0, ge=0, le=5)  # beyond the first; none unless asked for
    statuses: tuple[Literal[502, 503, 504], ...] = (503,)
    budget_percent: int = Field(default=20, ge=1, le=100)  # of the calls of the last seconds
    keyed_writes: bool = False  # POST and PATCH that carry an Idempotency-Key


class Circuit(Spec):
    """Leaving an upstream alone that fails: so many failures in a row, for so long."""

    failures: int = Field(default=10, ge=1, le=1000)
    open_seconds: float = Field(default=5.0, gt=0, le=600)


class UpstreamSpec(Spec):
    """Times in seconds; `total_seconds` counts from the first byte sent to the last received."""

    connect_seconds: float = Field(default=5.0, gt=0, le=60)
    first_byte_seconds: float | None = Field(default=None, gt=0, le=3600)
    total_seconds: float | None = Field(default=None, gt=0, le=3600)
    max_concurrent: int | None = Field(default=None, ge=1, le=100_000)
    retries: Retries = Retries()
    circuit: Circuit | None = None  # none unless asked for


def compile_rule(spec: UpstreamSpec, target: Target) -> Compiled:
    """Return the settings as they are."""
    del target  # the same for every operation that is selected
    return Compiled(spec.model_dump(mode="json"))


class Upstream(RequestOnly, ResponseOnly):
    """Judges nothing itself: the transport reads the settings."""

    def __init__(self, settings: Any) -> None:
        self.settings = UpstreamSpec.model_validate(settings)


_EXAMPLE = """\
policy: careful-with-the-erp
kind: upstream
spec:
  connect_seconds: 2
  first_byte_seconds: 10
  max_concurrent: 64
  retries: {attempts: 2, statuses: [503], budget_percent: 10}
  circuit: {failures: 5, open_seconds: 10}
"""

KIND = Kind(
    name="upstream",
    stage=Stage.UPSTREAM,
    summary="Times, retries with a budget, circuit breaker and concurrency towards the upstream.",
    spec=UpstreamSpec,
    compile=compile_rule,
    build=Upstream,
    when="never",
    example=_EXAMPLE,
    problems=(
        catalog.UPSTREAM_UNREACHABLE,
        catalog.UPSTREAM_INVALID,
        catalog.UPSTREAM_TIMEOUT,
        catalog.UPSTREAM_RESTING,
        catalog.OVERLOADED,
    ),
)
