"""What the gateway would make of an access token, without its issuer's keys: for `explain`.

Everything is judged but the signature, which only the gateway can check; no value of the token is
told but those that name an application or a scope.
"""

from typing import NamedTuple

from policies import jws
from policies.exchange import Identity
from policies.snapshot import Snapshot
from policies.tokenclaims import ClaimError, identity

_TYPE = "at+jwt"


class Check(NamedTuple):
    """One thing that must be right with a token."""

    name: str
    right: bool
    says: str


class TokenSaid(NamedTuple):
    """The checks in order, up to the first that fails; and the caller where none does."""

    checks: tuple[Check, ...]
    caller: Identity | None


def read_token(snapshot: Snapshot, token: str, now: float) -> TokenSaid:
    """Return what is right and wrong with a token at `now` (epoch seconds)."""
    checks: list[Check] = []

    def check(name: str, says: str, *, right: bool) -> bool:
        checks.append(Check(name, right, says))
        return right

    try:
        signed = jws.parse(token.strip())
    except jws.MalformedError:
        check("form", "it is no compact JWS (RFC 7515) that everybody reads alike", right=False)
        return TokenSaid(tuple(checks), None)
    check("form", "a compact JWS (RFC 7515)", right=True)
    says = f"typ is {signed.typ[:30] or 'missing'!r}; an access token has {_TYPE} (RFC 9068)"
    if not check("type", says, right=signed.typ == _TYPE):
        return TokenSaid(tuple(checks), None)
    plan = next((p for p in snapshot.issuers if p.issuer == signed.payload.get("iss")), None)
    known = ", ".join(issuer.name for issuer in snapshot.issuers) or "none"
    says = f"no issuer that {snapshot.environment} trusts ({known})" if plan is None else plan.name
    if not check("issuer", says, right=plan is not None) or plan is None:
        return TokenSaid(tuple(checks), None)
    allowed = f"{signed.alg[:20]}; the issuer signs with {', '.join(plan.algorithms)}"
    if not check("algorithm", allowed, right=signed.alg in plan.algorithms):
        return TokenSaid(tuple(checks), None)
    try:
        caller = identity(signed.payload, plan)
    except ClaimError as error:
        check("claims", str(error), right=False)
        return TokenSaid(tuple(checks), None)
    check("claims", f"audience and claims are those of {plan.name}", right=True)
    fits = check("time", _when(caller, now), right=caller.starts <= now < caller.expires)
    application = caller.application[:80]
    held = any(entry.id == caller.application for entry in snapshot.applications)
    says = application if held else f"{application} is no application of {snapshot.environment}"
    fits = check("application", says, right=held) and fits
    if caller.jkt or caller.x5t:
        proof = "a DPoP proof" if caller.jkt else "its client certificate"
        check("binding", f"counts only together with {proof}", right=True)
    check("signature", "checked at the gateway, which holds the issuer's keys", right=True)
    return TokenSaid(tuple(checks), caller if fits else None)


def _when(caller: Identity, now: float) -> str:
    if now >= caller.expires:
        return f"it expired {now - caller.expires:.0f} seconds ago"
    if now < caller.starts:
        return f"it is valid in {caller.starts - now:.0f} seconds"
    return f"it is valid for {caller.expires - now:.0f} more seconds"
