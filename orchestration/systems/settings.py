"""Where the systems of an environment are, and how to sign in: one YAML file, secrets by reference."""

from typing import Annotated, Literal

from pydantic import Field

from orchestration.alerting.settings import AlertSettings
from orchestration.definition import Duration, Name, Slug
from orchestration.exchange.settings import ExchangeSettings
from orchestration.settings import Secret, Settings


class NoAuth(Settings):
    """The system asks for nothing."""

    style: Literal["none"] = "none"


class Basic(Settings):
    """RFC 7617: user and password, or an API token in its place (Jira, ServiceNow)."""

    style: Literal["basic"]
    user: str
    password: Secret


class Bearer(Settings):
    """RFC 6750 with a token that somebody made for us."""

    style: Literal["bearer"]
    token: Secret


class ClientCredentials(Settings):
    """OAuth 2.0 client credentials (RFC 6749 section 4.4)."""

    style: Literal["client-credentials"]
    token_url: str
    client_id: str
    client_secret: Secret
    scope: str = ""


class RefreshToken(Settings):
    """OAuth 2.0 refresh token (RFC 6749 section 6)."""

    style: Literal["refresh-token"]
    token_url: str
    client_id: str
    client_secret: Secret | None = None
    refresh_token: Secret


class JwtBearer(Settings):
    """A signed assertion for an access token (RFC 7523), as Salesforce takes it."""

    style: Literal["jwt-bearer"]
    token_url: str
    issuer: str
    subject: str
    audience: str
    key: Secret  # PEM of an RSA or EC private key


class Session(Settings):
    """A login that gives a session token for a header, as older on-premises systems do."""

    style: Literal["session"]
    login_url: str
    user: str
    password: Secret
    user_field: str = Field(default="user", max_length=100)
    password_field: str = Field(default="password", max_length=100)  # names of the login's members
    also: dict[str, str] = Field(default_factory=dict, max_length=10)  # like a company's database
    token_pointer: str = "/token"  # noqa: S105  # where the token stands in the answer
    header: str = "Authorization"
    prefix: str = "Session "


Auth = Annotated[
    NoAuth | Basic | Bearer | ClientCredentials | RefreshToken | JwtBearer | Session,
    Field(discriminator="style"),
]


class Limit(Settings):
    """What a system bears of all workers together: calls a second with a burst, and calls at once."""

    per_second: float = Field(gt=0, le=10_000)
    burst: int = Field(default=1, ge=1, le=10_000)
    concurrent: int = Field(default=8, ge=1, le=1_000)


class SystemSettings(Settings):
    """One system of an environment. `certificate` and `certificate_key` are files, for mutual TLS."""

    base_url: Annotated[str, Field(pattern=r"^https?://[^\s?#@]+$", max_length=500)]
    auth: Auth = NoAuth()
    limit: Limit | None = None  # of all calls together
    limits: dict[Literal["read", "write"], Limit] = Field(default_factory=dict)
    timeout_seconds: float = Field(default=30.0, gt=0, le=600)
    certificate: str | None = None
    certificate_key: str | None = None
    ca: str | None = None


class RemoteSettings(Settings):
    """A system on premises: its site's agents know its address, its secrets, and what it bears."""

    site: Slug
    timeout_seconds: float = Field(default=60.0, gt=0, le=600)


class SiteSettings(Settings):
    """What runs do while no agent of a site is connected: `wait` so long, or `fail` at once."""

    offline: Literal["wait", "fail"] = "wait"
    wait_for: Duration = "4h"


class RetentionSettings(Settings):
    """How long is kept what ended runs held, and who was told of what; facts and audit stay."""

    payloads: Duration = "90d"
    notices: Duration = "30d"


class FeedSettings(Settings):
    """Where a system keeps its events in order, for those that cannot send them."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s?#@]+$", max_length=500)]
    every_seconds: float = Field(default=1.0, ge=0.1, le=86_400)


class RelaySettings(Settings):
    """A receiver of events: where it is, which types it wants (`project.*`), the secret both know."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s?#@]+$", max_length=500)]
    types: tuple[Annotated[str, Field(min_length=1, max_length=100)], ...] = ("*",)
    secret: Secret
    every_seconds: float = Field(default=1.0, ge=0.1, le=3_600)


class SystemsFile(Settings):
    """The systems of one environment, by the names that flows use; what is read, and who is told."""

    systems: dict[Name, SystemSettings | RemoteSettings] = Field(max_length=50)
    sites: dict[Slug, SiteSettings] = Field(default_factory=dict, max_length=50)
    feeds: dict[Name, FeedSettings] = Field(default_factory=dict, max_length=50)
    exchanges: dict[Slug, ExchangeSettings] = Field(default_factory=dict, max_length=50)
    relays: dict[Slug, RelaySettings] = Field(default_factory=dict, max_length=50)
    alerts: AlertSettings = AlertSettings()
    retention: RetentionSettings = RetentionSettings()
