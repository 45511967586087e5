"""Whom we speak to and as whom: TREATY_URL and TREATY_TOKEN, .treaty/ here or above, the user's own.

A URL and its token always come from the same place, so that a token never travels to an address
that somebody else wrote down.
"""

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from contracts import catalog
from contracts.errors import TreatyError
from registry.cli import settings

FILE = "credentials.json"
FOLDER = ".treaty"
_MAX_BYTES = 64_000
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class Credentials:
    """A registry and a token for it; `origin` says where they were found."""

    url: str
    token: str
    origin: str

    def __repr__(self) -> str:
        return f"Credentials({self.url!r}, origin={self.origin!r})"


def candidates(start: Path) -> Iterator[Path]:
    """Yield where credentials may be stored, nearest first."""
    for folder in (start, *start.parents):
        yield folder / FOLDER / FILE
    yield settings.user_folder() / FILE


def find(start: Path) -> Credentials | None:
    """Return the credentials in force for `start`, or None.

    Raises `TreatyError` (not-signed-in) for a file that is damaged, or that another user owns.
    """
    if settings.token():
        return Credentials(settings.url() or settings.DEFAULT_URL, settings.token(), "TREATY_TOKEN")
    for path in candidates(start):
        if path.is_file():
            found = _read(path)
            if settings.url() and settings.url().rstrip("/") != found.url:
                raise TreatyError(
                    catalog.NOT_SIGNED_IN,
                    f"TREATY_URL names another registry than {path}; its token stays here.",
                )
            return found
    return None


def require(start: Path) -> Credentials:
    """Return the credentials in force. Raises `TreatyError` (not-signed-in)."""
    found = find(start)
    if found is None:
        raise TreatyError(
            catalog.NOT_SIGNED_IN, "No credentials in TREATY_TOKEN, .treaty/ or your user folder."
        )
    return found


def store(path: Path, url: str, token: str) -> None:
    """Write credentials that only their owner may read."""
    private(path, json.dumps({"url": url, "token": token}, indent=2) + "\n")


def private(path: Path, text: str) -> None:
    """Write a file of mode 0600 in one step; a reader sees the old text or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def checked_url(url: str) -> str:
    """Return a base URL without trailing slash. Raises `ValueError` with a sentence."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("a registry URL looks like https://treaty.example.com")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("a registry URL has no user, query or fragment")
    return url.rstrip("/")


def is_loopback(url: str) -> bool:
    """Return whether a URL leads to this very machine."""
    return urlsplit(url).hostname in _LOOPBACK


def is_private(path: Path) -> bool:
    """Return whether only the owner may read a file."""
    return not stat.S_IMODE(path.stat().st_mode) & 0o077


def _read(path: Path) -> Credentials:
    if path.stat().st_uid != os.getuid():
        raise TreatyError(catalog.NOT_SIGNED_IN, f"{path} belongs to another user and is not used.")
    try:
        with path.open("rb") as file:
            stored = json.loads(file.read(_MAX_BYTES))
        return Credentials(checked_url(stored["url"]), str(stored["token"]), str(path))
    except (ValueError, LookupError, TypeError, AttributeError):
        raise TreatyError(
            catalog.NOT_SIGNED_IN, f"{path} is damaged; sign in again to replace it."
        ) from None
