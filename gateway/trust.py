"""What the gateway knows of issuers and callers beyond one snapshot. Held by `ports.Shared`."""

import secrets
from collections.abc import Callable
from pathlib import Path

from gateway.introspection import Introspections
from gateway.jwks import KeyRing
from gateway.proofs import Proofs
from gateway.settings import secret


class Trust:
    """Keys of external issuers, answers about opaque tokens, proofs that were used."""

    def __init__(
        self, now: Callable[[], float], data_dir: Path | None, key: bytes | None = None
    ) -> None:
        folder = Path("secrets") if data_dir is None else data_dir / "secrets"
        self.keys = KeyRing(None if data_dir is None else data_dir / "jwks", now)
        self.introspections = Introspections(lambda name: secret(name, folder), now)
        proofs = None if data_dir is None else data_dir / "proofs"
        self.proofs = Proofs(key or secrets.token_bytes(32), proofs)
