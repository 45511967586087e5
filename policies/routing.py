"""Which calls a deployment takes beside its base path; declared with the deployment, compiled as it is.

Two deployments of one base path must never both take a call: `meet` tells whether they could.
"""

import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$", max_length=253)]
FieldName = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9!#$%&'*+.^_`|~-]*$", max_length=100)
]
FieldValue = Annotated[
    str, Field(pattern=r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$", max_length=200)
]
MediaVersion = Annotated[str, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9}){0,2}$")]

_PORT = r"[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"
Upstream = Annotated[
    str,
    Field(
        pattern=r"^https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:("
        + _PORT
        + r"))?(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?$",
        max_length=500,
    ),
]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]

# What authenticates a caller, or what the gateway itself writes, is nothing to route by.
_NOT_ROUTED_BY = frozenset(
    {"authorization", "proxy-authorization", "cookie", "x-api-key", "dpop", "host", "accept"}
    | {"connection", "content-length", "transfer-encoding", "x-request-id", "forwarded", "via"}
)
_MAX_RANGES = 20
_SUFFIX = re.compile(r"^[^/]+/[^/]*?[.+-]v([0-9]{1,9}(?:\.[0-9]{1,9}){0,2})(?:\+[a-z0-9.-]+)?$")
_NUMBER = re.compile(r"v?([0-9]{1,9}(?:\.[0-9]{1,9}){0,2})")


class Part(BaseModel):
    """Frozen; unknown members are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Match(Part):
    """What a call must carry beside the path. All of what is given must fit."""

    host: Host | None = None  # without a port
    headers: dict[FieldName, FieldValue] = Field(default_factory=dict, max_length=5)
    media_version: MediaVersion | None = None

    @field_validator("host")
    @classmethod
    def _lower_host(cls, host: str | None) -> str | None:
        return None if host is None else host.lower()

    @field_validator("headers")
    @classmethod
    def _lower_names(cls, headers: dict[str, str]) -> dict[str, str]:
        lower = {name.lower(): value for name, value in headers.items()}
        wrong = sorted(_NOT_ROUTED_BY.intersection(lower))
        if wrong or len(lower) != len(headers):
            raise ValueError(f"no route by {', '.join(wrong) or 'one header in two spellings'}")
        return lower


class Canary(Part):
    """A second upstream of a deployment, for a share of the callers and for some by name.

    `weight` is in percent of what `by` counts; whoever is led there stays there while it grows.
    """

    upstream: Upstream
    weight: float = Field(default=0, ge=0, le=100)
    applications: tuple[Name, ...] = Field(default=(), max_length=1000)
    by: Literal["application", "token"] = "application"

    @model_validator(mode="after")
    def _leads_somebody(self) -> Self:
        if not (self.weight or self.applications):
            raise ValueError(
                "a canary needs a `weight` or `applications`, else nobody is led there"
            )
        return self


class Health(Part):
    """How each address is asked whether it is well: GET of a path, 2xx or 3xx is good."""

    path: Annotated[str, Field(pattern=r"^/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*$", max_length=500)]
    interval_seconds: float = Field(default=5.0, ge=0.1, le=3600)
    timeout_seconds: float = Field(default=2.0, ge=0.05, le=60)
    failures: int = Field(default=2, ge=1, le=100)  # in a row, until it is not used
    successes: int = Field(default=1, ge=1, le=100)  # in a row, until it is used again


class Ejection(Part):
    """When an address is left alone: after failures in a row, twice as long each time."""

    failures: int = Field(default=5, ge=1, le=1000)
    seconds: float = Field(default=10.0, gt=0, le=3600)
    at_most_seconds: float = Field(default=300.0, gt=0, le=86_400)


class Routing(Part):
    """How a deployment shares its base path with others, and which upstreams it has.

    `default` takes what asks for no version and fits no other; `pinned` is reached only by
    applications whose grant names its version.
    """

    match: Match = Match()
    default: bool = False
    pinned: bool = False
    canary: Canary | None = None
    addresses: tuple[Upstream, ...] = Field(default=(), max_length=50)  # beside `upstream`
    health: Health | None = None
    ejection: Ejection | None = None

    @model_validator(mode="after")
    def _one_role(self) -> Self:
        if self.default and self.pinned:
            raise ValueError("`default` and `pinned` exclude each other")
        if self.pinned and self.match.media_version is not None:
            raise ValueError("`pinned` is reached by the grant alone; leave `media_version` out")
        if not self.addresses and (self.health or self.ejection):
            raise ValueError("`health` and `ejection` need further `addresses` to turn to")
        return self

    @property
    def plain(self) -> bool:
        """Return whether the base path alone decides."""
        return self.match == Match() and not self.pinned


def meet(one: Routing | None, other: Routing | None, *, one_version: bool = False) -> bool:
    """Tell whether some call could be for both of two deployments on one path.

    `one_version` tells that both deploy the same version of the same contract.
    """
    one, other = one or Routing(), other or Routing()
    if _apart(one.match, other.match):
        return False
    if one.default and other.default:
        return True
    if one.pinned or other.pinned:
        return one.pinned and other.pinned and one_version
    versions = one.match.media_version, other.match.media_version
    if None not in versions and versions[0] != versions[1]:
        return False
    if one.default == other.default:
        return True
    default, special = (one, other) if one.default else (other, one)
    # A default with a version takes all calls that ask for it; without one it takes what is left.
    return default.match.media_version is not None or special.match == Match()


def _apart(one: Match, other: Match) -> bool:
    if one.host is not None and other.host is not None and one.host != other.host:
        return True
    return any(
        name in other.headers and other.headers[name] != value
        for name, value in one.headers.items()
    )


def asked_version(accept: str, content_type: str) -> str | None:
    """Return the version that a call asks for by media type; None where it asks for none.

    `application/vnd.x.v2+json` or a parameter `version=2`; of several media ranges the one with
    the highest weight counts, then the first (RFC 9110 section 12.5.1). Without such a range the
    media type of the body speaks.
    """
    best, found = 0.0, None
    for media in accept.split(",", _MAX_RANGES)[:_MAX_RANGES]:
        version = _version(media)
        weight = _weight(media) if version is not None else 0.0
        if weight > best:
            best, found = weight, version
    return _version(content_type) if found is None else found


def _version(media: str) -> str | None:
    name, *parameters = media.split(";")
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "version":
            number = _NUMBER.fullmatch(value.strip().strip('"').lower())
            return number[1] if number else None
    suffix = _SUFFIX.match(name.strip().lower())
    return suffix[1] if suffix else None


def _weight(media: str) -> float:
    for parameter in media.split(";")[1:]:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "q":
            text = value.strip()
            return float(text) if re.fullmatch(r"[01](\.[0-9]{0,3})?", text) else 0.0
    return 1.0
