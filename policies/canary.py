"""Who is led to a canary: some by name, and a share of the others by a hash that nothing resets.

Used by the gateway per call, and by `explain`.
"""

import hashlib
from collections.abc import Mapping

from policies.routing import Canary

_STEPS = 10_000
_MAX_KNOWN = 10_000


def caller(canary: Canary, application: str | None, headers: Mapping[str, str], client: str) -> str:
    """Return what the share is counted by: the application, or the credential of the call.

    Where there is neither, the peer's address stands for the caller.
    """
    if canary.by == "application" and application is not None:
        return f"application {application}"
    token = headers.get("authorization") or headers.get("x-api-key")
    return f"client {client}" if token is None else f"token {token}"


class Share:
    """The draw of one deployment: the same for equal callers, on every gateway and after a reload."""

    def __init__(self, canary: Canary, seed: str) -> None:
        self._named = frozenset(canary.applications)
        self._below = canary.weight * _STEPS / 100
        self._seed = seed
        self._known: dict[str, bool] = {}

    def takes(self, application: str | None, who: str) -> bool:
        """Tell whether the canary serves the caller."""
        if application in self._named:
            return True
        known = self._known.get(who)
        if known is None:
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            known = self._known[who] = _draw(f"{self._seed} {who}") < self._below
        return known


def _draw(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) % _STEPS
