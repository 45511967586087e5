"""The first administrator: a token for the machine, and a link that signs a person in once."""

import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from registry.db.engine import transaction
from registry.db.models import ApiToken, LoginLink, Person
from registry.deps import Parts
from registry.issuer import keys
from registry.permissions import ROLES
from registry.services.access import create_token, digest_of
from registry.services.work import Actor, Work

BOOTSTRAP = Actor("system", "bootstrap", "bootstrap", "admin", ROLES["admin"], frozenset())


def bootstrap(parts: Parts, *, rotate: bool = False) -> dict[str, str | None]:
    """Return `admin_token`, `gateway_token` and `login_path`.

    Tokens are made on the first run, or where `rotate` asks for new ones, which ends the old;
    otherwise they are None: nobody can read a token again. The link is new every time.
    """
    with transaction(parts.engine, writes=True) as session:
        work = Work(session, BOOTSTRAP, parts.issuer)
        keys.ensure(work, parts.keyring)
        return {
            "admin_token": _token(work, "bootstrap-admin", "admin", rotate),
            "gateway_token": _token(work, "bootstrap-gateway", "gateway", rotate),
            "login_path": f"/login/link/{_link(work, parts)}",
        }


def _token(work: Work, name: str, role: str, rotate: bool) -> str | None:
    query = select(ApiToken).where(ApiToken.name == name, ApiToken.revoked_at.is_(None))
    known = list(work.session.scalars(query))
    if known and not rotate:
        return None
    for row in known:
        row.revoked_at = work.now()
        work.record("token.revoked", row.id)
    return create_token(work, name, role, None, [], None)[1]


def _link(work: Work, parts: Parts) -> str:
    admin = work.session.scalars(select(Person).where(Person.role == "admin").limit(1)).first()
    if admin is None:
        admin = Person(name="Administrator", email=None, role="admin", created_at=work.now())
        work.session.add(admin)
        work.session.flush()
        work.record("person.created", admin.id, role="admin")
    secret = secrets.token_urlsafe(32)
    lifetime = timedelta(hours=parts.settings.link_lifetime_hours)
    work.session.add(
        LoginLink(
            digest=digest_of(secret), person=admin.id, expires_at=datetime.now(UTC) + lifetime
        )
    )
    return secret
