"""OpenID Connect sign-in: authorization code with PKCE, state and nonce.

Authlib makes the URL and the PKCE challenge; its ready-made client needs the frozen httpx, so the
two HTTP calls go through httpx2. Sources: OpenID Connect Core 3.1, RFC 7636.
"""

import secrets
from dataclasses import dataclass
from typing import Any

import httpx2
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from contracts import catalog
from contracts.errors import TreatyError
from registry.settings import Settings

_TIMEOUT = 10.0
ALGORITHMS = ["RS256", "ES256", "PS256"]


@dataclass(frozen=True, slots=True)
class Started:
    """Where to send the browser, and what its cookie has to remember."""

    url: str
    state: str
    nonce: str
    verifier: str


def configured(settings: Settings) -> bool:
    """Whether people sign in with OpenID Connect."""
    return bool(settings.oidc_issuer and settings.oidc_client_id)


def start(settings: Settings) -> Started:
    """Return the authorization request. Raises `TreatyError` (unreachable)."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    url = add_params_to_uri(
        str(_discover(settings)["authorization_endpoint"]),
        {
            "response_type": "code",
            "client_id": settings.oidc_client_id,
            "redirect_uri": redirect_uri(settings),
            "scope": "openid email profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        },
    )
    return Started(str(url), state, nonce, verifier)


def redirect_uri(settings: Settings) -> str:
    """Return where the provider sends the browser back to."""
    return f"{settings.public_url}/login/oidc/callback"


def finish(settings: Settings, code: str, nonce: str, verifier: str) -> dict[str, Any]:
    """Return the verified claims of the ID token.

    Raises `TreatyError`: unreachable, or unauthenticated where the token is not for us.
    """
    provider = _discover(settings)
    answer = _call(
        "POST",
        str(provider["token_endpoint"]),
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri(settings),
            "code_verifier": verifier,
        },
        auth=(settings.oidc_client_id, settings.oidc_client_secret.get_secret_value()),
    )
    keys = KeySet.import_key_set(_call("GET", str(provider["jwks_uri"])))  # type: ignore[arg-type]  # a JWKS
    claims_rules = JWTClaimsRegistry(
        leeway=60,
        iss={"essential": True, "value": settings.oidc_issuer},
        aud={"essential": True, "value": settings.oidc_client_id},
        exp={"essential": True},
        sub={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        claims = jwt.decode(str(answer.get("id_token", "")), keys, algorithms=ALGORITHMS).claims
        claims_rules.validate(claims)
    except (JoseError, ValueError):
        raise TreatyError(
            catalog.UNAUTHENTICATED, "The identity provider's token is not valid for this registry."
        ) from None
    return claims


def _discover(settings: Settings) -> dict[str, Any]:
    issuer = settings.oidc_issuer.rstrip("/")
    found = _call("GET", f"{issuer}/.well-known/openid-configuration")
    if found.get("issuer") != settings.oidc_issuer:
        # OpenID Connect Discovery 4.3: the issuer must be the one that was asked.
        raise TreatyError(catalog.UNREACHABLE, "The identity provider names another issuer.")
    return found


def _call(method: str, url: str, **options: Any) -> dict[str, Any]:
    try:
        answer = httpx2.request(method, url, timeout=_TIMEOUT, **options)
        answer.raise_for_status()
        body = answer.json()
    except (httpx2.HTTPError, ValueError):
        raise TreatyError(
            catalog.UNREACHABLE, "The identity provider does not answer as it should."
        ) from None
    return body if isinstance(body, dict) else {}
