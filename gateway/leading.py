"""Which of a deployment's upstreams a call is led to: the stable one or the canary."""

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from policies.canary import Share, caller
from policies.decision import Decision
from policies.exchange import Exchange
from policies.routing import Canary
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

    def __init__(self, stable: "Target", canary: Canary) -> None:
        plan = stable.contract
        self._canary = canary
        self._share = Share(canary, f"{plan.contract} {plan.version}")
        self._targets = {
            False: replace(stable, lead=None),
            True: elsewhere(stable, canary.upstream),
        }
        source = Source(policy=KIND, file="", line=0)
        self._said = {
            taken: Decision(KIND, "allowed", reason, source, enforced=True)
            for taken, reason in ((False, "stable"), (True, "canary"))
        }

    def choose(self, exchange: Exchange) -> "Target":
        """Return the operation with the upstream of this call, and note it for the ledger."""
        who = caller(self._canary, exchange.application, exchange.headers, exchange.client)
        taken = self._share.takes(exchange.application, who)
        exchange.decisions.append(self._said[taken])
        target = self._targets[taken]
        exchange.contract = target.contract
        return target
