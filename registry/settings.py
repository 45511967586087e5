"""Settings of the registry's processes; the only place that reads the environment."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read from `TREATY_*`; options of `python -m registry` come on top."""

    model_config = SettingsConfigDict(env_prefix="TREATY_", extra="ignore")

    data_dir: Path = Path(".treaty")
    database_url: str = ""
    public_url: str = "http://127.0.0.1:8800"
    payload_key_file: Path | None = None  # seals the payloads of runs; all processes need the same
    audience: str = "treaty-gateway"
    max_body_bytes: int = Field(default=26_000_000, ge=1024)
    key_lifetime_days: int = Field(default=90, ge=1)
    link_lifetime_hours: int = Field(default=24, ge=1)
    session_lifetime_hours: int = Field(default=12, ge=1)

    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_default_role: str = "consumer"

    @property
    def database(self) -> str:
        """The SQLAlchemy URL: SQLite in the data folder unless another one is set."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'registry.db').absolute()}"
