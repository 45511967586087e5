"""Members of a request's body that nobody declared, or that only answers may have.

A table of nodes as masks have it (`policies.maskprogram`): `leaf` marks what is `readOnly`, `open`
where the contract says that further members are welcome.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

from contracts import pointer as jp
from contracts.document import Json
from contracts.model import Contract, MediaType, Node
from contracts.problem import Detail
from contracts.refs import Resolver
from policies.maskprogram import NodeTable
from policies.validation.bodies import fits

Act: TypeAlias = Literal["allow", "refuse", "strip"]
Nodes: TypeAlias = tuple[int, ...]
_MAX_KNOWN = 2_000
_MAX_NAME = 200
_MAX_WRONG = 10
_SHAPES = ("props", "patterns", "extra", "open")


def compile_members(
    contract: Contract, content: tuple[MediaType, ...], resolver: Resolver
) -> dict[str, Any]:
    """Return `nodes`, and the `entries` by media type. Raises `TreatyError` (invalid-contract)."""
    table = _Table(contract, resolver, _read_only)
    entries = {
        media.name.partition(";")[0].strip().lower(): table.add(media.schema)
        for media in content
        if media.schema is not None
    }
    return {"nodes": table.nodes, "entries": entries}


class _Table(NodeTable):
    def _slots(self, schema: Node, value: dict[str, Json], node: dict[str, Any]) -> None:
        super()._slots(schema, value, node)
        if value.get("additionalProperties") is True:
            node["open"] = True


def _read_only(schema: dict[str, Json]) -> dict[str, Any] | None:
    return {"readOnly": True} if schema.get("readOnly") is True else None


class Members:
    """What a policy lets through of bodies."""

    def __init__(self, settings: Mapping[str, Any], undeclared: Act, read_only: Act) -> None:
        self._nodes: list[dict[str, Any]] = settings["nodes"]
        ranked = sorted(settings["entries"].items(), key=lambda entry: entry[0].count("*"))
        self._entries: list[tuple[str, int]] = ranked
        self._undeclared, self._read_only = undeclared, read_only
        self._around: dict[Nodes, Nodes] = {}
        self._known: dict[tuple[Nodes, str], Nodes | None] = {}
        self._patterns = {
            pattern: re.compile(pattern)
            for node in self._nodes
            for pattern in node.get("patterns", {})
        }

    def judge(self, media: str, value: Json, at: str) -> tuple[Json, list[Detail]]:
        """Return the body without what is stripped, the same object where nothing is, and what is wrong.

        The sentences name the place, never the value.
        """
        entry = next((node for name, node in self._entries if fits(name, media)), None)
        wrong: list[Detail] = []
        if entry is None:
            return value, wrong
        return self._walk(value, (entry,), at, wrong), wrong

    def _walk(self, value: Json, nodes: Nodes, at: str, wrong: list[Detail]) -> Json:
        if not nodes or len(wrong) >= _MAX_WRONG:
            return value
        if isinstance(value, dict):
            return self._object(value, self._closure(nodes), at, wrong)
        if isinstance(value, list):
            around = self._closure(nodes)
            items = [
                self._walk(item, self._items(around, index), f"{at}/{index}", wrong)
                for index, item in enumerate(value)
            ]
            return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
        return value

    def _object(
        self, value: dict[str, Json], around: Nodes, at: str, wrong: list[Detail]
    ) -> dict[str, Json]:
        # A schema that says nothing of members takes any; there is nothing to be undeclared from.
        shaped = any(name in self._nodes[number] for number in around for name in _SHAPES)
        kept: dict[str, Json] = {}
        same = True
        for name, member in value.items():
            found = self._member(around, name)
            here = jp.join(at, name)
            if found is None:
                keeps = not shaped or self._keeps(
                    self._undeclared, "the contract has no such member", here, wrong
                )
                shown = member
            elif any("leaf" in self._nodes[n] for n in self._closure(found)):
                keeps = self._keeps(self._read_only, "only answers have this member", here, wrong)
                shown = member
            else:
                keeps, shown = True, self._walk(member, found, here, wrong)
            same = same and keeps and shown is member
            if keeps:
                kept[name] = shown
        return value if same else kept

    def _keeps(self, act: Act, sentence: str, at: str, wrong: list[Detail]) -> bool:
        if act == "refuse":
            wrong.append(Detail(sentence, at))
        return act != "strip"

    def _member(self, around: Nodes, name: str) -> Nodes | None:
        """Return the nodes of a member; None where no schema names it."""
        key = (around, name)
        if key in self._known:
            return self._known[key]
        declared, found = False, list[int]()
        for number in around:
            own = [*self._own(self._nodes[number], name)]
            declared = declared or bool(own) or "open" in self._nodes[number]
            found += own
        nodes = tuple(dict.fromkeys(found)) if declared else None
        if len(self._known) < _MAX_KNOWN and len(name) <= _MAX_NAME:
            self._known[key] = nodes
        return nodes

    def _own(self, node: Mapping[str, Any], name: str) -> Iterator[int]:
        named = False
        if name in node.get("props", {}):
            named = True
            yield node["props"][name]
        for pattern, child in node.get("patterns", {}).items():
            if len(name) > _MAX_NAME or self._patterns[pattern].search(name):
                named = True
                yield child
        if not named and "extra" in node:
            yield node["extra"]

    def _items(self, around: Nodes, index: int) -> Nodes:
        found = []
        for number in around:
            node = self._nodes[number]
            prefix = node.get("prefix", ())
            if index < len(prefix):
                found.append(prefix[index])
            elif "items" in node:
                found.append(node["items"])
        return tuple(found)

    def _closure(self, start: Nodes) -> Nodes:
        known = self._around.get(start)
        if known is not None:
            return known
        seen: dict[int, None] = {}
        todo = list(start)
        while todo:
            number = todo.pop(0)
            if number not in seen:
                seen[number] = None
                todo += self._nodes[number].get("all", ())
        nodes = tuple(seen)
        if len(self._around) < _MAX_KNOWN:
            self._around[start] = nodes
        return nodes
