"""Which troubles are told to whom: rules and channels of the worker's systems file."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from orchestration.definition import Duration, Slug
from orchestration.settings import Secret, Settings

_Url = Annotated[str, Field(pattern=r"^https?://[^\s?#@]+$", max_length=500)]
_Glob = Annotated[str, Field(min_length=1, max_length=100)]
_Address = Annotated[str, Field(pattern=r"^[^\s@<>,;]{1,64}@[^\s@<>,;]{1,200}$")]


class WebhookChannel(Settings):
    """A JSON body, signed as the relays' are (Standard Webhooks 1.0)."""

    style: Literal["webhook"]
    url: _Url
    secret: Secret


class SlackChannel(Settings):
    """An incoming webhook that takes `{"text": …}`; its URL is the secret."""

    style: Literal["slack"]
    url: Secret


class EmailChannel(Settings):
    """A mail by way of an SMTP server."""

    style: Literal["email"]
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]{1,253}$")]
    port: int = Field(default=587, ge=1, le=65_535)
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = Field(default=None, max_length=200)
    password: Secret | None = None
    sender: _Address
    to: tuple[_Address, ...] = Field(min_length=1, max_length=50)

    @model_validator(mode="after")
    def _private(self) -> "EmailChannel":
        if self.password is not None and self.tls == "none":
            raise ValueError("a password does not leave without TLS")
        return self


Channel = Annotated[WebhookChannel | SlackChannel | EmailChannel, Field(discriminator="style")]


class _Rule(Settings):
    to: tuple[Slug, ...] = Field(min_length=1, max_length=10)
    again: Duration = "1d"  # how often a trouble that lasts is told anew


class ExceptionRule(_Rule):
    """Runs that cannot go on, by their cause, as soon as the first one is there."""

    when: Literal["exception"]
    flows: tuple[_Glob, ...] = ("*",)
    criticality: tuple[Literal["low", "normal", "high", "critical"], ...] = ("high", "critical")


class OverdueRule(_Rule):
    """Exceptions whose SLA clock has run out, or will `before` long, by their cause."""

    when: Literal["overdue"]
    flows: tuple[_Glob, ...] = ("*",)
    before: Duration = "0s"


class LateRule(_Rule):
    """Runs that have not ended within the SLA of their flow."""

    when: Literal["late"]
    flows: tuple[_Glob, ...] = ("*",)


class MetricRule(_Rule):
    """A figure of the board above or below a limit, for so long."""

    when: Literal["metric"]
    metric: Slug
    above: Decimal | None = None
    below: Decimal | None = None
    lasting: Duration = Field(default="0s", alias="for")

    @model_validator(mode="after")
    def _one(self) -> "MetricRule":
        if (self.above is None) is (self.below is None):
            raise ValueError("say `above` or `below`, one of them")
        return self


Rule = Annotated[ExceptionRule | OverdueRule | LateRule | MetricRule, Field(discriminator="when")]


class AlertSettings(Settings):
    """Rules and the channels that they name."""

    channels: dict[Slug, Channel] = Field(default_factory=dict, max_length=20)
    rules: dict[Slug, Rule] = Field(default_factory=dict, max_length=100)
    every_seconds: float = Field(default=10.0, ge=0.1, le=3_600)

    @model_validator(mode="after")
    def _known(self) -> "AlertSettings":
        for name, rule in self.rules.items():
            strange = sorted(set(rule.to) - self.channels.keys())
            if strange:
                raise ValueError(f"{name}: there is no channel {strange[0]!r}")
        return self
