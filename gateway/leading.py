"""Which of a deployment's upstreams a call is led to: the canary, or the next address in turn."""

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gateway.addresses import Addresses, Member, Ring
from policies.canary import Share, caller
from policies.decision import Decision
from policies.exchange import Exchange
from policies.routing import Ejection, Routing
from policies.snapshot import ContractPlan, Source

if TYPE_CHECKING:
    from gateway.runtime import Target

KIND = "canary"


def address(plan: ContractPlan) -> tuple[str, str]:
    """Return base and authority of the upstream, as targets keep them."""
    upstream = urlsplit(plan.upstream)
    return upstream.path.rstrip("/"), upstream.netloc


def elsewhere(target: "Target", upstream: str) -> "Target":
    """Return the same operation with another upstream."""
    plan = target.contract.model_copy(update={"upstream": upstream.rstrip("/")})
    base, authority = address(plan)
    return replace(target, contract=plan, lead=None, base=base, authority=authority)


class Lead:
    """Chooses the upstream of each call; built once per operation."""

    def __init__(self, stable: "Target", routing: Routing, addresses: Addresses) -> None:
        plan = stable.contract
        self._stable = replace(stable, lead=None)
        self._ring = _ring(stable, routing, addresses) if routing.addresses else None
        self._canary = routing.canary
        if routing.canary is not None:
            self._share = Share(routing.canary, f"{plan.contract} {plan.version}")
            self._aside = elsewhere(stable, routing.canary.upstream)
        source = Source(policy=KIND, file="", line=0)
        self._said = {
            taken: Decision(KIND, "allowed", reason, source, enforced=True)
            for taken, reason in ((False, "stable"), (True, "canary"))
        }

    def choose(self, exchange: Exchange) -> "Target":
        """Return the operation with the upstream of this call, and note a canary for the ledger."""
        target = None
        canary = self._canary
        if canary is not None:
            who = caller(canary, exchange.application, exchange.headers, exchange.client)
            taken = self._share.takes(exchange.application, who)
            exchange.decisions.append(self._said[taken])
            target = self._aside if taken else None
        if target is None:
            target = self._stable if self._ring is None else self._ring.next()
        exchange.contract = target.contract
        return target


def _ring(stable: "Target", routing: Routing, addresses: Addresses) -> Ring:
    ring = Ring(routing.ejection or Ejection(), addresses.now)
    urls = dict.fromkeys(url.rstrip("/") for url in (stable.contract.upstream, *routing.addresses))
    members = []
    for url in urls:
        address = addresses.get(url)
        member = Member(ring, address, len(urls) - 1)
        members.append((address, replace(elsewhere(stable, url), member=member)))
    ring.fill(members)
    return ring
