"""Seals the private signing keys: the database holds them encrypted, the data folder the key.

AES-256-GCM; the key file has mode 0600 and is made on first use.
"""

import base64
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class Keyring:
    """Encrypts and decrypts small secrets with the key file of the data folder."""

    def __init__(self, path: Path) -> None:
        self._aead = AESGCM(_load(path))

    def seal(self, secret: bytes, name: str) -> str:
        """Return the secret encrypted, bound to `name`, as text."""
        nonce = secrets.token_bytes(_NONCE)
        return base64.b64encode(nonce + self._aead.encrypt(nonce, secret, name.encode())).decode()

    def open(self, sealed: str, name: str) -> bytes:
        """Return the secret. Raises `cryptography.exceptions.InvalidTag` for another key or name."""
        raw = base64.b64decode(sealed)
        return self._aead.decrypt(raw[:_NONCE], raw[_NONCE:], name.encode())


def _load(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        # O_EXCL: two processes that start together must not make two keys.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        key = secrets.token_bytes(32)
        file.write(key)
    return key
