"""Texts that are excluded one by one, as a tree by their characters. Called by `question`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from contracts.languages import sets
from contracts.languages.sets import Set


@dataclass(slots=True, eq=False)
class Unwanted:
    """What is left of the excluded texts behind a common beginning."""

    whole: bool = False  # the beginning itself is excluded
    after: dict[int, Unwanted] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Iterable[str]) -> Unwanted | None:
        """Return the tree of some texts, None when there are none."""
        root = cls()
        for text in sorted(texts):
            place = root
            for char in text:
                place = place.after.setdefault(ord(char), cls())
            place.whole = True
        return root if root.whole or root.after else None

    def divide(self, chars: Set) -> tuple[Set, list[tuple[int, Unwanted]]]:
        """Return the characters with which no excluded text goes on, then the others."""
        spelled = [(point, place) for point, place in self.after.items() if sets.has(chars, point)]
        return sets.without(chars, sets.of(point for point, _ in spelled)), spelled
