"""An application as the OAuth 2 server sees it: a confidential client with granted scopes."""

import hmac
from datetime import datetime

from authlib.oauth2.rfc6749 import ClientMixin
from sqlalchemy import select

from registry.db.models import Application, Credential, Grant
from registry.services.access import digest_of
from registry.services.work import Work

METHODS = ("client_secret_basic", "client_secret_post")


class Client(ClientMixin):  # type: ignore[misc]  # Authlib ships no types
    """Adapts a row; read once per request."""

    def __init__(self, work: Work, row: Application) -> None:
        self.client_id = row.id
        self.lifetime_seconds = row.token_lifetime_seconds
        now = work.now()
        self._secrets = _live_secrets(work, row.id, now)
        self.scopes = _granted_scopes(work, row.id, now)

    def check_client_secret(self, client_secret: str) -> bool:
        """Compare with every live secret, in constant time, so that secrets can be rotated."""
        digest = digest_of(client_secret)
        # All are compared: how many secrets there are must not show in the time it takes.
        matches = [hmac.compare_digest(digest, known) for known in self._secrets]
        return any(matches)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Allow the two methods at every endpoint."""
        del endpoint
        return method in METHODS

    def check_grant_type(self, grant_type: str) -> bool:
        """Allow client credentials, the only grant of this issuer."""
        return grant_type == "client_credentials"

    def check_response_type(self, response_type: str) -> bool:
        """Refuse: there is no authorization endpoint."""
        del response_type
        return False


def _live_secrets(work: Work, application: str, now: datetime) -> tuple[str, ...]:
    query = select(Credential).where(
        Credential.application == application,
        Credential.kind == "client-secret",
        Credential.revoked_at.is_(None),
    )
    rows = work.session.scalars(query)
    return tuple(row.digest for row in rows if row.expires_at is None or row.expires_at > now)


def _granted_scopes(work: Work, application: str, now: datetime) -> frozenset[str]:
    query = select(Grant).where(Grant.application == application, Grant.state == "approved")
    return frozenset(
        scope
        for row in work.session.scalars(query)
        if row.expires_at is None or row.expires_at > now
        for scope in row.scopes
    )
