"""What the claims of an access token must look like (RFC 9068 section 2.2, RFC 7519 section 4)."""

import re
from collections.abc import Mapping
from typing import Any

from policies.exchange import Identity
from policies.snapshot import IssuerPlan

_TEXTS = ("sub", "client_id", "jti")
# RFC 6749 section 3.3; a scope with other characters is another token's idea of a scope.
_SCOPE = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]*")
_MAX_AUDIENCES = 100
_MAX_SECONDS = 2**53


class ClaimError(ValueError):
    """A claim is missing or of no use; the text is a sentence without values."""


def identity(claims: Mapping[str, Any], plan: IssuerPlan) -> Identity:
    """Return the caller. Raises `ClaimError`. Times are for the caller to judge."""
    if claims.get("iss") != plan.issuer or not is_for(claims.get("aud"), plan.audience):
        raise ClaimError("The token is meant for another audience or issuer.")
    for name in _TEXTS:
        value = claims.get(name)
        if not isinstance(value, str) or not value:
            raise ClaimError(f"The token has no usable {name} (RFC 9068 section 2.2).")
    issued = seconds(claims, "iat")
    starts = seconds(claims, "nbf") if "nbf" in claims else issued
    jkt, x5t = confirmation(claims)
    return Identity(
        application=claims["client_id"],
        scopes=scopes(claims),
        claims=claims,
        issuer=plan.name,
        starts=max(issued, starts),
        expires=seconds(claims, "exp"),
        jkt=jkt,
        x5t=x5t,
    )


def scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    """Return the scopes. Raises `ClaimError`."""
    scope = claims.get("scope", "")
    if not isinstance(scope, str) or _SCOPE.fullmatch(scope) is None:
        raise ClaimError("The scope of the token is not a text of scopes.")
    return frozenset(scope.split())


def seconds(claims: Mapping[str, Any], name: str) -> float:
    """Return a NumericDate (RFC 7519 section 2). Raises `ClaimError`."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _MAX_SECONDS:
        raise ClaimError(f"The {name} of the token is not a time.")
    return float(value)


def confirmation(claims: Mapping[str, Any]) -> tuple[str, str]:
    """Return the thumbprints of key and certificate that the token is bound to, empty for none.

    RFC 7800 lets an unknown member of `cnf` be ignored; a token whose only binding is unknown
    would then count without any, so it is refused. Raises `ClaimError`.
    """
    if "cnf" not in claims:
        return "", ""
    bound = claims["cnf"]
    found = [bound.get(name, "") for name in ("jkt", "x5t#S256")] if isinstance(bound, dict) else []
    if not any(found) or not all(isinstance(value, str) for value in found):
        raise ClaimError("The token is bound to something that cannot be checked here.")
    return found[0], found[1]


def is_for(audience: object, ours: str) -> bool:
    """Return whether `ours` is the audience, or one of them (RFC 7519 section 4.1.3)."""
    if isinstance(audience, list):
        texts = all(isinstance(entry, str) for entry in audience)
        return texts and len(audience) <= _MAX_AUDIENCES and ours in audience
    return audience == ours
