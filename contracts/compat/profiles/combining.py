"""What both registries share about `allOf`, `anyOf` and `oneOf`: partners, singles, criteria."""

from dataclasses import dataclass

from contracts.compat.profiles.matching import match
from contracts.compat.profiles.shape import Kind, Shape
from contracts.compat.profiles.walk import Found, Walk

_SUMS = ("anyOf", "oneOf")


def fitting(walk: Walk, old: Shape, new: Shape) -> tuple[Found, bool] | None:
    """Return the differences where a combined schema meets a plain one and they fit, else None.

    A plain schema fits a sum that has a subschema which reads it, and a product fits a plain
    schema that reads one of its subschemas. One subschema alone is as good as plain; then the
    second value is True.
    """
    if (old.kind is Kind.COMBINED) is (new.kind is Kind.COMBINED):
        return None
    whole, wanted = (new, _SUMS) if new.kind is Kind.COMBINED else (old, ("allOf",))
    subs = whole.subs
    if len(subs) != 1 and whole.criterion not in wanted:
        return None
    for sub in subs:
        found = walk.compare(old, sub) if whole is new else walk.compare(sub, new)
        if walk.fine(found):
            return found, len(subs) == 1
    return None


def extends(before: str, left: int, after: str, right: int) -> bool:
    """Whether another criterion accepts at least as much, by its own meaning.

    `left` and `right` are the numbers of subschemas.
    """
    if after == "anyOf" or (left == right == 1):
        return True
    if left == 1 and after == "oneOf":
        return True
    return before == "allOf" and right == 1


@dataclass(frozen=True, slots=True)
class Branches:
    """The subschemas of two combined schemas; those written alike count once."""

    left: dict[str, Shape]
    right: dict[str, Shape]

    @classmethod
    def of(cls, walk: Walk, old: Shape, new: Shape) -> "Branches":
        """Return the branches of a pair."""
        return cls(_distinct(walk, old), _distinct(walk, new))

    def paired(self, walk: Walk) -> tuple[Found, bool]:
        """Return the differences of the best pairing, and whether the smaller side is all paired."""
        ones, others = list(self.left.values()), list(self.right.values())
        pairs = match(
            list(self.left), list(self.right), lambda i, j: walk.reads(ones[i], others[j])
        )
        found = [d for i, j in pairs.items() for d in walk.compare(ones[i], others[j])]
        return tuple(found), len(pairs) == min(len(ones), len(others))


def _distinct(walk: Walk, shape: Shape) -> dict[str, Shape]:
    subs = shape.subs
    if len(subs) == 1:  # nothing to tell apart, and its text may be long
        return {f"{subs[0].key[0]} alone": subs[0]}
    return {_text(walk, sub): sub for sub in subs}


def _text(walk: Walk, sub: Shape) -> str:
    return walk.text(sub) if sub.whole else sub.key.partition("\x00")[2]
