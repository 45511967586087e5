"""One difference as an emulated registry names it, and the table of those names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

UNDECIDED = "UNDECIDED"  # of no registry: what this side could not read


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


Table = Mapping[str, Entry]


def table(rows: Iterable[tuple[str, str, str]]) -> Table:
    """Return entries by name from rows (name, "yes" | "lenient" | "no", sentence).

    Raises `ValueError` for a name that comes twice or another mark.
    """
    entries: dict[str, Entry] = {}
    for name, mark, sentence in rows:
        if name in entries or mark not in ("yes", "lenient", "no"):
            raise ValueError(f"{name} comes twice, or its mark {mark} is unknown")
        entries[name] = Entry(name, mark == "yes", mark != "no", sentence)
    return entries
