"""Issuers of others that gateways trust: registered per environment, compiled like everything else."""

from typing import Any

from contracts import catalog
from contracts.errors import TreatyError
from policies.issuers import checked
from policies.jwk import PRIVATE
from policies.snapshot import IssuerPlan
from registry.db.models import Environment, TrustedIssuer
from registry.permissions import Permission
from registry.services import snapshots
from registry.services.work import Work

OWN = "treaty"


def write(
    work: Work, environment: str, name: str, facts: dict[str, Any], known: TrustedIssuer | None
) -> TrustedIssuer:
    """Trust an issuer, or trust it otherwise. Raises what the compiler raises (invalid-issuer)."""
    work.require(Permission.ISSUER_ADMIN)
    work.get(Environment, environment, "environment")
    if name == OWN:
        raise TreatyError(catalog.CONFLICT, f"{OWN!r} is the registry's own issuer.")
    kept = _public(snapshots.issuer_plan(name, facts))
    row = known
    if row is None:
        row = TrustedIssuer(
            environment=environment, name=name, facts=kept, revision=1, created_at=work.now()
        )
        work.session.add(row)
    else:
        row.facts = kept
        row.revision += 1
    work.record("issuer.trusted", f"{environment}/{name}", issuer=kept["issuer"])
    snapshots.recompile(work)
    return row


def _public(plan: IssuerPlan) -> dict[str, Any]:
    """Return what is stored: usable keys only, and nothing secret.

    Raises `TreatyError` (invalid-issuer), also for private keys: whoever sent them must know.
    """
    keys = plan.jwks.get("keys")
    entries = keys if isinstance(keys, list) else []
    if any(isinstance(entry, dict) and not PRIVATE.isdisjoint(entry) for entry in entries):
        sentence = "The JWK Set holds private members. Replace those keys; send public ones only."
        raise TreatyError(catalog.INVALID_ISSUER, sentence)
    (kept,) = checked((plan,)).plans
    return kept.model_dump(mode="json", exclude_none=True, exclude={"name"})


def remove(work: Work, row: TrustedIssuer) -> None:
    """Trust an issuer no longer. Raises what the compiler raises, where a policy still names it."""
    work.require(Permission.ISSUER_ADMIN)
    work.session.delete(row)
    work.record("issuer.distrusted", f"{row.environment}/{row.name}")
    snapshots.recompile(work)
