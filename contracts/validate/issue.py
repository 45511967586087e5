"""One point against a contract, and the bounded list in which they are gathered."""

import hashlib
from dataclasses import dataclass

from contracts.document import Document, Place

MAX_ISSUES = 500
# More is gathered than shown, so that the order of the text decides what is cut.
MAX_GATHERED = 5_000


@dataclass(frozen=True, slots=True)
class Issue:
    """A point against a contract; `fingerprint` survives moved lines and new wording."""

    rule: str
    message: str
    place: Place
    fingerprint: str

    def as_json(self) -> dict[str, object]:
        """Return the issue in the machine interface."""
        place = self.place.as_json()
        return {
            "rule": self.rule,
            "message": self.message,
            **place,
            "fingerprint": self.fingerprint,
        }


class Issues:
    """The issues of one document: without repetitions, in the order of the text."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._found: dict[str, Issue] = {}

    @property
    def full(self) -> bool:
        """Whether looking for more is pointless."""
        return len(self._found) >= MAX_GATHERED

    def add(self, rule: str, message: str, pointer: str, subject: str = "") -> None:
        """Note an issue; `subject` tells apart several of one rule at one place."""
        identity = f"{rule}\x00{pointer}\x00{subject}".encode()
        fingerprint = hashlib.sha256(identity).hexdigest()[:32]
        if fingerprint not in self._found and not self.full:
            place = self.document.place(pointer)
            self._found[fingerprint] = Issue(rule, message, place, fingerprint)

    def sorted(self) -> tuple[Issue, ...]:
        """Return at most `MAX_ISSUES` issues; the last one says so when there were more."""
        ordered = sorted(
            self._telling(),
            key=lambda i: (i.place.line, i.place.column, i.place.pointer, i.rule, i.fingerprint),
        )
        if len(ordered) <= MAX_ISSUES:
            return tuple(ordered)
        self._found.clear()
        self.add("too-many-issues", f"There are more than {MAX_ISSUES - 1} issues.", "")
        return (*ordered[: MAX_ISSUES - 1], *self._found.values())

    def _telling(self) -> list[Issue]:
        """Return the issues without those that a more exact one at the same place explains."""
        found = self._found.values()
        listed = {i.place.pointer for i in found if i.rule == "value-not-allowed"}
        repeated = {
            i.place.pointer.rpartition("/")[0]
            for i in found
            if i.rule in ("duplicate-tag", "duplicate-parameter")
        }
        covered = {"wrong-type": listed, "duplicate-item": repeated}
        return [i for i in found if i.place.pointer not in covered.get(i.rule, ())]


def line(document: Document, pointer: str) -> int:
    """Return the line of a pointer, for sentences that name a second place."""
    return document.place(pointer).line
