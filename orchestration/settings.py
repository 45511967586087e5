"""Secrets by reference: the name of an environment variable, or a file; never the secret itself."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts import catalog
from contracts.errors import TreatyError

_MAX_SECRET = 16_384


class Settings(BaseModel):
    """Frozen; unknown members are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Secret(Settings):
    """A secret by reference: the name of an environment variable, or a file."""

    env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,99}$")] | None = None
    file: str | None = None

    @model_validator(mode="after")
    def _one(self) -> "Secret":
        if (self.env is None) == (self.file is None):
            raise ValueError("a secret is named by `env` or by `file`; it never stands here itself")
        return self

    def value(self) -> str:
        """Return the secret. Raises `TreatyError` (not-found) that names the reference only."""
        # Secrets by reference are settings: this is the one place that follows the reference.
        found = os.environ.get(self.env) if self.env else _content(Path(str(self.file)))  # noqa: TID251  # see above
        if not found:
            raise TreatyError(
                catalog.NOT_FOUND, f"The secret {self.env or self.file} is not there."
            )
        return found


def _content(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as handle:
            return handle.read(_MAX_SECRET).strip()
    except (OSError, UnicodeDecodeError):
        return ""
