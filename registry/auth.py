"""From a request's credentials to an actor: an API token, or a signed-in browser's session."""

import hmac
from datetime import datetime
from urllib.parse import urlsplit

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts import catalog
from contracts.errors import TreatyError
from registry.db.models import ApiToken, LoginSession, Membership, Person
from registry.permissions import ROLES, Permission
from registry.services.access import digest_of
from registry.services.work import Actor

COOKIE = "treaty_session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_MAX_CREDENTIAL = 512


def authenticate(request: Request, session: Session, now: datetime) -> Actor:
    """Return who calls. Raises `TreatyError` (unauthenticated, or forbidden for a foreign origin)."""
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        actor = token_actor(session, token.strip(), now) if scheme.lower() == "bearer" else None
    else:
        actor = session_actor(request, session, now)
        if actor is not None and request.method not in SAFE:
            _require_same_origin(request)
    if actor is None:
        raise TreatyError(
            catalog.UNAUTHENTICATED,
            "Send an API token as `Authorization: Bearer trt_…`, or sign in.",
        )
    return actor


def token_actor(session: Session, token: str, now: datetime) -> Actor | None:
    """Return the actor behind an API token, or None."""
    parts = token.split("_", 2)
    if len(token) > _MAX_CREDENTIAL or len(parts) != 3 or parts[0] != "trt":  # noqa: PLR2004  # trt, id, secret
        return None
    row = session.get(ApiToken, parts[1]) if parts[1].isalnum() else None
    if row is None or not hmac.compare_digest(row.digest, digest_of(parts[2])):
        return None
    if row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
        return None
    return Actor(
        kind="token",
        id=row.id,
        name=row.name,
        role=row.role,
        permissions=frozenset(Permission(entry) for entry in row.permissions),
        teams=frozenset({row.team} if row.team else ()),
    )


def session_actor(request: Request, session: Session, now: datetime) -> Actor | None:
    """Return the person behind the session cookie, or None."""
    cookie = request.cookies.get(COOKIE)
    if not cookie or len(cookie) > _MAX_CREDENTIAL:
        return None
    row = session.get(LoginSession, digest_of(cookie))
    if row is None or row.expires_at <= now:
        return None
    person = session.get(Person, row.person)
    if person is None:
        return None
    teams = session.scalars(select(Membership.team).where(Membership.person == person.id))
    return Actor(
        kind="person",
        id=person.id,
        name=person.name,
        role=person.role,
        permissions=ROLES[person.role],
        teams=frozenset(teams),
    )


def _require_same_origin(request: Request) -> None:
    """Refuse a browser's write from another site; the cookie's SameSite is the other half."""
    origin = request.headers.get("origin")
    if origin is None or urlsplit(origin).netloc != request.headers.get("host"):
        raise TreatyError(catalog.FORBIDDEN, "A signed-in browser may write from this site only.")
