"""Who is behind an API key: looked up by its SHA-256 digest, so no timing tells of a near miss."""

import hashlib
from collections.abc import Callable

from policies.exchange import Identity, Rejected
from policies.snapshot import ApiKeyPlan, Snapshot

_MAX_CHARS = 512
_UNKNOWN = Rejected("The API key is not known.")
_EXPIRED = Rejected("The API key has expired.")


class KeyVerifier:
    """Verifies the API keys of one snapshot."""

    def __init__(self, snapshot: Snapshot, now: Callable[[], float]) -> None:
        self._now = now
        self._keys: dict[str, tuple[ApiKeyPlan, Identity]] = {}
        held: dict[str, set[str]] = {application.id: set() for application in snapshot.applications}
        for grant in snapshot.grants:
            held.setdefault(grant.application, set()).update(grant.scopes)
        known = {application.id for application in snapshot.applications}
        for key in snapshot.api_keys:
            if key.application in known:
                # A key carries no scopes of its own: it may do what its application's grants say.
                caller = Identity(key.application, frozenset(held[key.application]), {})
                self._keys[key.digest] = key, caller

    def verify(self, key: str) -> Identity | Rejected:
        """Return the caller, or why the key is not valid."""
        if len(key) > _MAX_CHARS:
            return _UNKNOWN
        digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
        found = self._keys.get(digest)
        if found is None:
            return _UNKNOWN
        plan, caller = found
        if plan.expires_at is not None and plan.expires_at <= self._now():
            return _EXPIRED
        return caller
