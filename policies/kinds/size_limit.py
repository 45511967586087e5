"""How large: declared lengths are judged here, streamed bytes by the transport."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from contracts import catalog
from contracts.problem import Problem
from policies.decision import Denial
from policies.exchange import Exchange, Ports
from policies.kind import Compiled, Kind, RequestOnly, Spec, Stage, Target


class SizeLimitSpec(Spec):
    """Bounds in bytes."""

    request_bytes: int = Field(default=1_048_576, ge=0, le=2**40)
    response_bytes: int = Field(default=16_777_216, ge=0, le=2**40)


def compile_rule(spec: SizeLimitSpec, target: Target) -> Compiled:
    """Return the bounds as they are."""
    del target  # the same for every operation that is selected
    return Compiled(spec.model_dump())


class SizeLimit(RequestOnly):
    """The transport reads the two bounds and cuts off bodies that outgrow them."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.request_bytes: int = settings["request_bytes"]
        self.response_bytes: int = settings["response_bytes"]

    def on_request(self, exchange: Exchange, ports: Ports) -> Denial | None:
        """Refuse with 413 before a byte of the body is read."""
        if (exchange.request_length or 0) <= self.request_bytes:
            return None
        return Denial(
            Problem(
                catalog.REQUEST_TOO_LARGE,
                f"The body may have at most {self.request_bytes} bytes.",
                extensions={"limit_bytes": self.request_bytes},
            )
        )


_EXAMPLE = """\
policy: small-writes
kind: size-limit
select: {operations: [createProject]}
spec: {request_bytes: 65536, response_bytes: 1048576}
"""

KIND = Kind(
    name="size-limit",
    stage=Stage.SIZE,
    summary="Bounds request and response bodies in bytes.",
    spec=SizeLimitSpec,
    compile=compile_rule,
    build=SizeLimit,
    when="never",
    example=_EXAMPLE,
    problems=(catalog.REQUEST_TOO_LARGE, catalog.RESPONSE_TOO_LARGE),
)
