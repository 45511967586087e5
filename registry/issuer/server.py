"""The OAuth 2 authorization server on Authlib: client credentials, introspection, revocation.

RFC 6749 sections 2.3, 4.4 and 5; RFC 7662; RFC 7009; access tokens after RFC 9068.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, grants
from authlib.oauth2.rfc6749.errors import InvalidScopeError
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload, OAuth2Request
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import delete

from registry.db.models import Application, IssuedToken
from registry.issuer import keys
from registry.issuer.client import METHODS, Client
from registry.issuer.keyring import Keyring
from registry.services.work import Work

_MAX_TOKEN = 8_192
_KEPT_AFTER_EXPIRY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the server, framework-free."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]


class _Request(OAuth2Request):  # type: ignore[misc]  # Authlib ships no types
    @property
    def form(self) -> Mapping[str, str]:
        """The parameters of the body; Authlib reads client_secret_post from here."""
        return self.payload.data  # type: ignore[no-any-return]  # set by `handle`


class _ClientCredentials(grants.ClientCredentialsGrant):  # type: ignore[misc]  # Authlib ships no types
    TOKEN_ENDPOINT_AUTH_METHODS = list(METHODS)  # noqa: RUF012  # Authlib's own declaration

    def validate_token_request(self) -> None:
        """Narrow the request to granted scopes: asking for none means all of them."""
        super().validate_token_request()
        granted: frozenset[str] = self.request.client.scopes
        asked = frozenset((self.request.payload.scope or "").split())
        if not asked <= granted:
            missing = " ".join(sorted(asked - granted))[:200]
            raise InvalidScopeError(description=f"not granted: {missing}")
        scope = " ".join(sorted(asked or granted))
        # Authlib reads the scope of the token from the parameters.
        self.request.payload = BasicOAuth2Payload({**self.request.payload.data, "scope": scope})


class _Introspection(IntrospectionEndpoint):  # type: ignore[misc]  # Authlib ships no types
    CLIENT_AUTH_METHODS = list(METHODS)  # noqa: RUF012  # Authlib's own declaration

    def query_token(self, token_string: str, token_type_hint: str) -> "_Known | None":
        """Return the token where it is ours, alive and not revoked."""
        del token_type_hint
        return self.server.known(token_string)  # type: ignore[no-any-return]  # Authlib ships no types

    def check_permission(self, token: "_Known", client: Client, request: OAuth2Request) -> bool:
        """A client may look at its own tokens only; others are `active: false` to it."""
        del request
        return token.row.application == client.client_id

    def introspect_token(self, token: "_Known") -> dict[str, Any]:
        """Return the members of RFC 7662 section 2.2."""
        return {"active": True, "token_type": "Bearer", **token.claims}


class _Revocation(RevocationEndpoint):  # type: ignore[misc]  # Authlib ships no types
    CLIENT_AUTH_METHODS = list(METHODS)  # noqa: RUF012  # Authlib's own declaration

    def query_token(self, token_string: str, token_type_hint: str) -> "_Known | None":
        """Return the token; unknown ones are fine (RFC 7009 section 2.2)."""
        del token_type_hint
        return self.server.known(token_string)  # type: ignore[no-any-return]  # Authlib ships no types

    def authenticate_token(self, request: OAuth2Request, client: Client) -> "_Known | None":
        """Leave tokens of other clients alone, without saying so."""
        self.check_params(request, client)
        known = self.query_token(request.form["token"], "")
        return known if known and known.row.application == client.client_id else None

    def revoke_token(self, token: "_Known", request: OAuth2Request) -> None:
        """Mark the token as revoked."""
        del request
        token.row.revoked_at = datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Known:
    """A token that `Server.known` has found alive; Authlib asks once more."""

    row: IssuedToken
    claims: dict[str, Any]

    def is_expired(self) -> bool:
        return False

    def is_revoked(self) -> bool:
        return False


class Server(AuthorizationServer):  # type: ignore[misc]  # Authlib ships no types
    """Serves one request inside one unit of work."""

    def __init__(self, work: Work, keyring: Keyring) -> None:
        super().__init__()
        self._work, self._keyring = work, keyring
        self.register_grant(_ClientCredentials)
        self.register_endpoint(_Introspection(self))
        self.register_endpoint(_Revocation(self))
        self.register_token_generator("client_credentials", self._token)

    def token(self, form: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        """Answer the token endpoint."""
        return self.create_token_response(_request(form, headers))  # type: ignore[no-any-return]  # Authlib ships no types

    def endpoint(self, name: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        """Answer `introspection` or `revocation`."""
        return self.create_endpoint_response(name, _request(form, headers))  # type: ignore[no-any-return]  # Authlib ships no types

    def query_client(self, client_id: str) -> Client | None:
        """Return the client of an application."""
        row = self._work.session.get(Application, client_id) if "\x00" not in client_id else None
        return Client(self._work, row) if row else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Nothing to do: `_token` wrote the row together with the token."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        """Take the request as it is."""
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Reply:
        """Return the answer; credentials are never cached (RFC 6749 section 5.1)."""
        parsed = json.loads(body) if isinstance(body, str) else body
        kept = {name: value for name, value in headers if name.lower() != "content-type"}
        return Reply(
            status, dict(parsed or {}), kept | {"Cache-Control": "no-store", "Pragma": "no-cache"}
        )

    def known(self, token: str) -> _Known | None:
        """Return a token of ours that is alive."""
        if len(token) > _MAX_TOKEN:
            return None
        try:
            key_set = KeySet.import_key_set(keys.public(self._work))  # type: ignore[arg-type]  # a JWKS
            claims = jwt.decode(token, key_set, algorithms=[keys.ALGORITHM]).claims
        except (JoseError, ValueError):
            return None
        row = self._work.session.get(IssuedToken, str(claims.get("jti", "")))
        if row is None or row.revoked_at is not None or row.expires_at <= self._work.now():
            return None
        return _Known(row, claims)

    def _token(self, grant_type: str, client: Client, **facts: Any) -> dict[str, Any]:
        """Return a token response with a signed access token (RFC 9068 section 2)."""
        del grant_type
        work, now = self._work, self._work.now()
        scope = facts.get("scope") or ""
        expires = now + timedelta(seconds=client.lifetime_seconds)
        jti = secrets.token_urlsafe(16)
        claims = {
            "iss": work.issuer.issuer, "aud": work.issuer.audience, "sub": client.client_id,
            "client_id": client.client_id, "iat": int(now.timestamp()),
            "exp": int(expires.timestamp()), "jti": jti, "scope": scope,
        }  # fmt: skip
        key = keys.signing(work, self._keyring)
        header = {"alg": keys.ALGORITHM, "typ": "at+jwt", "kid": key.kid}
        work.session.execute(
            delete(IssuedToken).where(IssuedToken.expires_at < now - _KEPT_AFTER_EXPIRY)
        )
        work.session.add(IssuedToken(jti=jti, application=client.client_id, expires_at=expires))
        return {
            "token_type": "Bearer",
            "access_token": jwt.encode(header, claims, key),
            "expires_in": client.lifetime_seconds,
            "scope": scope,
        }


def _request(form: Mapping[str, str], headers: Mapping[str, str]) -> _Request:
    # TLS ends before us or we are on loopback; Authlib only accepts https URIs.
    request = _Request("POST", "https://issuer.invalid/oauth", headers=dict(headers))
    request.payload = BasicOAuth2Payload(dict(form))
    return request
