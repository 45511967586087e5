"""What undocumented answers hide: every classified member name of the operation, at any depth.

Works on the finished node table of a mask program. Names are all that is known of such a body;
where a classified value has no name of its own (items of a root array), the whole body is hidden.
"""

from typing import Any

Table = list[dict[str, Any]]


def add_fallback(nodes: Table, entries: list[int]) -> int:
    """Append the fallback to `nodes` and return its number."""
    names: dict[str, set[int]] = {}
    for node in nodes:
        for name, child in node.get("props", {}).items():
            leaves = _leaves(nodes, child)
            if leaves:
                names.setdefault(name, set()).update(leaves)
    nameless = sorted({leaf for entry in entries for leaf in _leaves(nodes, entry)})
    number = len(nodes)
    fallback: dict[str, Any] = {"props": {}, "extra": number, "items": number}
    nodes.append(fallback)
    if nameless:
        fallback["all"] = nameless
    for name, leaves in sorted(names.items()):
        fallback["props"][name] = len(nodes)
        # Several classifications of one name all count: each is revealed by its own rule.
        nodes.append({"all": [*sorted(leaves), number]})
    return number


def names_of(nodes: Table) -> tuple[set[str], set[str]]:
    """Return all member names, and those that are classified wherever they stand."""
    props = [pair for node in nodes for pair in node.get("props", {}).items()]
    declared = {name for name, _ in props}
    return declared, declared - {name for name, child in props if not _leaves(nodes, child)}


def _leaves(nodes: Table, start: int) -> set[int]:
    """Return the classified nodes reached without another member name on the way."""
    seen, todo, found = {start}, [start], set()
    while todo:
        number = todo.pop()
        node = nodes[number]
        if "leaf" in node:
            found.add(number)
        for child in _nameless(node):
            if child not in seen:
                seen.add(child)
                todo.append(child)
    return found


def _nameless(node: dict[str, Any]) -> list[int]:
    single = [node[slot] for slot in ("extra", "items", "content") if slot in node]
    return [
        *single,
        *node.get("patterns", {}).values(),
        *node.get("prefix", ()),
        *node.get("all", ()),
    ]
