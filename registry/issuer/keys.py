"""Signing keys and their rotation.

A new key is published (JWKS, snapshots) before it signs, and a retired one stays published until
the last token it signed has expired; so no verifier ever meets a key it has not heard of.
"""

import json
from datetime import timedelta

from joserfc.jwk import RSAKey
from sqlalchemy import select

from registry.db.models import SigningKey
from registry.issuer.keyring import Keyring
from registry.permissions import Permission
from registry.services import snapshots
from registry.services.work import Work

ALGORITHM = "RS256"
_BITS = 2048
# How long gateways need to hear of a new key, generously.
LEAD = timedelta(minutes=10)
# The longest life of an access token (`token_lifetime_seconds` is bounded by a day).
OVERLAP = timedelta(days=1, minutes=10)


def ensure(work: Work, keyring: Keyring) -> None:
    """Make the first key where there is none; it signs at once, nobody knows an older one."""
    if work.session.scalars(select(SigningKey).limit(1)).first() is None:
        _add(work, keyring, lead=timedelta(0))


def rotate(work: Work, keyring: Keyring) -> SigningKey:
    """Add a key that signs after `LEAD`, retire the others by then, drop what has run out."""
    work.require(Permission.ISSUER_ADMIN)
    now = work.now()
    for old in work.session.scalars(select(SigningKey)):
        if old.retired_at is None:
            old.retired_at = now + LEAD
        elif old.retired_at + OVERLAP < now:
            work.session.delete(old)
    return _add(work, keyring, lead=LEAD)


def signing(work: Work, keyring: Keyring) -> RSAKey:
    """Return the newest key that may sign now."""
    query = select(SigningKey).where(SigningKey.signs_from <= work.now())
    row = work.session.scalars(query.order_by(SigningKey.signs_from.desc()).limit(1)).one()
    return RSAKey.import_key(json.loads(keyring.open(row.sealed, row.kid)))


def public(work: Work) -> dict[str, object]:
    """Return the JWKS (RFC 7517 section 5)."""
    rows = work.session.scalars(select(SigningKey).order_by(SigningKey.kid))
    return {"keys": [row.public for row in rows]}


def _add(work: Work, keyring: Keyring, *, lead: timedelta) -> SigningKey:
    key = RSAKey.generate_key(_BITS, {"use": "sig", "alg": ALGORITHM}, private=True)
    key.ensure_kid()
    private = json.dumps(key.as_dict(private=True)).encode()
    row = SigningKey(
        kid=key.kid, algorithm=ALGORITHM, sealed=keyring.seal(private, str(key.kid)),
        public=dict(key.as_dict(private=False)), created_at=work.now(),
        signs_from=work.now() + lead,
    )  # fmt: skip
    work.session.add(row)
    work.session.flush()
    work.record("signing-key.created", row.kid)
    snapshots.recompile(work)
    return row
