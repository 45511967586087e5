"""Who is behind an access token (RFC 9068): the signature by the issuer's key, then the claims.

Keys come from the issuer that the token names, algorithms from issuer and key, never from the
token alone (RFC 8725 section 3.1). Called by `ports`.
"""

from collections.abc import Callable, Sequence

from gateway.claims import ClaimError, identity
from gateway.generations import Generations
from gateway.jose import jws
from gateway.jose.keys import Key, keys_of
from policies.exchange import Identity, Rejected
from policies.snapshot import IssuerPlan, Snapshot

_MAX_GOOD, _GOOD_CHARS = 10_000, 16 * 1024 * 1024
_MAX_BAD, _BAD_CHARS = 2_000, 4 * 1024 * 1024
_BAD_SECONDS = 10.0
_TYPE = "at+jwt"
_MAX_TRIED = 8  # keys that share a kid

_INVALID = Rejected("The token is not valid.")
_WRONG_TYPE = Rejected("The token is not an access token (typ at+jwt, RFC 9068).")
_UNSIGNED = Rejected("No trusted issuer has signed the token.")
_FOREIGN = Rejected("The token is meant for another audience or issuer.")
_STRANGER = Rejected("The token's client is not an application of this environment.")
_EXPIRED = Rejected("The token has expired.")
_EARLY = Rejected("The token is not valid yet.")


class TokenVerifier:
    """Verifies tokens of the snapshot's issuers; one per runtime, so a swap forgets the verdicts."""

    def __init__(self, snapshot: Snapshot, now: Callable[[], float]) -> None:
        self._now = now
        self._issuers = {plan.issuer: plan for plan in snapshot.issuers}
        self._keys = {plan.name: _inline(plan) for plan in snapshot.issuers}
        self._applications = frozenset(application.id for application in snapshot.applications)
        self._good: Generations[Identity] = Generations(_MAX_GOOD, _GOOD_CHARS)
        self._bad: Generations[tuple[float, Rejected]] = Generations(_MAX_BAD, _BAD_CHARS)

    def verify(
        self, token: str, skew_seconds: int, issuers: frozenset[str] | None = None
    ) -> Identity | Rejected:
        """Return the caller, or why not; raises nothing but `NotYetError`, whatever the token is."""
        known = self._good.get(token)
        if known is None:
            judged = self._judged(token)
            if isinstance(judged, Rejected):
                return judged
            known = judged
        now = self._now()
        # RFC 7519 section 4.1.4: no longer at its expiry; both ends with a small leeway.
        if known.expires + skew_seconds <= now:
            return _EXPIRED
        if known.starts - skew_seconds > now:
            return _EARLY
        if issuers is not None and known.issuer not in issuers:
            return _FOREIGN
        return known

    def _judged(self, token: str) -> Identity | Rejected:
        """Return the verdict on everything but the times."""
        bad = self._bad.get(token)
        if bad is not None and bad[0] > self._now():
            return bad[1]
        verdict = self._examine(token)
        if isinstance(verdict, Identity):
            self._good.put(token, verdict)
        elif len(token) <= jws.MAX_CHARS:
            self._bad.put(token, (self._now() + _BAD_SECONDS, verdict))
        return verdict

    def _examine(self, token: str) -> Identity | Rejected:
        try:
            signed = jws.parse(token)
        except jws.MalformedError:
            return _INVALID
        if signed.typ != _TYPE:
            return _WRONG_TYPE
        issuer = signed.payload.get("iss")
        plan = self._issuers.get(issuer) if isinstance(issuer, str) else None
        if plan is None:
            return _FOREIGN
        if not any(
            key.verifies(signed.alg, signed.signed, signed.signature)
            for key in fitting(self._keys[plan.name], signed)
        ):
            return _UNSIGNED
        if any(signed.header.get(name, value) != value for name, value in _repeated(signed)):
            return _INVALID
        try:
            caller = identity(signed.payload, plan)
        except ClaimError as error:
            return Rejected(str(error))
        return caller if caller.application in self._applications else _STRANGER


def fitting(keys: Sequence[Key], signed: jws.Jws) -> list[Key]:
    """Return the keys that may have signed: those of the kid and algorithm.

    Without a kid the one key that fits the algorithm; where several fit, which one is meant would
    be a guess, and the sender is told to name it.
    """
    fit = [key for key in keys if signed.alg in key.algorithms]
    if signed.kid is None:
        return fit if len(fit) == 1 else []
    return [key for key in fit if key.kid == signed.kid][:_MAX_TRIED]


def _repeated(signed: jws.Jws) -> list[tuple[str, object]]:
    """Return the claims that a header may repeat; both must agree (RFC 7519 section 5.3)."""
    return [(name, signed.payload.get(name)) for name in ("iss", "sub", "aud")]


def _inline(plan: IssuerPlan) -> tuple[Key, ...]:
    return keys_of(plan.jwks, plan.algorithms) if plan.jwks else ()
