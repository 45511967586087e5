"""Payloads of runs sealed at rest: events, journals, edits and previews, by a key file that is not in the database.

Sealed where a key is in use; rows from before stay readable. Facts and the names of keys stay plain: the
board counts them.
"""

import json
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import JSON, Dialect, TypeDecorator

from contracts import catalog
from contracts.errors import TreatyError
from registry.issuer.keyring import Keyring

_MARK = "$sealed"
_NAME = "payload"


class Sealer:
    """Seals JSON values; without a key it leaves them as they are."""

    def __init__(self) -> None:
        self._keyring: Keyring | None = None

    def use(self, path: Path | None) -> None:
        """Seal with the key of this file from now on, which is made where it is missing."""
        self._keyring = Keyring(path) if path is not None else None

    def seal(self, value: Any) -> Any:
        """Return the value as it may be stored."""
        if self._keyring is None or value is None:
            return value
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return {_MARK: self._keyring.seal(text.encode(), _NAME)}

    def open(self, stored: Any) -> Any:
        """Return the value. Raises `TreatyError` (internal-error) for another key, or none."""
        if not isinstance(stored, dict) or set(stored) != {_MARK}:
            return stored
        if self._keyring is None:
            raise TreatyError(catalog.INTERNAL, "A payload is sealed: name the key file.")
        try:
            return json.loads(self._keyring.open(stored[_MARK], _NAME))
        except InvalidTag:
            raise TreatyError(catalog.INTERNAL, "A payload was sealed with another key.") from None


# One key per process, as there is one database; set by the composition roots.
SEALER = Sealer()


class Sealed(TypeDecorator[Any]):
    """A JSON column whose values are sealed where a key is in use."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Return the sealed value."""
        del dialect
        return SEALER.seal(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Return the opened value."""
        del dialect
        return SEALER.open(value)
