"""Who is behind a credential: JWT access tokens (RFC 9068) and API keys, offline.

Algorithms come from the issuer's plan and the key, never from the token (RFC 8725 section 3.1).
"""

import hashlib
import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from policies.exchange import Identity
from policies.snapshot import ApiKeyPlan, IssuerPlan, Snapshot

_MAX_BYTES = 8192
_MAX_CACHED = 4096
_TYPES = ("at+jwt", "application/at+jwt")
_REQUIRED = ["iss", "aud", "exp", "sub", "client_id", "iat", "jti"]
_FAMILIES = {"RSA": ("RS", "PS"), "EC": ("ES",), "OKP": ("Ed",)}
_INVALID = "The token is not valid."


class _RejectedError(Exception):
    """Carries the sentence for the caller."""


@dataclass(frozen=True, slots=True)
class _Key:
    issuer: IssuerPlan
    kid: str | None
    key: jwt.PyJWK
    algorithms: frozenset[str]


class TokenVerifier:
    """Verifies tokens of the snapshot's issuers; one per runtime, so a swap forgets the cache."""

    def __init__(self, snapshot: Snapshot, now: Callable[[], float]) -> None:
        self._now = now
        self._keys = tuple(key for issuer in snapshot.issuers for key in _keys(issuer))
        self._applications = frozenset(application.id for application in snapshot.applications)
        self._cache: OrderedDict[tuple[int, bytes], tuple[float, Identity]] = OrderedDict()

    def verify(self, token: str, skew_seconds: int) -> Identity | str:
        """Return the caller, or a sentence; never raises, whatever the token is."""
        if len(token) > _MAX_BYTES or not token.isascii():
            return _INVALID
        cached = (skew_seconds, hashlib.sha256(token.encode()).digest())
        hit = self._cache.get(cached)
        if hit is not None and hit[0] > self._now():
            self._cache.move_to_end(cached)
            return hit[1]
        try:
            expires, identity = self._verify(token, skew_seconds)
        except _RejectedError as rejection:
            return str(rejection)
        except Exception:  # noqa: BLE001  # garbage of any kind is one refusal, never a fault
            return _INVALID
        self._cache[cached] = expires, identity
        if len(self._cache) > _MAX_CACHED:
            self._cache.popitem(last=False)
        return identity

    def _verify(self, token: str, skew: int) -> tuple[float, Identity]:
        header = jwt.get_unverified_header(token)
        if str(header.get("typ", "")).lower() not in _TYPES:
            raise _RejectedError("The token is not an access token (typ at+jwt, RFC 9068).")
        if "crit" in header or "b64" in header:
            raise _RejectedError("The token asks for extensions that are not supported.")
        claims = self._signed_claims(token, header)
        expires = self._check_times(claims, skew)
        scope = claims.get("scope", "")
        application = claims["client_id"]
        if not all(isinstance(claims[name], str) for name in ("sub", "client_id", "jti")):
            raise _RejectedError(_INVALID)
        if not isinstance(scope, str):
            raise _RejectedError("The scope of the token is not a string.")
        if application not in self._applications:
            raise _RejectedError("The token's client is not an application of this environment.")
        return expires, Identity(application, frozenset(scope.split()), claims)

    def _signed_claims(self, token: str, header: Mapping[str, Any]) -> dict[str, Any]:
        """Return the claims under the first key of that id and algorithm that has signed them."""
        algorithm, kid = header.get("alg"), header.get("kid")
        for key in self._keys:
            if algorithm not in key.algorithms or (kid is not None and kid != key.kid):
                continue
            try:
                claims: dict[str, Any] = jwt.decode(
                    token,
                    key.key,
                    algorithms=[str(algorithm)],
                    audience=key.issuer.audience,
                    issuer=key.issuer.issuer,
                    # Times are judged by the gateway's own clock, below.
                    options={
                        "require": _REQUIRED,
                        "verify_exp": False,
                        "verify_nbf": False,
                        "verify_iat": False,
                    },
                )
            except jwt.InvalidSignatureError:
                continue
            except (jwt.InvalidAudienceError, jwt.InvalidIssuerError):
                raise _RejectedError("The token is meant for another audience or issuer.") from None
            return claims
        raise _RejectedError("No trusted issuer has signed the token.")

    def _check_times(self, claims: Mapping[str, Any], skew: int) -> float:
        now = self._now()
        expires, issued = _seconds(claims["exp"]), _seconds(claims["iat"])
        starts = _seconds(claims.get("nbf", issued))
        if expires + skew <= now:
            raise _RejectedError("The token has expired.")
        if max(issued, starts) - skew > now:
            raise _RejectedError("The token is not valid yet.")
        return expires + skew


class KeyVerifier:
    """Verifies API keys by their digest."""

    def __init__(self, snapshot: Snapshot, now: Callable[[], float]) -> None:
        self._now = now
        self._keys: dict[str, ApiKeyPlan] = {key.digest: key for key in snapshot.api_keys}
        applications = {application.id for application in snapshot.applications}
        granted = {application: set[str]() for application in applications}
        for grant in snapshot.grants:
            granted.setdefault(grant.application, set()).update(grant.scopes)
        # A key carries no scopes of its own: it may do what the grants of its application say.
        self._scopes = {application: frozenset(held) for application, held in granted.items()}
        self._applications = applications

    def verify(self, key: str) -> Identity | str:
        """Return the caller, or a sentence why the key is not valid."""
        digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
        plan = self._keys.get(digest)
        if plan is None or plan.application not in self._applications:
            return "The API key is not known."
        if plan.expires_at is not None and plan.expires_at <= self._now():
            return "The API key has expired."
        return Identity(plan.application, self._scopes[plan.application], {})


def _keys(issuer: IssuerPlan) -> list[_Key]:
    """Return the usable public keys; a key that cannot be read makes the snapshot unusable."""
    entries = issuer.jwks.get("keys", [])
    if not isinstance(entries, list):
        raise TypeError("jwks.keys is not a list")
    keys = []
    for entry in entries:
        families = _FAMILIES.get(entry.get("kty"), ())
        named = entry.get("alg")
        algorithms = frozenset(
            algorithm
            for algorithm in issuer.algorithms
            if algorithm.startswith(families) and named in (None, algorithm)
        )
        if families and algorithms and entry.get("use", "sig") == "sig":
            public = {name: value for name, value in entry.items() if name != "d"}
            key = jwt.PyJWK(public, algorithm=named or min(algorithms))
            keys.append(_Key(issuer, entry.get("kid"), key, algorithms))
    return keys


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _RejectedError(_INVALID)
    return float(value)
