"""Where a version stands in its life: Deprecation, Sunset, successor, and 410 after the end."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any, Literal

from contracts import catalog
from contracts.problem import Problem
from policies.decision import Denial
from policies.exchange import Exchange, Ports
from policies.kind import Compiled, Kind, RequestOnly, Spec, Stage, Target

# What may stand between < and > of a Link header: no spaces, controls, quotes or brackets.
_URL = re.compile(r"https?://[!#-;=?-~]{1,500}")


class LifecycleSpec(Spec):
    """What happens after the sunset date."""

    after_sunset: Literal["gone", "serve"] = "gone"


def compile_rule(spec: LifecycleSpec, target: Target) -> Compiled | None:
    """Return the dates of the version and the operation, the earlier one of each."""
    plan, operation = target.plan, target.operation
    sunsets = [date for date in (plan.sunset_at, _epoch(operation.sunset)) if date is not None]
    # RFC 9745 section 2.1: the date may lie ahead, so a known one is always announced.
    announced = plan.state in ("deprecated", "sunset") or plan.deprecated_at is not None
    deprecated = announced or operation.deprecated
    if not deprecated and not sunsets:
        return None
    sunset = min(sunsets, default=None)
    settings = {
        "deprecated_at": plan.deprecated_at,
        "deprecated": deprecated,
        "sunset_at": sunset,
        "ended": plan.state == "sunset",
        "successor": plan.successor,
        "after_sunset": spec.after_sunset,
        "documentation": _documentation(target),
    }
    return Compiled(settings, operation.node.pointer)


def _documentation(target: Target) -> str | None:
    """Return the `externalDocs` page of the operation or the contract, where it fits a header."""
    for value in (target.operation.node.value, target.contract.document.root):
        docs = value.get("externalDocs") if isinstance(value, dict) else None
        url = docs.get("url") if isinstance(docs, dict) else None
        if isinstance(url, str) and _URL.fullmatch(url):
            return url
    return None


def _epoch(date: str | None) -> int | None:
    """Return an `x-sunset` date as epoch seconds, midnight UTC where it names no time."""
    try:
        day = datetime.fromisoformat(date or "")
    except ValueError:
        return None
    return int((day if day.tzinfo else day.replace(tzinfo=UTC)).timestamp())


class Lifecycle(RequestOnly):
    """Adds the header fields to every answer, refusals included, and ends the version in time."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._ended: bool = settings["ended"]
        self._sunset: int | None = settings["sunset_at"]
        self._successor: str | None = settings["successor"]
        self._serve = settings["after_sunset"] == "serve"
        self._headers = _fields(settings)

    def on_request(self, exchange: Exchange, ports: Ports) -> Denial | None:
        """Refuse with 410 after the sunset date."""
        exchange.added_headers += self._headers
        over = self._ended or (self._sunset is not None and self._sunset <= ports.now())
        if not over or self._serve:
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


_EXAMPLE = """\
policy: gone-means-gone
kind: lifecycle
spec: {after_sunset: gone}
"""

KIND = Kind(
    name="lifecycle",
    stage=Stage.LIFECYCLE,
    summary="Sends Deprecation (RFC 9745), Sunset (RFC 8594) and successor links; 410 after sunset.",
    spec=LifecycleSpec,
    compile=compile_rule,
    build=Lifecycle,
    example=_EXAMPLE,
    problems=(catalog.VERSION_SUNSET,),
)
