"""How often one address may try: counted before any signature is checked."""

import ipaddress
import math
from collections.abc import Mapping
from typing import Any

from pydantic import Field

from contracts import catalog
from contracts.problem import Problem
from policies.decision import Denial
from policies.exchange import Exchange, Limit, Ports
from policies.kind import Compiled, Kind, RequestOnly, Spec, Stage, Target

_NETWORK_BITS = 64  # what one subscriber has of IPv6 (RFC 6177): more keys would be no limit
_MAX_KNOWN = 10_000


class AddressLimitSpec(Spec):
    """So many calls of one address per window, over all operations that the policy selects."""

    quota: int = Field(default=600, ge=1, le=1_000_000_000)
    window_seconds: int = Field(default=60, ge=1, le=86_400)
    burst: int | None = Field(default=None, ge=1, le=1_000_000_000)


def compile_rule(spec: AddressLimitSpec, target: Target) -> Compiled:
    """Return the limit; it is shared by all operations with the same numbers."""
    del target  # the same for every operation that is selected
    burst = spec.burst or spec.quota
    return Compiled({"quota": spec.quota, "window_seconds": spec.window_seconds, "burst": burst})


class AddressLimit(RequestOnly):
    """Refuses with 429; no RateLimit fields, for the caller is not known yet."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._quota: int = settings["quota"]
        self._window: int = settings["window_seconds"]
        self._burst: int = settings["burst"]
        self._start = f"address|{self._quota}/{self._window}|"
        self._known: dict[str, str] = {}

    def on_request(self, exchange: Exchange, ports: Ports) -> Denial | None:
        """Count the call."""
        key = self._known.get(exchange.client) or self._key(exchange.client)
        limit = Limit(key, self._quota, self._window, self._burst, away="here")
        (taken,) = ports.take((limit,))
        if taken.allowed:
            return None
        wait = max(1, math.ceil(taken.retry_seconds))
        sentence = f"Too many calls from this address; one more fits in {wait} seconds."
        problem = Problem(
            catalog.QUOTA_EXCEEDED, sentence, extensions={"retry_after_seconds": wait}
        )
        return Denial(problem, (("Retry-After", str(wait)),))

    def _key(self, client: str) -> str:
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        key = self._known[client] = self._start + _subscriber(client)
        return key


def _subscriber(client: str) -> str:
    """Return the address, or the network of an IPv6 address."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    if address.version == 4:  # noqa: PLR2004  # the version of IP
        return client
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, _NETWORK_BITS), strict=False))


_EXAMPLE = """\
policy: patience-with-strangers
kind: address-limit
spec: {quota: 600, window_seconds: 60, burst: 100}
"""

KIND = Kind(
    name="address-limit",
    stage=Stage.ADDRESS,
    summary="Limits calls per client address before credentials are checked.",
    spec=AddressLimitSpec,
    compile=compile_rule,
    build=AddressLimit,
    example=_EXAMPLE,
    problems=(catalog.QUOTA_EXCEEDED,),
    repeatable=True,
)
