"""The way to the end of a version: sunset dates read, brownouts announced and enforced.

Called by the lifecycle kind.
"""

import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from contracts import catalog
from contracts.errors import TreatyError
from contracts.pointer import join
from contracts.problem import Detail, Problem
from policies.brownouts import Schedule
from policies.decision import Denial
from policies.exchange import Exchange, Ports
from policies.kind import RequestOnly, Target

# RFC 3339 section 5.6: full-date, or date-time with or without its offset.
_DATE = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)?)?")
_FIRST_YEAR = 1970


def sunset_of(target: Target) -> int | None:
    """Return the operation's `x-sunset` in epoch seconds; midnight UTC where it names no time.

    Raises `TreatyError` (invalid-contract) for what is no date: it must not be left out silently.
    """
    value = target.operation.node.value
    written = value.get("x-sunset") if isinstance(value, dict) else None
    if written is None:
        return None
    if isinstance(written, str) and _DATE.fullmatch(written):
        with suppress(ValueError):
            day = datetime.fromisoformat(written)
            if day.year > _FIRST_YEAR:
                return int((day if day.tzinfo else day.replace(tzinfo=UTC)).timestamp())
    sentence = "`x-sunset` must be a date like 2027-06-30 (RFC 3339), or a date with a time"
    raise _at_operation(target, "x-sunset", catalog.INVALID_CONTRACT, sentence)


def refuse_idle(windows: Sequence[Mapping[str, int]], target: Target) -> None:
    """Raise `TreatyError` (policy-conflict) for brownouts that this version can never have."""
    if not windows:
        return
    if not _phased_out(target):
        sentence = "has brownouts, but nothing of this version is deprecated or has a sunset date"
        raise _at_operation(target, "", catalog.POLICY_CONFLICT, sentence)
    sunset, begun = target.plan.sunset_at, target.plan.deprecated_at
    if sunset is None and not _goes_as_a_whole(target):
        sunset = sunset_of(target)
    for window in windows:
        if sunset is not None and window["from"] >= sunset:
            sentence = "has a brownout that begins after the sunset date"
        elif begun is not None and window["from"] < begun:
            sentence = "has a brownout that begins before the deprecation date"
        else:
            continue
        raise _at_operation(target, "x-sunset", catalog.POLICY_CONFLICT, sentence)


def _goes_as_a_whole(target: Target) -> bool:
    plan = target.plan
    dated = plan.deprecated_at is not None or plan.sunset_at is not None
    return plan.state != "published" or dated


def _phased_out(target: Target) -> bool:
    operations = target.contract.operations
    return _goes_as_a_whole(target) or any(o.deprecated or o.sunset for o in operations)


def _at_operation(target: Target, member: str, kind: Any, sentence: str) -> TreatyError:
    pointer = target.operation.node.pointer
    pointer = join(pointer, member) if member else pointer
    place = target.contract.document.place(pointer)
    detail = Detail(sentence, pointer, place.file, place.line, place.column)
    where = f"{place.file}:{place.line} ({target.operation.key})"
    return TreatyError(kind, f"{sentence}: {where}", errors=(detail,))


class Announcer:
    """Announces the next brownout in advance: `Treaty-Brownout: @from;until=@until`.

    The value is an RFC 9651 Date with a Date as its parameter.
    """

    def __init__(self, windows: Sequence[Mapping[str, Any]], announce_seconds: int) -> None:
        self._schedule = Schedule(windows)
        self._announce = announce_seconds
        self._window: object = None
        self._fields: tuple[tuple[str, str], ...] = ()

    def fields(self, now: float) -> tuple[tuple[str, str], ...]:
        """Return the field, or none where no brownout is near."""
        window = self._schedule.window(now)
        if window is None or window.starts - now > self._announce:
            return ()
        if window is not self._window:
            self._window = window
            text = f"@{window.starts};until=@{window.ends}"
            self._fields = (("Treaty-Brownout", text),)
        return self._fields


class BrownoutGate(RequestOnly):
    """Refuses with 503 during a brownout, but for those who are exempt by their grant."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._schedule = Schedule(settings["brownouts"])
        exempt = settings["exempt"]
        self._applications = frozenset(exempt["applications"])
        self._plans = frozenset(exempt["plans"])

    def on_request(self, exchange: Exchange, ports: Ports) -> Denial | None:
        """Refuse, and say when to come again."""
        now = ports.now()
        window = self._schedule.window(now)
        if window is None or now < window.starts:
            return None
        if exchange.application in self._applications:
            return None
        if exchange.grant is not None and exchange.grant.plan in self._plans:
            return None
        wait = max(1, math.ceil(window.ends - now))
        contract = exchange.contract
        successor = contract.successor
        sentence = (
            f"{contract.contract} {contract.version} is about to go and takes a break; it is "
            f"there again in {wait} seconds."
        )
        extensions: dict[str, object] = {"retry_after_seconds": wait}
        if successor:
            extensions["successor"] = successor
        problem = Problem(catalog.VERSION_BROWNOUT, sentence, extensions=extensions)
        return Denial(problem, (("Retry-After", str(wait)),))
