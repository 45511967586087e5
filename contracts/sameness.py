"""Recognises equal subtrees of two documents, so that work grows with the change.

Called by the walkers before they look at a pair. Equality is of the text and of everything that
its references lead to.
"""

from collections.abc import Iterator

from contracts.document import Json
from contracts.errors import TreatyError
from contracts.model import Node
from contracts.refs import Resolver
from contracts.schema import Spot


class Sameness:
    """Answers for one pair of documents; answers are remembered."""

    def __init__(self, old: Resolver, new: Resolver) -> None:
        self._old = old
        self._new = new
        self._tainted: set[str] | None = None
        self._known: dict[tuple[tuple[str, ...], tuple[str, ...]], bool] = {}

    def same(self, old: Spot, new: Spot) -> bool:
        """Whether both schemas are written alike and refer to the same things."""
        key = (old.key, new.key)
        if key not in self._known:
            self._known[key] = len(old.nodes) == len(new.nodes) and all(
                self.same_value(one.value, other.value)
                for one, other in zip(old.nodes, new.nodes, strict=True)
            )
        return self._known[key]

    def same_value(self, old: Json, new: Json) -> bool:
        """Whether both values are written alike and refer to the same things."""
        refs = _common_refs(old, new)
        return refs is not None and not (refs and refs & self.tainted)

    @property
    def tainted(self) -> set[str]:
        """The references that lead, at once or over others, to something that has changed."""
        if self._tainted is None:
            self._tainted = self._find_tainted()
        return self._tainted

    def _find_tainted(self) -> set[str]:
        users: dict[str, set[str]] = {}
        changed = []
        roots = (self._old.document.root, self._new.document.root)
        # A base URI inside the document makes equal texts mean different things.
        rebased = any(r.identifiers.bases.keys() - {""} for r in (self._old, self._new))
        for ref in {ref for root in roots for ref in _refs(root)}:
            inner = None if rebased else _common_refs(*self._targets(ref))
            if inner is None:
                changed.append(ref)
            for other in inner or ():
                users.setdefault(other, set()).add(ref)
        tainted = set(changed)
        while changed:
            fresh = users.get(changed.pop(), set()) - tainted
            tainted |= fresh
            changed.extend(fresh)
        return tainted

    def _targets(self, ref: str) -> tuple[Json, Json]:
        values: list[Json] = []
        for resolver in (self._old, self._new):
            try:
                values.append(resolver.target(Node("", None), ref).value)
            except TreatyError:
                # Unreadable on both sides alike: nothing says that it has changed.
                values.append({"unreadable": ref})
        return values[0], values[1]


def _refs(root: Json) -> Iterator[str]:
    stack = [root]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            ref = value.get("$ref")
            if isinstance(ref, str):
                yield ref
            stack.extend(v for v in value.values() if isinstance(v, dict | list))
        elif isinstance(value, list):
            stack.extend(v for v in value if isinstance(v, dict | list))


def _common_refs(old: Json, new: Json) -> set[str] | None:
    """Return the references of two equal values, or None when they differ.

    Python calls `1` and `True` equal; JSON does not.
    """
    try:
        if old != new:
            return None
    except RecursionError:  # nested deeper than Python compares; the walk goes level by level
        return None
    refs: set[str] = set()
    stack = [(old, new)]
    while stack:
        one, other = stack.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            if isinstance(ref := one.get("$ref"), str):
                refs.add(ref)
            stack.extend((value, other[key]) for key, value in one.items())
        elif isinstance(one, list) and isinstance(other, list):
            stack.extend(zip(one, other, strict=True))
        elif isinstance(one, bool) is not isinstance(other, bool):
            return None
    return refs
