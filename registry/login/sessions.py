"""Sessions of browsers, and the links that start one."""

import secrets
from datetime import timedelta

from sqlalchemy import delete, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from registry.db.models import LoginLink, LoginSession, Person
from registry.services.access import digest_of
from registry.services.work import Work
from registry.settings import Settings


def use_link(work: Work, secret: str) -> Person | None:
    """Return whom a link signs in, once; None where it is unknown, used or too old."""
    now = work.now()
    digest = digest_of(secret)
    # One statement: of two browsers that follow the link at once, one gets a row.
    claimed = work.session.execute(
        update(LoginLink)
        .where(LoginLink.digest == digest, LoginLink.used_at.is_(None), LoginLink.expires_at > now)
        .values(used_at=now)
    )
    if not isinstance(claimed, CursorResult) or claimed.rowcount != 1:
        return None
    link = work.session.get(LoginLink, digest)
    return work.session.get(Person, link.person) if link else None


def start(work: Work, person: Person, settings: Settings) -> str:
    """Return the cookie value of a new session; old ones are swept on the way."""
    now = work.now()
    work.session.execute(delete(LoginSession).where(LoginSession.expires_at < now))
    secret = secrets.token_urlsafe(32)
    lifetime = timedelta(hours=settings.session_lifetime_hours)
    work.session.add(
        LoginSession(digest=digest_of(secret), person=person.id, expires_at=now + lifetime)
    )
    work.record("person.signed-in", person.id)
    return secret


def end(session: Session, cookie: str) -> None:
    """Forget a session."""
    session.execute(delete(LoginSession).where(LoginSession.digest == digest_of(cookie)))
