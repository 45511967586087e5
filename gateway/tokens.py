"""Who is behind an access token (RFC 9068): the signature by the issuer's key, then the claims.

Keys come from the issuer that the token names, algorithms from issuer and key, never from the
token alone (RFC 8725 section 3.1). Called by `ports`.
"""

from collections.abc import Callable, Sequence

from gateway.generations import Generations
from gateway.jose.keys import Key, keys_of
from gateway.trust import Trust
from policies import jws
from policies.exchange import Identity, NotYetError, Rejected
from policies.snapshot import IssuerPlan, Snapshot
from policies.tokenclaims import ClaimError, identity

_MAX_GOOD, _GOOD_CHARS = 10_000, 16 * 1024 * 1024
_MAX_BAD, _BAD_CHARS = 2_000, 4 * 1024 * 1024
_BAD_SECONDS = 10.0
_TYPE = "at+jwt"
_DOTS = 2  # of a compact JWS
_MAX_TRIED = 8  # keys that share a kid

_INVALID = Rejected("The token is not valid.")
_WRONG_TYPE = Rejected("The token is not an access token (typ at+jwt, RFC 9068).")
_UNSIGNED = Rejected("No trusted issuer has signed the token.")
_FOREIGN = Rejected("The token is meant for another audience or issuer.")
_STRANGER = Rejected("The token's client is not an application of this environment.")
_NO_KEYS = Rejected("The issuer's keys are not at hand at the moment.", retry_seconds=2)
_EXPIRED = Rejected("The token has expired.")
_EARLY = Rejected("The token is not valid yet.")


class TokenVerifier:
    """Verifies tokens of the snapshot's issuers; one per runtime, so a swap forgets the verdicts."""

    def __init__(self, snapshot: Snapshot, trust: Trust, now: Callable[[], float]) -> None:
        self._now = now
        self._ring = trust.keys
        self._introspections = trust.introspections
        self._issuers = {plan.issuer: plan for plan in snapshot.issuers}
        self._asked = tuple(plan for plan in snapshot.issuers if plan.introspection is not None)
        self._inline = {plan.name: _inline(plan) for plan in snapshot.issuers}
        self._applications = frozenset(application.id for application in snapshot.applications)
        self._good: Generations[Identity] = Generations(_MAX_GOOD, _GOOD_CHARS)
        self._bad: Generations[tuple[float, Rejected]] = Generations(_MAX_BAD, _BAD_CHARS)
        self._version = -1

    def verify(
        self, token: str, skew_seconds: int, issuers: frozenset[str] | None = None
    ) -> Identity | Rejected:
        """Return the caller, or why not; raises nothing but `NotYetError`, whatever the token is."""
        if self._ring.version != self._version:
            self._renew()
        known = self._good.get(token)
        if known is None:
            judged = self._judged(token, issuers)
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

    def _renew(self) -> None:
        """Forget verdicts that other keys have given."""
        self._version = self._ring.version
        self._keys = {
            name: self._inline[name] + self._ring.keys(plan)
            for plan in self._issuers.values()
            for name in (plan.name,)
        }
        self._good.clear()
        self._bad.clear()

    def _judged(self, token: str, issuers: frozenset[str] | None) -> Identity | Rejected:
        """Return the verdict on everything but the times."""
        bad = self._bad.get(token)
        if bad is not None and bad[0] > self._now():
            return bad[1]
        asked = self._whom_to_ask(token, issuers) if self._asked else None
        if asked is not None:
            answer = self._introspections.verify(token, asked)
            return self._known(answer) if isinstance(answer, Identity) else answer
        verdict = self._examine(token)
        if isinstance(verdict, Identity):
            self._good.put(token, verdict)
        elif len(token) <= jws.MAX_CHARS and not verdict.retry_seconds:
            self._bad.put(token, (self._now() + _BAD_SECONDS, verdict))
        return verdict

    def _whom_to_ask(self, token: str, issuers: frozenset[str] | None) -> IssuerPlan | None:
        """Return the issuer that has to be asked about the token; never more than one learns it."""
        mine = [plan for plan in self._asked if issuers is None or plan.name in issuers]
        if token.count(".") == _DOTS:
            try:
                issuer = jws.parse(token).payload.get("iss")
            except jws.MalformedError:
                return None
            mine = [plan for plan in mine if plan.issuer == issuer and not _has_keys(plan)]
        return mine[0] if len(mine) == 1 else None

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
        if signed.alg not in plan.algorithms:
            return _UNSIGNED
        keys = self._keys[plan.name]
        if not _names_known_key(keys, signed) and (plan.jwks_uri or plan.discovery):
            resume = self._ring.refresh(plan)
            if resume is not None:
                raise NotYetError(resume)
            if not keys:
                return _NO_KEYS
        return self._under(keys, signed, plan)

    def _under(self, keys: Sequence[Key], signed: jws.Jws, plan: IssuerPlan) -> Identity | Rejected:
        """Return the verdict under these keys of the issuer."""
        if not any(
            key.verifies(signed.alg, signed.signed, signed.signature)
            for key in fitting(keys, signed)
        ):
            return _UNSIGNED
        if any(signed.header.get(name, value) != value for name, value in _repeated(signed)):
            return _INVALID
        try:
            return self._known(identity(signed.payload, plan))
        except ClaimError as error:
            return Rejected(str(error))

    def _known(self, caller: Identity) -> Identity | Rejected:
        return caller if caller.application in self._applications else _STRANGER


def _names_known_key(keys: Sequence[Key], signed: jws.Jws) -> bool:
    return any(signed.kid in (None, key.kid) for key in keys)


def _has_keys(plan: IssuerPlan) -> bool:
    return bool(plan.jwks or plan.jwks_uri or plan.discovery)


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
