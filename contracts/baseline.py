"""Points that a contract is allowed to keep: recorded once, so that only new ones refuse it.

Used for validation issues and lint findings where a document cannot be changed here or now.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from contracts import catalog
from contracts.digest import canonical
from contracts.document import Document, Json, Place
from contracts.errors import TreatyError
from contracts.problem import Detail

SCHEMA_VERSION = "1"


class Point(Protocol):
    """What can be recorded: a validation issue or a lint finding."""

    @property
    def rule(self) -> str:
        """The id of what was broken."""

    @property
    def place(self) -> Place:
        """Where."""

    @property
    def fingerprint(self) -> str:
        """What survives moved lines and new wording."""


P = TypeVar("P", bound=Point)


@dataclass(frozen=True, slots=True)
class Baseline:
    """The fingerprints that are known, each with the rule and pointer for its readers."""

    entries: tuple[tuple[str, str, str], ...] = ()  # fingerprint, rule, pointer

    @property
    def fingerprints(self) -> frozenset[str]:
        """What identifies the known issues."""
        return frozenset(fingerprint for fingerprint, _, _ in self.entries)

    def split(self, issues: Iterable[P]) -> tuple[tuple[P, ...], tuple[P, ...]]:
        """Return the known and the new ones, each in the given order."""
        recorded = self.fingerprints
        known: list[P] = []
        new: list[P] = []
        for issue in issues:
            (known if issue.fingerprint in recorded else new).append(issue)
        return tuple(known), tuple(new)

    def stale(self, issues: Iterable[Point]) -> tuple[str, ...]:
        """Return the fingerprints that no issue has any more; they should be removed."""
        return tuple(sorted(self.fingerprints - {issue.fingerprint for issue in issues}))

    def named(self, fingerprint: str) -> str:
        """Return rule and pointer of an entry, for a sentence about it."""
        found = next((e for e in self.entries if e[0] == fingerprint), ("", "unknown", ""))
        return f"{found[1]} at {found[2] or '/'}"

    def as_json(self) -> dict[str, Json]:
        """Return the form in which a baseline is kept in a file or a database."""
        issues: list[Json] = [
            {"fingerprint": fingerprint, "rule": rule, "pointer": pointer}
            for fingerprint, rule, pointer in self.entries
        ]
        return {"schema_version": SCHEMA_VERSION, "issues": issues}

    def dump(self) -> bytes:
        """Return the file form: JSON, one stable byte sequence for one baseline."""
        return canonical(self.as_json()) + b"\n"


def record(issues: Iterable[Point]) -> Baseline:
    """Return the baseline that knows exactly these issues."""
    return Baseline(tuple(sorted((i.fingerprint, i.rule, i.place.pointer) for i in issues)))


def read(document: Document) -> Baseline:
    """Return the baseline in a parsed JSON or YAML text. Raises `TreatyError` (not-readable)."""
    root = document.root
    if not isinstance(root, dict) or str(root.get("schema_version")) != SCHEMA_VERSION:
        sentence = f"A baseline is a mapping with 'schema_version: \"{SCHEMA_VERSION}\"'."
        raise _refusal(document, "", sentence)
    issues = root.get("issues", [])
    if not isinstance(issues, list):
        raise _refusal(document, "/issues", "'issues' must be a list.")
    entries = []
    for index, entry in enumerate(issues):
        fields = entry if isinstance(entry, dict) else {}
        values = [fields.get(key, "") for key in ("fingerprint", "rule", "pointer")]
        fingerprint, rule, pointer = (v if isinstance(v, str) else "" for v in values)
        if not fingerprint:
            raise _refusal(document, f"/issues/{index}", "An entry needs a 'fingerprint'.")
        entries.append((fingerprint, rule, pointer))
    return Baseline(tuple(sorted(entries)))


def _refusal(document: Document, pointer: str, sentence: str) -> TreatyError:
    place = document.place(pointer)
    detail = Detail(sentence, pointer, place.file, place.line, place.column)
    where = f"{place.file}:{place.line}:{place.column}"
    return TreatyError(catalog.NOT_READABLE, f"{where}: {sentence}", errors=(detail,))
