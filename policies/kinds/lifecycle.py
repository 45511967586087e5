"""Where a version stands in its life: Deprecation, brownouts, Sunset, and 410 after the end."""

import re
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any, Literal

from pydantic import Field

from contracts import catalog
from contracts.problem import Problem
from policies.brownouts import Brownout, Duration
from policies.decision import Denial
from policies.exchange import Exchange, Ports
from policies.kind import Compiled, Enforcer, Kind, RequestOnly, Spec, Stage, Target
from policies.phaseout import Announcer, BrownoutGate, refuse_idle, sunset_of

# What may stand between < and > of a Link header: no spaces, controls, quotes or brackets.
_URL = re.compile(r"https?://[!#-;=?-~]{1,500}")
_TWO_WEEKS = "14d"


class Exempt(Spec):
    """Who is spared the brownouts: applications by id, and whoever is granted one of the plans."""

    applications: tuple[str, ...] = Field(default=(), max_length=1000)
    plans: tuple[str, ...] = Field(default=(), max_length=100)


class LifecycleSpec(Spec):
    """What happens before and after the sunset date.

    `brownouts` hold for what is deprecated or has a sunset date; each is announced on every reply
    from `announce` before it begins (`Treaty-Brownout: @from;until=@until`). One is written
    `{from: '2027-01-15T08:00:00Z', until: '2027-01-16T08:00:00Z', every: 4h, for: 10m}`; without
    `every` and `for` it lasts the whole time. `exempt: {applications: [...], plans: [...]}`.
    """

    after_sunset: Literal["gone", "serve"] = "gone"
    brownouts: tuple[Brownout, ...] = Field(default=(), max_length=50)
    exempt: Exempt = Exempt()
    announce: Duration = Field(default=_TWO_WEEKS, validate_default=True)


def compile_rule(spec: LifecycleSpec, target: Target) -> Compiled | None:
    """Return the dates of the version and the operation, the earlier one of each.

    Raises `TreatyError`: invalid-contract for an `x-sunset` that is no date, policy-conflict for
    brownouts that could never happen.
    """
    plan, operation = target.plan, target.operation
    sunsets = [date for date in (plan.sunset_at, sunset_of(target)) if date is not None]
    # RFC 9745 section 2.1: the date may lie ahead, so a known one is always announced.
    announced = plan.state in ("deprecated", "sunset") or plan.deprecated_at is not None
    deprecated = announced or operation.deprecated
    sunset = min(sunsets, default=None)
    windows = [brownout.plain() for brownout in spec.brownouts]
    refuse_idle(windows, target)
    if not deprecated and not sunsets:
        return None
    settings: dict[str, object] = {
        "deprecated_at": plan.deprecated_at,
        "deprecated": deprecated,
        "sunset_at": sunset,
        "ended": plan.state == "sunset",
        "successor": plan.successor,
        "after_sunset": spec.after_sunset,
        "documentation": _documentation(target),
    }
    if not windows:
        return Compiled(settings, operation.node.pointer)
    exempt = spec.exempt.model_dump(mode="json")
    gate = {"part": "brownouts", "brownouts": windows, "exempt": exempt}
    # Who is exempt is only known behind authentication; else the cheapest place is the first.
    late = bool(spec.exempt.applications or spec.exempt.plans)
    stage = Stage.BROWNOUT if late else Stage.LIFECYCLE
    settings |= {"brownouts": windows, "announce_seconds": spec.announce}
    then = Compiled(gate, operation.node.pointer, stage=stage)
    return Compiled(settings, operation.node.pointer, then=then)


def _documentation(target: Target) -> str | None:
    """Return the `externalDocs` page of the operation or the contract, where it fits a header."""
    for value in (target.operation.node.value, target.contract.document.root):
        docs = value.get("externalDocs") if isinstance(value, dict) else None
        url = docs.get("url") if isinstance(docs, dict) else None
        if isinstance(url, str) and _URL.fullmatch(url):
            return url
    return None


class Lifecycle(RequestOnly):
    """Adds the header fields to every answer, refusals included, and ends the version in time."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._ended: bool = settings["ended"]
        self._sunset: int | None = settings["sunset_at"]
        self._successor: str | None = settings["successor"]
        self._serve = settings["after_sunset"] == "serve"
        self._headers = _fields(settings)
        windows = settings.get("brownouts")
        self._announcer = Announcer(windows, settings["announce_seconds"]) if windows else None

    def on_request(self, exchange: Exchange, ports: Ports) -> Denial | None:
        """Refuse with 410 after the sunset date."""
        exchange.added_headers += self._headers
        over = self._ended or (self._sunset is not None and self._sunset <= ports.now())
        if not over or self._serve:
            if self._announcer is not None:
                exchange.added_headers += self._announcer.fields(ports.now())
            return None
        contract = exchange.contract
        successor = f" Its successor is at {self._successor}." if self._successor else ""
        return Denial(
            Problem(
                catalog.VERSION_SUNSET,
                f"{contract.contract} {contract.version} has been sunset.{successor}",
                extensions={"successor": self._successor} if self._successor else {},
            )
        )


def _fields(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    fields = []
    if settings["deprecated"]:
        # RFC 9745 section 2: a structured Date; an unknown date is the beginning of the epoch.
        fields.append(("Deprecation", f"@{settings['deprecated_at'] or 0}"))
    if settings["sunset_at"] is not None:
        fields.append(("Sunset", formatdate(settings["sunset_at"], usegmt=True)))  # RFC 8594
    page = settings.get("documentation")
    if page and settings["deprecated"]:
        fields.append(("Link", f'<{page}>; rel="deprecation"; type="text/html"'))  # RFC 9745 3
    if page and settings["sunset_at"] is not None:
        fields.append(("Link", f'<{page}>; rel="sunset"; type="text/html"'))  # RFC 8594 6
    if settings["successor"]:
        fields.append(("Link", f'<{settings["successor"]}>; rel="successor-version"'))
    return fields


def build(settings: Mapping[str, Any]) -> Enforcer:
    """Return the enforcer of one part of the policy."""
    return BrownoutGate(settings) if settings.get("part") == "brownouts" else Lifecycle(settings)


_EXAMPLE = """\
policy: gone-means-gone
kind: lifecycle
spec: {after_sunset: gone}
"""

KIND = Kind(
    name="lifecycle",
    stage=Stage.LIFECYCLE,
    summary=(
        "Sends Deprecation (RFC 9745), Sunset (RFC 8594) and successor links; "
        "503 in brownouts, 410 after sunset."
    ),
    spec=LifecycleSpec,
    compile=compile_rule,
    build=build,
    example=_EXAMPLE,
    problems=(catalog.VERSION_SUNSET, catalog.VERSION_BROWNOUT),
)
