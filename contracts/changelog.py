"""A report retold as a changelog: what changed between two versions, by kind, in sentences.

Called by `treaty changelog`; `contracts.render.changelog` writes it down.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from contracts.document import Json
from contracts.render.grouping import Group, group
from contracts.report import (
    SCHEMA_VERSION,
    Bump,
    Certainty,
    Effect,
    Finding,
    Level,
    Report,
    Verdict,
)


class Kind(StrEnum):
    """What kind of change, in the order of a changelog."""

    BREAKING = "breaking"
    SUSPECTED = "suspected"
    DEPRECATED = "deprecated"
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One change, perhaps in several operations; an empty operation is the whole contract."""

    kind: Kind
    sentence: str
    rule: str
    operations: tuple[str, ...]
    certainty: Certainty
    witness: Mapping[str, Json] | None
    fingerprints: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Return the change in the machine interface."""
        return {
            "sentence": self.sentence,
            "rule": self.rule,
            "operations": list(self.operations),
            "certainty": self.certainty.value,
            "witness": self.witness,
            "fingerprints": list(self.fingerprints),
        }


@dataclass(frozen=True, slots=True)
class Changelog:
    """Everything that changed; `sections` holds the kinds that occur."""

    old_version: str
    new_version: str
    required_bump: Bump
    verdict: Verdict
    sections: Mapping[Kind, tuple[Change, ...]]

    def as_json(self) -> dict[str, object]:
        """Return the changelog in the machine interface."""
        return {
            "schema_version": SCHEMA_VERSION,
            "old_version": self.old_version,
            "new_version": self.new_version,
            "required_bump": self.required_bump.value,
            "sections": [
                {"kind": kind.value, "changes": [change.as_json() for change in changes]}
                for kind, changes in self.sections.items()
            ],
        }


def of(report: Report) -> Changelog:
    """Return the changelog of a report."""
    changes = sorted(map(_change, group(report.findings)), key=lambda each: each.operations)
    found = {kind: tuple(each for each in changes if each.kind is kind) for kind in Kind}
    sections = {kind: told for kind, told in found.items() if told}
    return Changelog(
        report.old_version, report.new_version, report.required_bump, report.verdict, sections
    )


def _change(entry: Group) -> Change:
    finding = entry.first
    return Change(
        kind=_kind(finding),
        sentence=_sentence(finding),
        rule=finding.rule,
        operations=entry.named,
        certainty=finding.certainty,
        witness=finding.witness,
        fingerprints=tuple(member.fingerprint for member in entry.members),
    )


def _kind(finding: Finding) -> Kind:
    """Return the kind: the verdict first, then what the rule's own name says happened."""
    if finding.certainty in (Certainty.SUSPECTED, Certainty.UNDECIDED):
        return Kind.SUSPECTED
    if finding.level is Level.ERROR:
        return Kind.BREAKING
    if finding.level is Level.WARNING or finding.effect is Effect.UNKNOWN:
        return Kind.SUSPECTED
    words = finding.rule.split("-")
    if "deprecated" in words or "sunset" in words:
        return Kind.DEPRECATED if "removed" not in words else Kind.REMOVED
    for word, kind in (("added", Kind.ADDED), ("removed", Kind.REMOVED)):
        if word in words:
            return kind
    return Kind.CHANGED


def _sentence(finding: Finding) -> str:
    """Return the message as a sentence; its operation stands in the heading already."""
    text = finding.message
    for opening in (f"{finding.operation}: ", "the contract: "):
        text = text.removeprefix(opening) if opening != ": " else text
    text = text.replace(f" of {finding.operation}:", ":", 1) if finding.operation else text
    text = text.strip()
    # A name in backticks keeps its case.
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
