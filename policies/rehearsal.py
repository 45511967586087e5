"""One call judged by the real enforcers without a gateway: nothing is counted, nothing is asked.

The caller is taken as verified. Called by `explain`.
"""

from collections.abc import Mapping, Sequence

from policies.conditions.building import build as build_condition
from policies.decision import Denial
from policies.exchange import Exchange, Identity, Limit, Proof, Rejected, Taken
from policies.kinds import KINDS
from policies.snapshot import ContractPlan, GrantPlan, OperationPlan, Rule, Snapshot, UsagePlan
from policies.stores import Kept, Store

_NO_CREDENTIAL = Rejected("No credential is verified in a rehearsal.")


class _EmptyStore:
    """Keeps nothing: a rehearsal meets no reply of an earlier call."""

    def get(self, key: str, now: float) -> Kept | None:
        """Find nothing."""
        del key, now
        return None

    def put(self, key: str, kept: Kept) -> None:
        """Keep nothing."""

    def reserve(self, key: str, mark: bytes) -> bytes | None:
        """Let the call have the key."""
        del key, mark
        return None

    def release(self, key: str) -> None:
        """Nothing was taken."""


class DryPorts:
    """Implements `policies.exchange.Ports`: every limit has room, every place is free."""

    def __init__(self, snapshot: Snapshot, now: float, grant: GrantPlan | None) -> None:
        self._plans = {plan.name: plan for plan in snapshot.plans}
        self._grant = grant
        self._now = now

    def now(self) -> float:
        """Return the time of the rehearsal."""
        return self._now

    def take(self, limits: Sequence[Limit]) -> Sequence[Taken]:
        """Count nothing."""
        return [Taken(True, limit.quota, 0.0, 0.0) for limit in limits]

    def enter(self, key: str, limit: int) -> bool:
        """Take nothing."""
        del key
        return limit > 0

    def leave(self, key: str) -> None:
        """Give nothing back."""

    def verify_token(
        self, token: str, skew_seconds: int, issuers: frozenset[str] | None = None
    ) -> Identity | Rejected:
        """Verify nothing."""
        del token, skew_seconds, issuers
        return _NO_CREDENTIAL

    def verify_key(self, key: str) -> Identity | Rejected:
        """Verify nothing."""
        del key
        return _NO_CREDENTIAL

    def check_proof(self, proof: Proof) -> Rejected | None:
        """Accept no proof."""
        del proof
        return _NO_CREDENTIAL

    def proof_nonce(self) -> str:
        """Return no nonce."""
        return ""

    def store(self, name: str) -> Store:
        """Return an empty store."""
        del name
        return _EmptyStore()

    def grant(self, application: str, contract: str) -> GrantPlan | None:
        """Return the grant that the rehearsal is about."""
        held = self._grant
        fits = held is not None and (held.application, held.contract) == (application, contract)
        return held if fits else None

    def pseudonym(self, text: str) -> str:
        """Return no pseudonym that could be compared."""
        del text
        return "****"

    def plan(self, name: str) -> UsagePlan | None:
        """Return the plan by name."""
        return self._plans.get(name)


def rehearse(
    plan: ContractPlan,
    operation: OperationPlan,
    ports: DryPorts,
    identity: Identity,
    headers: Mapping[str, str],
) -> list[dict[str, str]]:
    """Return `condition` and `decision` of each rule, in order; all are asked, also after a refusal."""
    exchange = Exchange(
        operation.method, operation.path, "", headers, "127.0.0.1", "rehearsal", plan, operation
    )
    exchange.application, exchange.scopes = identity.application or None, identity.scopes
    exchange.claims, exchange.credential = identity.claims, "bearer"
    return [_word(rule, exchange, ports) for rule in operation.rules]


def _word(rule: Rule, exchange: Exchange, ports: DryPorts) -> dict[str, str]:
    told = {"condition": "none"}
    if rule.when is not None:
        try:
            matched = build_condition(rule.when, ports.now)(exchange)
        except ValueError as error:
            return {"condition": "cannot be judged", "decision": f"refuses: {error}"}
        told["condition"] = "matched" if matched else "not matched"
        if not matched:
            return told | {"decision": "silent"}
    kind = KINDS[rule.kind]
    if rule.kind == "authenticate":
        return told | {"decision": "caller taken as verified"}
    if kind.build_with is not None or kind.needs_request_body or kind.needs_response_body:
        return told | {"decision": "judges the bodies; not rehearsed"}
    word = kind.build(rule.settings).on_request(exchange, ports)
    if isinstance(word, Denial):
        verb = "refuses" if rule.mode == "enforce" else "would refuse"
        problem = word.problem
        return told | {"decision": f"{verb}: {problem.type.status} {problem.type.slug}"}
    return told | {"decision": "passes" if word is None else "answers itself"}
