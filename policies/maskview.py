"""A mask program as one kind of caller sees it: revealed leaves dropped, the rest applied."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from contracts.document import Json
from policies.masking import RESTRICTIVENESS, Removed, masked
from policies.patterns import MAX_INPUT

Nodes = tuple[int, ...]
# Member names come from strangers; a cache of them stays bounded.
_MAX_CACHED = 10_000
_RANK = {name: rank for rank, name in enumerate(RESTRICTIVENESS)}


class View:
    """Applies the program for callers who hold `scopes`."""

    def __init__(self, settings: Mapping[str, Any], scopes: frozenset[str]) -> None:
        self._nodes: list[dict[str, Any]] = settings["nodes"]
        self._entries: list[dict[str, Any]] = settings["entries"]
        self._fallback: int = settings["fallback"]
        revealed = [entry for entry in settings["reveal"] if scopes.issuperset(entry["scopes"])]
        self._hidden = [_hidden(node.get("leaf"), revealed) for node in self._nodes]
        self._closures: dict[Nodes, Nodes] = {}
        self._members: dict[tuple[Nodes, str], Nodes] = {}
        self._reaches = self._reachable()
        self._patterns = {
            pattern: re.compile(pattern)
            for node in self._nodes
            for pattern in node.get("patterns", {})
        }

    def entry(self, status: int, media: str) -> Nodes | None:
        """Return the nodes for an answer, or None where they hold nothing hidden from this caller.

        Every media type that fits counts: which of two the provider meant is its guess, not ours.
        """
        for wanted in (str(status), f"{status // 100}XX", "DEFAULT"):
            of_status = [entry for entry in self._entries if entry["status"] == wanted]
            fitting = [entry["node"] for entry in of_status if _fits(entry["media"], media)]
            if of_status:
                return self._hiding(fitting or [self._fallback])
        return self._hiding([self._fallback])

    def _hiding(self, numbers: list[int]) -> Nodes | None:
        return tuple(dict.fromkeys(n for n in numbers if n in self._reaches)) or None

    def apply(self, value: Json, nodes: Nodes, pseudonym: Callable[[str], str]) -> Json:
        """Return the masked value; the very same object where nothing changed."""
        shown = self._apply(value, nodes, pseudonym)
        return None if isinstance(shown, Removed) else shown

    def _apply(self, value: Json, start: Nodes, pseudonym: Callable[[str], str]) -> Json | Removed:
        nodes = self._closure(start)
        leaves = [leaf for leaf in (self._hidden[number] for number in nodes) if leaf is not None]
        if leaves:
            return masked(value, max(leaves, key=lambda leaf: _RANK[leaf["strategy"]]), pseudonym)
        if isinstance(value, dict):
            return self._object(value, nodes, pseudonym)
        if isinstance(value, list):
            return self._array(value, nodes, pseudonym)
        return value

    def _object(
        self, value: dict[str, Json], nodes: Nodes, pseudonym: Callable[[str], str]
    ) -> Json:
        changed: dict[str, Json] = {}
        same = True
        for name, member in value.items():
            children = self._member(nodes, name)
            shown = self._apply(member, children, pseudonym) if children else member
            same = same and shown is member
            if not isinstance(shown, Removed):
                changed[name] = shown
        return value if same else changed

    def _array(self, value: list[Json], nodes: Nodes, pseudonym: Callable[[str], str]) -> Json:
        changed: list[Json] = []
        same = True
        for index, item in enumerate(value):
            children = self._item(nodes, index)
            shown = self._apply(item, children, pseudonym) if children else item
            same = same and shown is item
            if not isinstance(shown, Removed):
                changed.append(shown)
        return value if same else changed

    def _member(self, nodes: Nodes, name: str) -> Nodes:
        known = self._members.get((nodes, name))
        if known is not None:
            return known
        found: list[int] = []
        for number in nodes:
            node = self._nodes[number]
            own = [node["props"][name]] if name in node.get("props", {}) else []
            own += [
                child
                for pattern, child in node.get("patterns", {}).items()
                if len(name) > MAX_INPUT or self._patterns[pattern].search(name)
            ]
            if not own and "extra" in node:
                own = [node["extra"]]
            found += own
        children = tuple(dict.fromkeys(n for n in found if n in self._reaches))
        if len(self._members) < _MAX_CACHED and len(name) <= MAX_INPUT:
            self._members[nodes, name] = children
        return children

    def _item(self, nodes: Nodes, index: int) -> Nodes:
        found = []
        for number in nodes:
            node = self._nodes[number]
            prefix = node.get("prefix", ())
            if index < len(prefix):
                found.append(prefix[index])
            elif "items" in node:
                found.append(node["items"])
        return tuple(dict.fromkeys(n for n in found if n in self._reaches))

    def _closure(self, start: Nodes) -> Nodes:
        """Return the nodes that judge the same value, `all` followed to the end."""
        known = self._closures.get(start)
        if known is None:
            seen: dict[int, None] = {}
            todo = list(start)
            while todo:
                number = todo.pop(0)
                if number not in seen:
                    seen[number] = None
                    todo += self._nodes[number].get("all", ())
            known = tuple(seen)
            if len(self._closures) < _MAX_CACHED:
                self._closures[start] = known
        return known

    def _reachable(self) -> frozenset[int]:
        """Return the nodes from which something hidden can be reached; the rest is left alone."""
        parents: dict[int, list[int]] = {}
        for number, node in enumerate(self._nodes):
            for child in _children(node):
                parents.setdefault(child, []).append(number)
        found = {number for number, leaf in enumerate(self._hidden) if leaf is not None}
        todo = list(found)
        while todo:
            for parent in parents.get(todo.pop(), ()):
                if parent not in found:
                    found.add(parent)
                    todo.append(parent)
        return frozenset(found)


def _children(node: dict[str, Any]) -> list[int]:
    single = [node[slot] for slot in ("extra", "items") if slot in node]
    many = [*node.get("props", {}).values(), *node.get("patterns", {}).values()]
    return [*single, *many, *node.get("prefix", ()), *node.get("all", ())]


def _hidden(leaf: dict[str, Any] | None, revealed: list[dict[str, Any]]) -> dict[str, Any] | None:
    if leaf is None or (leaf["sensitivity"] == "public" and not leaf.get("always")):
        return None
    if not leaf.get("always"):
        for entry in revealed:
            by_category = not entry["categories"] or leaf["category"] in entry["categories"]
            by_level = not entry["sensitivity"] or leaf["sensitivity"] in entry["sensitivity"]
            if by_category and by_level:
                return None
    return leaf


def _fits(declared: str, media: str) -> bool:
    declared = declared.partition(";")[0].strip()
    if declared in (media, "*/*"):
        return True
    kind, _, rest = declared.partition("/")
    return rest == "*" and media.startswith(kind + "/")
