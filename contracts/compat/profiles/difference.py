"""One difference as an emulated registry names it, and the table of those names."""

from collections.abc import Mapping
from dataclasses import dataclass

UNDECIDED = "UNDECIDED"  # of no registry: what this side could not read
UNDECIDED_SENTENCE = "a part could not be read, or not be compared within the budget"


@dataclass(frozen=True, slots=True)
class Difference:
    """A named difference between a schema (`old` pointer) and its successor (`new` pointer)."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What a registry thinks of a difference; `sentence` is what it means, in our words."""

    name: str
    strict: bool
    lenient: bool
    sentence: str

    @property
    def judged(self) -> str:
        """What the registry calls the difference, with the policy where that matters."""
        if self.strict:
            return "compatible"
        return "compatible under LENIENT only" if self.lenient else "incompatible"


Table = Mapping[str, Entry]


def table(rows: str) -> Table:
    """Return entries by name from lines `NAME | yes, lenient or no | sentence`.

    The mark says under which policies the difference is compatible: all, LENIENT only, none.
    Raises `ValueError` for a name that comes twice or another mark.
    """
    entries: dict[str, Entry] = {}
    for row in rows.strip().splitlines():
        name, mark, sentence = (cell.strip() for cell in row.split("|"))
        if name in entries or mark not in ("yes", "lenient", "no"):
            raise ValueError(f"{name} comes twice, or its mark {mark} is unknown")
        entries[name] = Entry(name, mark == "yes", mark != "no", sentence)
    return entries
