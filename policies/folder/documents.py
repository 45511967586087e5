"""What the files of a folder may say; `treaty schema folder` prints the JSON Schema of it."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from policies.jwk import ALGORITHMS
from policies.routing import Canary, Ejection, Health, Match, Routing
from policies.snapshot import IntrospectionPlan, LimitPlan

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]
Path = Annotated[str, Field(min_length=1, max_length=500)]
Text = Annotated[str, Field(max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]
Scope = Annotated[str, Field(pattern=r"^[\x21\x23-\x5b\x5d-\x7e]{1,200}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Upstream = Annotated[str, Field(pattern=r"^https?://[^\s?#@]+$", max_length=500)]
BasePath = Annotated[str, Field(pattern=r"^(/[A-Za-z0-9._~-]+)*/?$", max_length=200)]


class Document(BaseModel):
    """Frozen; unknown members are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Issuer(Document):
    """Who signs access tokens; its public keys stand here, in a file of the folder, or elsewhere.

    `jwks_uri` leads gateways to its JWK Set, `discovery` to its metadata (RFC 8414), and
    `introspection` to whom they ask about opaque tokens (RFC 7662).
    """

    issuer: Text
    audience: Text
    name: Name | None = None
    algorithms: tuple[Text, ...] = tuple(ALGORITHMS)
    jwks: dict[str, object] | None = None
    jwks_file: Path | None = None
    jwks_uri: Text | None = None
    discovery: Text | None = None
    introspection: IntrospectionPlan | None = None
    max_age_seconds: int = Field(default=86_400, ge=60, le=30 * 86_400)

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        here = self.jwks is not None or self.jwks_file is not None
        elsewhere = self.jwks_uri or self.discovery or self.introspection
        if (self.jwks is not None and self.jwks_file is not None) or not (here or elsewhere):
            raise ValueError(
                "give its keys as `jwks` or as `jwks_file`, or say where they are: "
                "`jwks_uri`, `discovery`, `introspection`"
            )
        return self


class Key(Document):
    """An API key by its SHA-256 digest; the key itself never stands in a file."""

    sha256: Digest
    expires: datetime | None = None


class Application(Document):
    """A consumer; `id` is what tokens carry as `client_id`."""

    id: Name
    name: Text = ""
    team: Text = ""
    keys: tuple[Key, ...] = ()


class Plan(Document):
    """Limits that grants refer to."""

    name: Name
    limits: tuple[LimitPlan, ...] = ()


class Grant(Document):
    """What an application may do with a contract."""

    application: Name
    contract: Name
    plan: Name
    scopes: tuple[Scope, ...] = ()
    expires: datetime | None = None
    version: Text | None = None  # what an unversioned base path means for the application


class Deployment(Document):
    """A version of a contract, where it is reached and where it leads."""

    contract: Name
    file: Path
    upstream: Upstream
    base_path: BasePath = ""
    version: Text | None = None
    state: Literal["published", "deprecated", "sunset"] = "published"
    timeout_seconds: float = Field(default=30.0, gt=0, le=3600)
    deprecated: datetime | None = None
    sunset: datetime | None = None
    successor: BasePath | None = None
    match: Match = Match()
    default: bool = False
    pinned: bool = False
    canary: Canary | None = None
    addresses: tuple[Upstream, ...] = Field(default=(), max_length=50)  # beside `upstream`
    health: Health | None = None
    ejection: Ejection | None = None

    @property
    def routing(self) -> Routing | None:
        """Return how it shares its base path; None where the path alone decides."""
        routing = Routing(**{name: getattr(self, name) for name in Routing.model_fields})
        return None if routing == Routing() else routing

    @model_validator(mode="after")
    def _routed(self) -> Self:
        Routing(**{name: getattr(self, name) for name in Routing.model_fields})
        return self


class World(Document):
    """One file. Lists of several files are put together; the environment stands in one of them."""

    environment: Name | None = None
    issuers: tuple[Issuer, ...] = ()
    applications: tuple[Application, ...] = ()
    plans: tuple[Plan, ...] = ()
    grants: tuple[Grant, ...] = ()
    deployments: tuple[Deployment, ...] = ()
