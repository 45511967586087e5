"""The last good keys of external issuers on disk, so that a restart needs no issuer. By `jwks`."""

import asyncio
import hashlib
import json
import logging
from pathlib import Path
from typing import Any, NamedTuple

from gateway.files import write_whole
from policies.snapshot import IssuerPlan

_MAX_BYTES = 1_048_576


class Kept(NamedTuple):
    """A JWK Set, and when it was last confirmed (epoch seconds)."""

    confirmed: float
    jwks: dict[str, Any]


class KeyFiles:
    """One file per issuer and source; without a folder nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def read(self, plan: IssuerPlan) -> Kept | None:
        """Return what was kept; None where there is nothing that can be used."""
        if self._folder is None:
            return None
        try:
            text = self._file(self._folder, plan).read_bytes()
            kept = json.loads(text) if len(text) <= _MAX_BYTES else None
        except (OSError, ValueError):
            return None
        if not isinstance(kept, dict) or kept.get("of") != _source(plan):
            return None
        confirmed, jwks = kept.get("confirmed"), kept.get("jwks")
        if not isinstance(confirmed, int | float) or not isinstance(jwks, dict):
            return None
        return Kept(float(confirmed), jwks)

    async def write(self, plan: IssuerPlan, confirmed: float, jwks: dict[str, Any]) -> None:
        """Keep the set; a full disk costs only the restart."""
        if self._folder is None:
            return
        text = json.dumps({"of": _source(plan), "confirmed": confirmed, "jwks": jwks}).encode()
        try:
            await asyncio.to_thread(write_whole, self._file(self._folder, plan), text)
        except OSError as error:
            logging.getLogger("gateway").warning("keys not kept: %s", type(error).__name__)

    def _file(self, folder: Path, plan: IssuerPlan) -> Path:
        digest = hashlib.sha256("\n".join(_source(plan)).encode()).hexdigest()
        return folder / f"{digest[:32]}.json"


def _source(plan: IssuerPlan) -> list[str]:
    return [plan.issuer, plan.jwks_uri or "", plan.discovery or ""]
