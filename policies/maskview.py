"""A mask program as one kind of caller sees it: revealed leaves dropped, the rest applied."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from contracts.document import Json
from policies.masking import RESTRICTIVENESS, Removed, masked
from policies.maskprogram import children
from policies.patterns import MAX_INPUT

Nodes = tuple[int, ...]
# Member names come from strangers; a cache of them stays bounded.
_MAX_CACHED = 10_000
_MAX_NAMES = 1_000
# A text with a classified text inside (`contentSchema`): masks do not read it a second time.
_ENCODED: dict[str, Any] = {"strategy": "full"}
_RANK = {name: rank for rank, name in enumerate(RESTRICTIVENESS)}


class _State:
    """What several nodes together say of one value: a leaf, or where its hidden parts are."""

    __slots__ = ("hiding", "items", "leaf", "named", "nodes", "open", "prefix")

    def __init__(self, nodes: Nodes, leaf: dict[str, Any] | None) -> None:
        self.nodes = nodes
        self.leaf = leaf
        self.named: dict[str, _State | None] = {}
        self.hiding: tuple[tuple[str, _State], ...] = ()
        self.open = False  # members that no schema names may hide something too
        self.prefix: tuple[_State | None, ...] = ()
        self.items: _State | None = None


class View:
    """Applies the program for callers who hold `scopes`, and whose claims fit the entries `met`.

    The node table is made deterministic on the way: a state stands for the set of nodes that judge
    one value, so that a call looks at classified members only, and at no schema twice.
    """

    def __init__(
        self,
        settings: Mapping[str, Any],
        scopes: frozenset[str],
        met: frozenset[int] = frozenset(),
    ) -> None:
        self._nodes: list[dict[str, Any]] = settings["nodes"]
        self._entries: list[dict[str, Any]] = settings["entries"]
        self._fallback: int = settings["fallback"]
        revealed = [
            entry
            for number, entry in enumerate(settings["reveal"])
            if scopes.issuperset(entry["scopes"]) and ("claims" not in entry or number in met)
        ]
        self._hidden = [_hidden(node.get("leaf"), revealed) for node in self._nodes]
        self._states: dict[Nodes, _State] = {}
        self._known: dict[tuple[int, str], Nodes | None] = {}
        self._known_records: dict[tuple[int, str], Nodes | None] = {}
        self._reaches = self._reachable()
        for number, node in enumerate(self._nodes):
            if self._hidden[number] is None and node.get("content") in self._reaches:
                self._hidden[number] = _ENCODED
        self._patterns = {
            pattern: re.compile(pattern)
            for node in self._nodes
            for pattern in node.get("patterns", {})
        }

        self.headers = {
            name: leaf
            for name, nodes in settings.get("headers", {}).items()
            if (leaf := self._header(tuple(nodes))) is not None
        }

    def _header(self, start: Nodes) -> dict[str, Any] | None:
        """Return how a header is hidden; one with something classified inside is hidden whole."""
        around = self._closure(start)
        leaves = [leaf for leaf in (self._hidden[number] for number in around) if leaf is not None]
        if leaves:
            return max(leaves, key=lambda leaf: _RANK[leaf["strategy"]])
        return _ENCODED if self._reaching(list(around)) else None

    def entry(self, status: int, media: str) -> Nodes | None:
        """Return the nodes for an answer, or None where they hold nothing hidden from this caller.

        Every media type that fits counts: which of two the provider meant is its guess, not ours.
        """
        try:
            return self._known[status, media]
        except KeyError:
            found = self._entry(status, media)
        if len(self._known) < _MAX_CACHED:
            self._known[status, media] = found
        return found

    def record_entry(self, status: int, media: str) -> Nodes | None:
        """Return the nodes for one record of a streamed answer, or None as `entry` does.

        A contract may describe a record, the array of all records, or the event around its data;
        which one it meant cannot be told, so that each of them counts.
        """
        try:
            return self._known_records[status, media]
        except KeyError:
            pass
        whole = self.entry(status, media)
        found = None if whole is None else self._records_of(whole)
        if len(self._known_records) < _MAX_CACHED:
            self._known_records[status, media] = found
        return found

    def _records_of(self, whole: Nodes) -> Nodes:
        found = list(self._closure(whole))
        for number in tuple(found):
            node = self._nodes[number]
            found += [*node.get("prefix", ()), *([node["items"]] if "items" in node else ())]
        for number in self._closure(self._reaching(found)):
            data = self._nodes[number].get("props", {}).get("data")
            if data is not None:
                around = self._closure((data,))
                # The data of an event has been read already, so that its parts can be told.
                found += [n for n in around if self._hidden[n] is not _ENCODED]
                found += [self._nodes[n]["content"] for n in around if "content" in self._nodes[n]]
        return self._reaching(found)

    def _entry(self, status: int, media: str) -> Nodes | None:
        for wanted in (str(status), f"{status // 100}XX", "DEFAULT"):
            of_status = [entry for entry in self._entries if entry["status"] == wanted]
            fitting = [entry["node"] for entry in of_status if _fits(entry["media"], media)]
            if of_status:
                return self._reaching(fitting or [self._fallback]) or None
        return self._reaching([self._fallback]) or None

    def _reaching(self, numbers: list[int]) -> Nodes:
        return tuple(dict.fromkeys(n for n in numbers if n in self._reaches))

    def apply(self, value: Json, nodes: Nodes, pseudonym: Callable[[str], str]) -> Json:
        """Return the masked value; the very same object where nothing changed."""
        state = self._states.get(nodes)
        if state is None:
            state = self._state(nodes)
        if state is None:
            return value
        shown = self._apply(value, state, pseudonym)
        return None if isinstance(shown, Removed) else shown

    def _apply(self, value: Json, state: _State, pseudonym: Callable[[str], str]) -> Json | Removed:
        if state.leaf is not None:
            return masked(value, state.leaf, pseudonym)
        if isinstance(value, dict):
            return self._object(value, state, pseudonym)
        if isinstance(value, list):
            return self._array(value, state, pseudonym)
        return value

    def _object(
        self, value: dict[str, Json], state: _State, pseudonym: Callable[[str], str]
    ) -> Json:
        hiding = state.hiding if not state.open else self._open_members(value, state)
        changed = value
        for name, child in hiding:
            if name in value:
                member = value[name]
                shown = self._apply(member, child, pseudonym)
                if shown is member:
                    continue
                if changed is value:
                    changed = dict(value)
                if isinstance(shown, Removed):
                    del changed[name]
                else:
                    changed[name] = shown
        return changed

    def _open_members(
        self, value: dict[str, Json], state: _State
    ) -> tuple[tuple[str, _State], ...]:
        found = ((name, self._member(state, name)) for name in value)
        return tuple((name, child) for name, child in found if child is not None)

    def _array(self, value: list[Json], state: _State, pseudonym: Callable[[str], str]) -> Json:
        changed: list[Json] = []
        same = True
        prefix, items = state.prefix, state.items
        for index, item in enumerate(value):
            child = prefix[index] if index < len(prefix) else items
            shown = item if child is None else self._apply(item, child, pseudonym)
            same = same and shown is item
            if not isinstance(shown, Removed):
                changed.append(shown)
        return value if same else changed

    # states, made when they are first needed

    def _state(self, start: Nodes) -> _State | None:
        if not start:
            return None
        known = self._states.get(start)
        if known is not None:
            return known
        nodes = self._closure(start)
        leaves = [leaf for leaf in (self._hidden[number] for number in nodes) if leaf is not None]
        leaf = max(leaves, key=lambda leaf: _RANK[leaf["strategy"]], default=None)
        state = _State(nodes, leaf)
        if len(self._states) < _MAX_CACHED:
            # Before the children: a recursive schema leads back to this very state.
            self._states[start] = state
        if leaf is None:
            self._open(state)
        return state

    def _open(self, state: _State) -> None:
        tables = [self._nodes[number] for number in state.nodes]
        state.open = any(
            child in self._reaches
            for node in tables
            for child in (*node.get("patterns", {}).values(), node.get("extra"))
        )
        names = dict.fromkeys(name for node in tables for name in node.get("props", {}))
        found = ((name, self._member(state, name)) for name in names)
        state.hiding = tuple((name, child) for name, child in found if child is not None)
        longest = max((len(node.get("prefix", ())) for node in tables), default=0)
        state.prefix = tuple(self._item(state, index) for index in range(longest))
        state.items = self._item(state, longest)

    def _member(self, state: _State, name: str) -> _State | None:
        try:
            return state.named[name]
        except KeyError:
            pass
        found: list[int] = []
        for number in state.nodes:
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
        child = self._state(self._reaching(found))
        if len(state.named) < _MAX_NAMES and len(name) <= MAX_INPUT:
            state.named[name] = child
        return child

    def _item(self, state: _State, index: int) -> _State | None:
        found = []
        for number in state.nodes:
            node = self._nodes[number]
            prefix = node.get("prefix", ())
            if index < len(prefix):
                found.append(prefix[index])
            elif "items" in node:
                found.append(node["items"])
        return self._state(self._reaching(found))

    def _closure(self, start: Nodes) -> Nodes:
        """Return the nodes that judge the same value, `all` followed to the end."""
        seen: dict[int, None] = {}
        todo = list(start)
        while todo:
            number = todo.pop(0)
            if number not in seen:
                seen[number] = None
                todo += self._nodes[number].get("all", ())
        return tuple(seen)

    def _reachable(self) -> frozenset[int]:
        """Return the nodes from which something hidden can be reached; the rest is left alone."""
        parents: dict[int, list[int]] = {}
        for number, node in enumerate(self._nodes):
            for child in children(node):
                parents.setdefault(child, []).append(number)
        found = {number for number, leaf in enumerate(self._hidden) if leaf is not None}
        todo = list(found)
        while todo:
            for parent in parents.get(todo.pop(), ()):
                if parent not in found:
                    found.add(parent)
                    todo.append(parent)
        return frozenset(found)


def _hidden(leaf: dict[str, Any] | None, revealed: list[dict[str, Any]]) -> dict[str, Any] | None:
    if leaf is None or (leaf["sensitivity"] == "public" and not leaf.get("always")):
        return None
    if leaf.get("always"):
        return leaf
    shown = leaf
    for entry in revealed:
        by_category = not entry["categories"] or leaf["category"] in entry["categories"]
        by_level = not entry["sensitivity"] or leaf["sensitivity"] in entry["sensitivity"]
        if by_category and by_level:
            technique = entry.get("as")
            if technique is None:
                return None
            if _RANK[technique] < _RANK[shown["strategy"]]:
                shown = {**leaf, "strategy": technique}
    return shown


def _fits(declared: str, media: str) -> bool:
    declared = declared.partition(";")[0].strip()
    if declared in (media, "*/*"):
        return True
    kind, _, rest = declared.partition("/")
    return rest == "*" and media.startswith(kind + "/")
