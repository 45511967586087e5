"""Judges texts: reads both sides, chooses whose rules decide, and always returns a report.

Called by `treaty check`, one pair or many, and by whoever holds texts rather than contracts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from contracts import catalog
from contracts.compat import profiles, undecided
from contracts.compat.history import Towards, combine
from contracts.compat.mode import Mode, Policy, Profile
from contracts.compat.run import compare
from contracts.compat.texts import Texts
from contracts.document import Document
from contracts.errors import TreatyError
from contracts.model import Contract, Format
from contracts.report import Finding, Report

T = TypeVar("T")


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
    by = _by_containment if request.profile is Profile.CONTAINMENT else _by_profile
    return _guarded(lambda: by(before, after, request, texts))


def judge_history(
    olds: Sequence[Text], new: Text, request: Request, *, texts: Texts | None = None
) -> Report:
    """Return one judgement against all earlier versions, oldest first; there is at least one."""
    texts = texts or Texts()
    judged = ((old, judge(old, new, request, texts=texts)) for old in reversed(olds))
    return combine([Towards(report.old_version or old.source, report) for old, report in judged])


def judge_contracts(old: Contract, new: Contract, request: Request) -> Report:
    """Return the judgement of contracts that are read already; never raises for what they hold."""
    if request.profile is Profile.CONTAINMENT:
        return _guarded(lambda: _compared(old, new, request))
    return _guarded(lambda: _quoted(old.document, new.document, request))


def _guarded(judgement: Callable[[], Report]) -> Report:
    try:
        return judgement()
    except TreatyError as error:
        return undecided.report(undecided.refused(error.problem))
    except RecursionError:
        return undecided.report(undecided.stopped("it is nested too deeply to be judged"))
    except MemoryError:
        return undecided.report(undecided.stopped("it needs more memory than there is"))


def _by_containment(old: Text, new: Text, request: Request, texts: Texts) -> Report:
    def read(text: Text) -> Contract:
        return texts.contract(text.content, text.source, request.format)

    sides = _both(old, new, read)
    if isinstance(sides, Report):
        return sides
    return _compared(*sides, request)


def _compared(old: Contract, new: Contract, request: Request) -> Report:
    return compare(old, new, mode=request.mode, policy=request.policy, on=request.on)


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
    return _quoted(*sides, request)


def _quoted(old: Document, new: Document, request: Request) -> Report:
    policy = request.policy or Policy.STRICT
    return profiles.judge(request.profile, old, new, request.mode.pairwise, policy)


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
