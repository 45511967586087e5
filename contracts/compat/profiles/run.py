"""Judges a pair of JSON Schemas as another registry would; the door of this room.

Quotes that registry: no finding carries a witness, and none is more than noted.
"""

import time
from collections.abc import Iterator, Mapping

from contracts.compat.mode import Mode, Policy, Profile
from contracts.compat.profiles.difference import UNDECIDED, Difference
from contracts.compat.profiles.emulation import EMULATIONS, Emulation, rule
from contracts.compat.profiles.reading import Reader
from contracts.compat.profiles.values import alike
from contracts.compat.profiles.walk import Found, TooHardError, Walk
from contracts.document import Document
from contracts.report import (
    Bump,
    Certainty,
    Direction,
    Effect,
    Finding,
    Level,
    Report,
    Verdict,
)
from contracts.sameness import Sameness

MAX_FINDINGS = 500
_READS = "can the new version read what was written for the old one"
_READ_BY = "can the old version read what is written for the new one"
_NOTES = frozenset({"ID_CHANGED", "TITLE_CHANGED", "DESCRIPTION_CHANGED", "DEFAULT_CHANGED"})


def judge(
    profile: Profile,
    old: Document,
    new: Document,
    mode: Mode,
    policy: Policy,
    *,
    budget: int = 200_000,
) -> Report:
    """Return what the registry of `profile` says of `new` as the successor of `old`.

    BACKWARD asks whether the new schema reads what the old one accepts, FORWARD the reverse, FULL
    both; NONE promises nothing. A transitive mode is judged as its pairwise form: the caller
    holds the history. `budget` bounds the pairs of subschemas that are looked at in one direction
    (20 seconds bound the time); beyond it the verdict is undecided. Never raises for odd schemas.
    Raises `KeyError` for a profile that emulates nobody.
    """
    started = time.perf_counter()
    emulation = EMULATIONS[profile]
    question = _Question(profile, emulation, policy, budget)
    pairwise = mode.pairwise
    findings: dict[tuple[str, str], Finding] = {}
    same = alike(old.root, new.root)
    if not same and pairwise in (Mode.BACKWARD, Mode.FULL):
        _add(findings, question.ask(old, new, forward=False))
    if not same and pairwise in (Mode.FORWARD, Mode.FULL):
        _add(findings, question.ask(new, old, forward=True))
    ordered = sorted(findings.values(), key=_order)[:MAX_FINDINGS]
    return Report(
        verdict=_verdict(ordered),
        required_bump=_bump(ordered, same=same),
        findings=tuple(ordered),
        stats={"seconds": round(time.perf_counter() - started, 6), "nodes": question.nodes},
    )


class _Question:
    """What stays the same when a pair is asked about in both directions."""

    def __init__(self, profile: Profile, emulation: Emulation, policy: Policy, budget: int) -> None:
        self._profile = profile
        self._emulation = emulation
        self._compatible = emulation.compatible(policy)
        self._budget = budget
        self.nodes = 0

    def ask(self, old: Document, new: Document, *, forward: bool) -> Iterator[Finding]:
        """Yield findings on `old` ⊆ `new`; `forward` says that the two have changed sides."""
        before, after = Reader(old, "a"), Reader(new, "b")
        same = None
        if before.dialect is after.dialect:
            same = Sameness(before.resolver, after.resolver)
        walk = Walk(self._emulation.rules, self._compatible, same, self._budget)
        found: Found = ()
        try:
            found = walk.judge(before.root(), after.root())
        except (TooHardError, RecursionError):
            yield self._too_hard(old, new, forward=forward)
        finally:
            self.nodes += walk.nodes
        for difference in found:
            yield self._finding(difference, old, new, forward=forward)

    def _finding(
        self, difference: Difference, old: Document, new: Document, *, forward: bool
    ) -> Finding:
        name = difference.name
        if name == UNDECIDED:
            return self._undecided(difference, old, new, forward=forward)
        fine = name in self._compatible
        sentence = self._emulation.table[name].sentence
        verdict = "compatible" if fine else "incompatible"
        question = _READ_BY if forward else _READS
        places = (old.place(difference.old), new.place(difference.new))
        where = places[1].pointer or "the root"
        return Finding(
            rule=rule(self._profile, name),
            level=Level.INFO if fine else Level.ERROR,
            direction=Direction.NONE,
            effect=_effect(name, fine=fine),
            message=f"{where}: {sentence}; {self._emulation.name} calls {name} {verdict} ({question})",
            old=places[1] if forward else places[0],
            new=places[0] if forward else places[1],
            certainty=Certainty.NOTED,
        )

    def _too_hard(self, old: Document, new: Document, *, forward: bool) -> Finding:
        return self._undecided(Difference(UNDECIDED, "", ""), old, new, forward=forward, hard=True)

    def _undecided(
        self,
        difference: Difference,
        old: Document,
        new: Document,
        *,
        forward: bool,
        hard: bool = False,
    ) -> Finding:
        reason = "a reference or a schema here cannot be read"
        if hard:
            reason = "the schemas are too large to be compared within the budget"
        places = (old.place(difference.old), new.place(difference.new))
        return Finding(
            rule=rule(self._profile, UNDECIDED),
            level=Level.WARNING,
            direction=Direction.NONE,
            effect=Effect.NONE,
            message=f"{places[1].pointer or 'the root'}: {reason}",
            old=places[1] if forward else places[0],
            new=places[0] if forward else places[1],
            certainty=Certainty.UNDECIDED,
        )


def _add(findings: dict[tuple[str, str], Finding], more: Iterator[Finding]) -> None:
    for finding in more:
        findings.setdefault((finding.fingerprint, finding.message), finding)


_RANK: Mapping[Level, int] = {Level.ERROR: 0, Level.WARNING: 1, Level.INFO: 2}


def _order(finding: Finding) -> tuple[int, str, str]:
    return (_RANK[finding.level], finding.new.pointer if finding.new else "", finding.rule)


def _effect(name: str, *, fine: bool) -> Effect:
    if name in _NOTES:
        return Effect.NONE
    if fine:
        return Effect.WIDENS
    return Effect.CHANGES if name.endswith("_CHANGED") else Effect.NARROWS


def _verdict(findings: list[Finding]) -> Verdict:
    if any(finding.level is Level.ERROR for finding in findings):
        return Verdict.BREAKING
    if any(finding.certainty is Certainty.UNDECIDED for finding in findings):
        return Verdict.UNDECIDED
    return Verdict.COMPATIBLE


def _bump(findings: list[Finding], *, same: bool) -> Bump:
    if any(finding.level is Level.ERROR for finding in findings):
        return Bump.MAJOR
    if findings:
        return Bump.MINOR
    return Bump.NONE if same else Bump.PATCH
