"""How to sign in to a system: one function per style, from settings to the headers of a call.

Tokens are kept until shortly before they expire, and dropped when a system no longer takes them.
"""

import base64
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import httpx2
import jwt

from contracts import catalog
from contracts import pointer as jp
from contracts.errors import TreatyError
from orchestration.systems.settings import (
    Auth,
    Basic,
    Bearer,
    ClientCredentials,
    JwtBearer,
    NoAuth,
    RefreshToken,
    Session,
)

_SKEW_SECONDS = 30.0
_DEFAULT_LIFE = 300.0
_ASSERTION_SECONDS = 180
_MAX_TOKEN = 16_384

Headers: TypeAlias = dict[str, str]


@dataclass(frozen=True, slots=True)
class Signed:
    """Headers that prove who calls, and until when (monotonic seconds)."""

    headers: Headers
    until: float = float("inf")


class SignIn:
    """The sign-in of one system; safe to use from several threads."""

    def __init__(self, auth: Auth, client: httpx2.Client) -> None:
        self._auth, self._client = auth, client
        self._lock = threading.Lock()
        self._signed: Signed | None = None

    def headers(self) -> Headers:
        """Return the headers of a call. Raises `TreatyError` (not-found, unauthenticated, unreachable)."""
        with self._lock:
            signed = self._signed
            if signed is None or signed.until <= time.monotonic():
                signed = self._signed = _STYLES[self._auth.style](self._auth, self._client)
            return signed.headers

    def forget(self) -> bool:
        """Drop what the system did not take; tell whether signing in anew may help."""
        with self._lock:
            renewable = self._signed is not None and self._signed.until != float("inf")
            self._signed = None
            return renewable


def _none(_: NoAuth, __: httpx2.Client) -> Signed:
    return Signed({})


def _basic(auth: Basic, _: httpx2.Client) -> Signed:
    pair = f"{auth.user}:{auth.password.value()}".encode()
    return Signed({"authorization": "Basic " + base64.b64encode(pair).decode("ascii")})


def _bearer(auth: Bearer, _: httpx2.Client) -> Signed:
    return Signed({"authorization": f"Bearer {auth.token.value()}"})


def _client_credentials(auth: ClientCredentials, client: httpx2.Client) -> Signed:
    form = {
        "grant_type": "client_credentials",
        "client_id": auth.client_id,
        "client_secret": auth.client_secret.value(),
        **({"scope": auth.scope} if auth.scope else {}),
    }
    return _token(client, auth.token_url, form)


def _refresh_token(auth: RefreshToken, client: httpx2.Client) -> Signed:
    form = {
        "grant_type": "refresh_token",
        "client_id": auth.client_id,
        "refresh_token": auth.refresh_token.value(),
    }
    if auth.client_secret is not None:
        form["client_secret"] = auth.client_secret.value()
    return _token(client, auth.token_url, form)


def _jwt_bearer(auth: JwtBearer, client: httpx2.Client) -> Signed:
    key = auth.key.value()
    algorithm = "ES256" if "EC PRIVATE KEY" in key else "RS256"
    claims = {
        "iss": auth.issuer,
        "sub": auth.subject,
        "aud": auth.audience,
        "exp": int(time.time()) + _ASSERTION_SECONDS,
    }
    try:
        assertion = jwt.encode(claims, key, algorithm=algorithm)
    except (ValueError, jwt.PyJWTError):
        raise TreatyError(catalog.UNAUTHENTICATED, "The key cannot sign an assertion.") from None
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    return _token(client, auth.token_url, {"grant_type": grant, "assertion": assertion})


def _session(auth: Session, client: httpx2.Client) -> Signed:
    own = {auth.user_field: auth.user, auth.password_field: auth.password.value()}
    body = {**auth.also, **own}
    answer = _asked(lambda: client.post(auth.login_url, json=body))
    try:
        token = jp.walk(answer, jp.split(auth.token_pointer))
    except LookupError:
        token = None
    return Signed({auth.header.lower(): auth.prefix + _checked(token)}, _until(_DEFAULT_LIFE))


def _token(client: httpx2.Client, url: str, form: Mapping[str, str]) -> Signed:
    answer = _asked(lambda: client.post(url, data=dict(form)))
    life = answer.get("expires_in", _DEFAULT_LIFE) if isinstance(answer, dict) else _DEFAULT_LIFE
    token = answer.get("access_token") if isinstance(answer, dict) else None
    seconds = float(life) if isinstance(life, int | float) else _DEFAULT_LIFE
    return Signed({"authorization": f"Bearer {_checked(token)}"}, _until(seconds))


def _until(seconds: float) -> float:
    return time.monotonic() + max(1.0, seconds - _SKEW_SECONDS)


def _checked(token: object) -> str:
    if not isinstance(token, str) or not token.isprintable() or len(token) > _MAX_TOKEN:
        raise TreatyError(
            catalog.UNAUTHENTICATED, "The system's answer to signing in has no token."
        )
    return token


def _asked(ask: Callable[[], httpx2.Response]) -> Any:
    try:
        response = ask()
    except httpx2.HTTPError:
        raise TreatyError(catalog.UNREACHABLE, "The system's sign-in does not answer.") from None
    if response.status_code >= 500:  # noqa: PLR2004  # RFC 9110 section 15.6
        raise TreatyError(catalog.UNREACHABLE, f"Signing in failed with {response.status_code}.")
    if response.status_code >= 400:  # noqa: PLR2004  # RFC 9110 section 15.5
        raise TreatyError(
            catalog.UNAUTHENTICATED, f"Signing in was refused ({response.status_code})."
        )
    try:
        return response.json()
    except ValueError:
        raise TreatyError(
            catalog.UNAUTHENTICATED, "The answer to signing in is not JSON."
        ) from None


_STYLES: Mapping[str, Callable[[Any, httpx2.Client], Signed]] = {
    "none": _none,
    "basic": _basic,
    "bearer": _bearer,
    "client-credentials": _client_credentials,
    "refresh-token": _refresh_token,
    "jwt-bearer": _jwt_bearer,
    "session": _session,
}
