"""Judges texts: reads both sides, chooses whose rules decide, and always returns a report.

Called by `treaty check`, one pair or many, and by whoever holds texts rather than contracts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from typing import TypeVar

from contracts import catalog
from contracts.compat import undecided
from contracts.compat.mode import Mode, Policy, Profile
from contracts.compat.run import compare
from contracts.compat.texts import Texts
from contracts.document import Document
from contracts.errors import TreatyError
from contracts.model import Contract, Format
from contracts.report import Bump, Finding, Report, Verdict

T = TypeVar("T")

_WORST = (Verdict.COMPATIBLE, Verdict.UNDECIDED, Verdict.BREAKING)
_STEPS = (Bump.NONE, Bump.PATCH, Bump.MINOR, Bump.MAJOR)
_PROFILES = "contracts.compat.profiles"


@dataclass(frozen=True, slots=True)
class Text:
    """Bytes of a contract and the name under which findings point into it."""

    content: bytes
    source: str


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: `format` None lets each text say what it is; `on` None is today (UTC).

    `policy` None is to the letter for JSON Schemas, and lenient elsewhere.
    """

    format: Format | None = None
    mode: Mode = Mode.BACKWARD
    profile: Profile = Profile.CONTAINMENT
    policy: Policy | None = None
    on: date | None = None


def judge(
    old: bytes | Text, new: bytes | Text, request: Request, *, texts: Texts | None = None
) -> Report:
    """Return the judgement of `new` as the next version of `old`.

    Never raises for what the texts hold: one that cannot be read, or that exhausts the stack or
    the memory, makes the report undecided, with a finding that says so.
    """
    texts = texts or Texts()
    before = old if isinstance(old, Text) else Text(old, "old")
    after = new if isinstance(new, Text) else Text(new, "new")
    try:
        if request.profile is Profile.CONTAINMENT:
            return _by_containment(before, after, request, texts)
        return _by_profile(before, after, request, texts)
    except TreatyError as error:
        return undecided.report(undecided.refused(error.problem))
    except RecursionError:
        return undecided.report(undecided.stopped("it is nested too deeply to be judged"))
    except MemoryError:
        return undecided.report(undecided.stopped("it needs more memory than there is"))


def judge_history(
    olds: Sequence[Text], new: Text, request: Request, *, texts: Texts | None = None
) -> Report:
    """Return one judgement against all earlier versions, oldest first; there is at least one.

    The worst verdict and the largest bump stand; a finding that several versions share is named
    once, at the newest of them.
    """
    texts = texts or Texts()
    reports = [judge(old, new, request, texts=texts) for old in reversed(olds)]
    findings: dict[str, Finding] = {}
    for finding in (each for report in reports for each in report.findings):
        findings.setdefault(finding.fingerprint, finding)
    keys = sorted({key for report in reports for key in report.stats})
    return replace(
        reports[0],
        verdict=max((report.verdict for report in reports), key=_WORST.index),
        required_bump=max((report.required_bump for report in reports), key=_STEPS.index),
        findings=tuple(findings.values()),
        stats={key: round(sum(r.stats.get(key, 0) for r in reports), 6) for key in keys},
    )


def _by_containment(old: Text, new: Text, request: Request, texts: Texts) -> Report:
    def read(text: Text) -> Contract:
        return texts.contract(text.content, text.source, request.format)

    sides = _both(old, new, read)
    if isinstance(sides, Report):
        return sides
    return compare(*sides, mode=request.mode, policy=request.policy, on=request.on)


def _by_profile(old: Text, new: Text, request: Request, texts: Texts) -> Report:
    """Judge by another registry's rules, which know JSON Schema only."""

    def read(text: Text) -> Document:
        document = texts.document(text.content, text.source)
        others = ("openapi", "swagger", "asyncapi")
        said = isinstance(document.root, dict) and any(key in document.root for key in others)
        if request.format not in (None, Format.JSON_SCHEMA) or (said and request.format is None):
            sentence = f"The profile {request.profile.value} judges JSON Schemas only."
            raise TreatyError(catalog.INVALID_REQUEST, sentence)
        return document

    sides = _both(old, new, read)
    if isinstance(sides, Report):
        return sides
    return _profiled(*sides, request)


def _profiled(old: Document, new: Document, request: Request) -> Report:
    if find_spec(_PROFILES) is None:
        sentence = f"The profile {request.profile.value} is not part of this build."
        raise TreatyError(catalog.INVALID_REQUEST, sentence)
    rules = import_module(_PROFILES)
    policy = request.policy or Policy.STRICT
    report: Report = rules.judge(request.profile, old, new, request.mode.pairwise, policy)
    return report


def _both(old: Text, new: Text, read: Callable[[Text], T]) -> tuple[T, T] | Report:
    """Return both sides, or the report that names each one that cannot be read."""
    sides: list[T] = []
    findings: list[Finding] = []
    for name, text in (("old", old), ("new", new)):
        try:
            sides.append(read(text))
        except TreatyError as error:
            finding = undecided.unreadable(error.problem, side=name, source=text.source)
            findings.append(finding)
    if findings:
        return undecided.report(*findings)
    return sides[0], sides[1]
