"""Recognises branches of a `oneOf` that no value can share, so that "exactly one" is just "one".

Called by `expand`. Discriminated unions and lists of constants are written this way; without this,
a union of n branches would be judged as n times n claims.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from contracts.containment.claims import KINDS
from contracts.containment.constants import kind_of
from contracts.containment.words import Side
from contracts.document import Json
from contracts.errors import TreatyError
from contracts.merging import literal
from contracts.model import Node

MAX_PARTS = 50  # schemas that are read for one branch


@dataclass(slots=True)
class _Outline:
    """What a branch surely asks for; a part that is not understood asks for nothing."""

    kinds: frozenset[str] = frozenset(KINDS)
    values: frozenset[str] | None = None
    required: set[str] = field(default_factory=set)
    members: dict[str, frozenset[str]] = field(default_factory=dict)


def apart(side: Side, branches: Sequence[Node]) -> bool:
    """Whether it is plain that no value meets two of the branches.

    Either their kinds or their constants differ, or a required member has other constants in each.
    """
    try:
        outlines = [_outline(side, branch) for branch in branches]
    except TreatyError:  # a branch that cannot be read may share anything
        return False
    return all(
        _apart([outline for outline in outlines if kind in outline.kinds], kind) for kind in KINDS
    )


def constants(side: Side, branches: Sequence[Node]) -> list[Json] | None:
    """Return the values of branches that are nothing but texts, None when one is more than that."""
    found: list[Json] = []
    for branch in branches:
        value = branch.value
        if not isinstance(value, dict) or not value.keys() <= _CONSTANT:
            return None
        words = side.words(branch)
        values = words.enum or []
        if words.types not in (None, ("string",)) or not values:
            return None
        if not all(isinstance(value, str) for value in values):
            return None
        found += values
    return found


_CONSTANT = frozenset({"const", "enum", "type", "title", "description", "deprecated", "$comment"})


def _apart(outlines: list[_Outline], kind: str) -> bool:
    if len(outlines) < 2:  # noqa: PLR2004  # one branch alone shares nothing
        return True
    if _disjoint([outline.values for outline in outlines]):
        return True
    if kind != "object":
        return False
    names = set.intersection(*(outline.required & outline.members.keys() for outline in outlines))
    return any(_disjoint([outline.members[name] for outline in outlines]) for name in names)


def _disjoint(sets: Sequence[frozenset[str] | None]) -> bool:
    seen: set[str] = set()
    for values in sets:
        if values is None or not seen.isdisjoint(values):
            return False
        seen |= values
    return True


def _outline(side: Side, branch: Node) -> _Outline:
    outline = _Outline()
    for node in _parts(side, branch):
        words = side.words(node)
        if words.types is not None:
            kinds = {"number" if name == "integer" else name for name in words.types}
            outline.kinds &= kinds
        if words.enum is not None:
            outline.kinds &= {kind_of(value) for value in words.enum}
            texts = frozenset(map(literal, words.enum))
            outline.values = texts if outline.values is None else outline.values & texts
        outline.required |= set(words.required)
        for name, member in words.named.get("properties", {}).items():
            for part in _parts(side, member):
                values = side.words(part).enum
                if values is not None:
                    outline.members[name] = frozenset(map(literal, values))
    return outline


def _parts(side: Side, node: Node) -> Iterator[Node]:
    """Yield the schema objects that apply together: itself, references and `allOf`."""
    todo, seen = [node], set[str]()
    while todo and len(seen) < MAX_PARTS:
        part = side.settle(todo.pop())
        if part.pointer in seen or not isinstance(part.value, dict):
            continue
        seen.add(part.pointer)
        yield part
        words = side.words(part)
        todo += [*words.many.get("allOf", ()), *([words.ref] if words.ref else [])]
