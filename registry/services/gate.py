"""Whether a judgement lets a version be published, and the refusal where it does not."""

from dataclasses import replace

from contracts import catalog
from contracts.compat import semver
from contracts.compat.mode import Profile
from contracts.errors import TreatyError
from contracts.problem import Detail
from contracts.report import Bump, Finding, Level, Report, Verdict
from contracts.waivers import EXPIRED
from registry.services.judging import Judgement

_NAMED = 5


def broken(judgement: Judgement, version: str, profile: Profile) -> list[str]:
    """Return what stands against publishing, in words; nothing lets it pass.

    A break may be published as a version that admits it (Semantic Versioning 2.0.0). Another
    registry's profile knows no such way, and an expired waiver fails whatever the version says.
    """
    told = []
    for earlier in judgement.history:
        if earlier.report.verdict is Verdict.COMPATIBLE:
            continue
        word = "breaks" if earlier.report.verdict is Verdict.BREAKING else "may break (undecided)"
        admitted = profile is Profile.CONTAINMENT and _admits(
            earlier.version, version, earlier.report
        )
        if not admitted:
            told.append(f"{word} {earlier.version} and does not say so")
    if _lapsed(judgement.report):
        told.append("rests on a waiver that has expired")
    return told


def refusal(
    judgement: Judgement, reasons: list[str], previous: str, version: str, profile: Profile
) -> TreatyError:
    """Return the refusal: what breaks, which earlier version, and what would be accepted."""
    report = judgement.report
    standing = [f for f in report.findings if f.level is not Level.INFO and not f.waived]
    suggestion = semver.required(previous, version, _worst(report)).suggestion
    if _lapsed(report):
        suggestion, way = "", "Revoke the waiver, or have another one approved."
    elif profile is not Profile.CONTAINMENT:
        suggestion, way = "", f"The profile {profile.value} knows no break that is allowed."
    else:
        way = f"Publish it as {suggestion or 'a new major version'}, or take the change back."
    more = f" and {len(reasons) - _NAMED} more" if len(reasons) > _NAMED else ""
    return TreatyError(
        catalog.BREAKING_CHANGE,
        f"{version} {', '.join(reasons[:_NAMED])}{more}. {way}",
        errors=tuple(_detail(finding) for finding in standing[:20]),
        suggested_version=suggestion,
        report=judgement.as_json(),
    )


def _lapsed(report: Report) -> bool:
    return any(finding.rule == EXPIRED for finding in report.findings)


def _admits(old: str, new: str, report: Report) -> bool:
    return semver.required(old, new, _worst(report)).agrees


def _worst(report: Report) -> Report:
    # What cannot be decided may break, so the version has to admit as much.
    return replace(report, required_bump=Bump.MAJOR)


def _detail(finding: Finding) -> Detail:
    place = finding.new or finding.old
    if place is None:
        return Detail(finding.message)
    return Detail(finding.message, place.pointer, place.file, place.line, place.column)
