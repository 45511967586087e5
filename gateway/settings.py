"""What one gateway process is told from outside; the only reader of TREATY_GATEWAY_* variables."""

import os
import re
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

_SECRET = re.compile(r"[a-z][a-z0-9-]{0,63}")


class Settings(BaseSettings):
    """Arguments of the process; `token_file` holds the gateway's registry token."""

    model_config = SettingsConfigDict(env_prefix="TREATY_GATEWAY_", frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=8801, ge=0, le=65535)
    registry: str = Field(default="http://127.0.0.1:8800", pattern=r"^https?://[^\s?#]+$")
    environment: str = Field(default="demo", pattern=r"^[a-z][a-z0-9-]{0,63}$")
    name: str = Field(default="gateway-1", pattern=r"^[a-z][a-z0-9-]{0,63}$")
    token_file: Path = Path("gateway-token")
    data_dir: Path = Path("gateway-data")
    poll_seconds: float = Field(default=1.0, gt=0, le=3600)
    snapshot: Path | None = None  # a compiled file to serve, in place of a registry
    # One process of several on the same port: each counts its share of a limit.
    workers: int = Field(default=1, ge=1, le=64)
    # Where all gateways count together; redis://, rediss:// or unix://.
    redis: str | None = Field(default=None, pattern=r"^(redis|rediss|unix)://\S+$")
    listener: int | None = Field(default=None, ge=3)  # an inherited listening socket
    tls_cert: Path | None = None
    tls_key: Path | None = None
    client_ca: Path | None = None  # asks clients for certificates of these authorities
    access_log: bool = False
    # How long a client may take: for a head, between parts of a body, between requests, and to
    # read what it asked for.
    head_seconds: float = Field(default=15.0, gt=0, le=3600)
    body_seconds: float = Field(default=30.0, gt=0, le=3600)
    idle_seconds: float = Field(default=75.0, gt=0, le=3600)
    write_seconds: float = Field(default=60.0, gt=0, le=3600)


def secret(name: str, folder: Path) -> str | None:
    """Return the secret that policies call `name`; None where this gateway holds none.

    It stands in the file `name` of the folder, or in TREATY_GATEWAY_SECRET_<NAME>.
    """
    if _SECRET.fullmatch(name) is None:
        return None
    try:
        text = (folder / name).read_text(encoding="utf-8")
    except (OSError, ValueError):
        variable = f"TREATY_GATEWAY_SECRET_{name.upper().replace('-', '_')}"
        text = os.environ.get(variable, "")  # noqa: TID251  # the settings module
    return text.strip() or None
