"""Waivers: findings that people allow to stand, each with a reason, two names and a last day.

A reviewed file (`treaty check --waivers`) and the registry's rows are judged by `apply` alike.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from contracts import catalog
from contracts import pointer as jp
from contracts.compat import severity
from contracts.compat.mode import Mode
from contracts.document import Json, Place
from contracts.report import Certainty, Direction, Effect, Finding, Level, Report

EXPIRED = "waiver-expired"
UNUSED = "waiver-unused"

# What cannot be read was never judged; nobody can allow what nobody has seen.
_NEVER = frozenset(kind.slug for kind in catalog.problem_types()) | {EXPIRED, UNUSED}


@dataclass(frozen=True, slots=True)
class WaiverRule:
    """A rule about waivers themselves, for `treaty explain` and the documentation."""

    id: str
    level: Level
    sentence: str
    why: str
    fix: str


RULES: Mapping[str, WaiverRule] = {
    EXPIRED: WaiverRule(
        EXPIRED,
        Level.ERROR,
        "The last day of a waiver has passed.",
        "A waiver is a promise to act by a day; after it, the finding stands again.",
        "Remove the waiver, or have it approved again with a later day.",
    ),
    UNUSED: WaiverRule(
        UNUSED,
        Level.INFO,
        "A waiver matches no finding.",
        "A waiver that nobody needs would hide the next finding at its place.",
        "Remove the waiver, or correct its rule, pointer or operation.",
    ),
}


@dataclass(frozen=True, slots=True)
class Waiver:
    """One permission. `pointer` and `operation` may hold `*`; empty `consumer` means all.

    A `*` is one whole segment of a pointer, and any text of an operation. The waiver holds on the
    day `expires` and no longer. `place` is where it is written.
    """

    rule: str
    pointer: str
    reason: str
    owner: str
    approver: str
    expires: date
    place: Place
    operation: str = ""
    consumer: str = ""

    def covers(self, finding: Finding) -> bool:
        """Return whether the finding is what was allowed, whatever the day."""
        if finding.rule != self.rule or finding.rule in _NEVER or finding.level is Level.INFO:
            return False
        if self.operation and not _text_matches(self.operation, finding.operation):
            return False
        places = (finding.old, finding.new)
        return any(place and _pointer_matches(self.pointer, place.pointer) for place in places)

    def as_json(self) -> dict[str, Json]:
        """Return what a finding tells about the waiver that covers it."""
        optional = {"operation": self.operation, "consumer": self.consumer}
        return {
            "reason": self.reason,
            "owner": self.owner,
            "approver": self.approver,
            "expires": self.expires.isoformat(),
            "pointer": self.pointer,
            **{key: value for key, value in optional.items() if value},
        }


def apply(
    report: Report,
    waivers: Iterable[Waiver],
    on: date,
    *,
    mode: Mode = Mode.BACKWARD,
    consumer: str = "",
) -> Report:
    """Return the report with covered findings waived and its verdict judged again.

    A waiver for one consumer counts only when the judgement is for that `consumer`. One that has
    expired waives nothing and is an error; one that covers nothing is named. The required bump
    stays: a break that is allowed is a break.
    """
    meant = [each for each in waivers if each.consumer in ("", consumer)]
    if not meant:
        return report
    valid: dict[str, list[Waiver]] = {}
    for waiver in meant:
        if on <= waiver.expires:
            valid.setdefault(waiver.rule, []).append(waiver)
    used: set[Place] = set()
    findings = [_waived(finding, valid.get(finding.rule, ()), used) for finding in report.findings]
    findings += _about(meant, used, on)
    standing = tuple(sorted(findings, key=lambda finding: severity.RANK[finding.level]))
    return replace(report, findings=standing, verdict=severity.verdict(standing, mode))


def _waived(finding: Finding, waivers: Iterable[Waiver], used: set[Place]) -> Finding:
    """Return the finding, waived by the first that covers it; every one that does is used."""
    covering = [waiver for waiver in waivers if waiver.covers(finding)]
    used.update(waiver.place for waiver in covering)
    if not covering:
        return finding
    return replace(finding, waived=True, waiver=covering[0].as_json())


def _about(waivers: Iterable[Waiver], used: set[Place], on: date) -> Iterator[Finding]:
    for waiver in waivers:
        what = f"the waiver of `{waiver.rule}` at {waiver.pointer or '/'}"
        if on > waiver.expires:
            people = f"{waiver.owner} owns it, {waiver.approver} approved it"
            yield _finding(EXPIRED, waiver, f"{what} expired after {waiver.expires}; {people}")
        elif waiver.place not in used:
            yield _finding(UNUSED, waiver, f"{what} covers no finding")


def _finding(rule: str, waiver: Waiver, message: str) -> Finding:
    known = RULES[rule]
    error = known.level is Level.ERROR
    return Finding(
        rule=rule,
        level=known.level,
        direction=Direction.NONE,
        effect=Effect.NONE,
        message=f"waivers: {message}",
        old=None,
        new=waiver.place,
        fix=known.fix if error else "",
        certainty=Certainty.PROVEN if error else Certainty.NOTED,
    )


def _pointer_matches(pattern: str, pointer: str) -> bool:
    if pattern == pointer:
        return True
    wanted, given = jp.split(pattern), jp.split(pointer)
    return len(wanted) == len(given) and all(
        want in ("*", have) for want, have in zip(wanted, given, strict=True)
    )


def _text_matches(pattern: str, text: str) -> bool:
    """Return whether `text` is `pattern`, where each `*` is any text; linear in both."""
    first, *rest = pattern.split("*")
    if not rest:
        return first == text
    *middle, last = rest
    if not text.startswith(first) or len(text) < len(first) + len(last):
        return False
    end = len(text) - len(last)
    at = len(first)
    for part in middle:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return text.endswith(last)
