"""Walks what two schemas announce about their values: sunset, stability, content, open lists.

Called by `contracts.compat.walk` where a text has such keywords at all; what the schemas accept is
judged elsewhere.
"""

from collections.abc import Iterator

from contracts import pointer as jp
from contracts.compat.pairs import ContentPair, Life, LifePair, Pair, Root, ValuesPair
from contracts.compat.scene import Scene
from contracts.document import Json
from contracts.errors import TreatyError
from contracts.formats.reader import Reader
from contracts.model import Node
from contracts.report import Direction
from contracts.schema import Spot

MAX_PLACES = 20_000  # under one root; what lies beyond only loses announcements
Places = tuple[Node, ...]


def walk(scene: Scene, root: Root) -> Iterator[Pair | Root]:
    """Yield the announcements of every value under a root that has changed."""
    stack = [
        ("", _expand(scene.readers[0], root.old.nodes), _expand(scene.readers[1], root.new.nodes))
    ]
    seen: set[object] = set()
    while stack and len(seen) < MAX_PLACES:
        path, old, new = stack.pop()
        key = (tuple(n.pointer for n in old), tuple(n.pointer for n in new))
        if key in seen or not old or not new:
            continue
        seen.add(key)
        if scene.sameness.same(Spot(old, ""), Spot(new, "")):
            continue
        yield from _pairs(scene, root, path, old, new)
        if root.direction is not Direction.NONE:  # a JSON Schema alone only annotates (8.3 there)
            yield from _contents(root, path, old, new)
        for name in _names(old, new):
            before = _member(scene.readers[0], old, name)
            stack.append((_step(path, name), before, _member(scene.readers[1], new, name)))


def _pairs(scene: Scene, root: Root, path: str, old: Places, new: Places) -> Iterator[Pair]:
    site = root.site.at(_Place(_spoken(old)), _Place(_spoken(new)))
    subject = f"property `{path}`" if path else root.subject
    if path:
        lives = [
            Life(_get(s, "deprecated") is True, _get(s, "x-sunset"), _get(s, "x-stability-level"))
            for s in (old, new)
        ]
        yield LifePair(site, subject, lives[0], lives[1], scene.on, scene.lifecycle)
    values = [_get(side, "x-extensible-enum") for side in (old, new)]
    if any(isinstance(listed, list) for listed in values):
        sides = [tuple(listed) if isinstance(listed, list) else None for listed in values]
        yield ValuesPair(site, root.direction, subject, sides[0], sides[1])


def _contents(root: Root, path: str, old: Places, new: Places) -> Iterator[Pair | Root]:
    """Yield what a text holds; containment knows it as a text only (JSON Schema 2020-12, 8)."""
    site = root.site.at(_Place(_spoken(old)), _Place(_spoken(new)))
    subject = f"property `{path}`" if path else root.subject
    for keyword in ("contentEncoding", "contentMediaType"):
        before, after = _content(old, keyword), _content(new, keyword)
        if before != after:
            yield ContentPair(site, root.direction, subject, keyword, before, after)
    inner = [_written(side, "contentSchema") for side in (old, new)]
    if any(inner):
        spots = [
            Spot.of(n) if n else Spot.anything(s[0].pointer)
            for n, s in zip(inner, (old, new), strict=True)
        ]
        yield Root(site, f"the content of {subject}", root.direction, spots[0], spots[1])


def _content(places: Places, keyword: str) -> str:
    """Return a keyword, or what the formats of OpenAPI 3.0 say in its place."""
    said = _get(places, keyword)
    if isinstance(said, str):
        return said.lower()
    known = {("contentEncoding", "byte"): "base64"}
    return known.get((keyword, str(_get(places, "format"))), "")


def _written(places: Places, keyword: str) -> Node | None:
    nodes = (
        Node(jp.join(n.pointer, keyword), _value(n)[keyword])
        for n in places
        if keyword in _value(n)
    )
    return next(nodes, None)


class _Place:
    """A node as the site of a pair wants it."""

    def __init__(self, node: Node) -> None:
        self.node = node


def _spoken(places: Places) -> Node:
    """Return the part that announces something, the first one where none does."""
    words = ("x-sunset", "x-extensible-enum", "deprecated", "contentEncoding", "contentMediaType")
    return next((n for n in places if any(_value(n).get(w) for w in words)), places[0])


def _value(node: Node) -> dict[str, Json]:
    return node.value if isinstance(node.value, dict) else {}


def _get(places: Places, keyword: str) -> Json:
    return next((_value(n)[keyword] for n in places if keyword in _value(n)), None)


def _expand(reader: Reader, nodes: Places) -> Places:
    """Return all plain parts of a schema: behind references and in `allOf`."""
    found: dict[str, Node] = {}
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if node.pointer in found or len(found) > MAX_PLACES:
            continue
        found[node.pointer] = node
        value = _value(node)
        if isinstance(ref := value.get("$ref"), str):
            try:
                stack.append(reader.resolver.target(node, ref))
            except TreatyError:  # reported where the schemas are compared
                continue
        for keyword in ("allOf",):
            stack.extend(reader.items(reader.raw(node, keyword)))
    return tuple(found.values())


def _names(old: Places, new: Places) -> dict[str, None]:
    """Return the members that both sides have, `[]` for items, `*` for further members."""
    sides = []
    for places in (old, new):
        names: dict[str, None] = {}
        for node in places:
            properties = _value(node).get("properties")
            names |= dict.fromkeys(properties if isinstance(properties, dict) else ())
            names |= {"[]": None} if isinstance(_value(node).get("items"), dict) else {}
        sides.append(names)
    return {name: None for name in sides[0] if name in sides[1]}


def _member(reader: Reader, places: Places, name: str) -> Places:
    found = []
    for node in places:
        value = _value(node)
        properties = value.get("properties")
        if name == "[]" and isinstance(value.get("items"), dict):
            found.append(Node(jp.join(node.pointer, "items"), value["items"]))
        elif isinstance(properties, dict) and name in properties:
            found.append(Node(jp.join(node.pointer, "properties", name), properties[name]))
    return _expand(reader, tuple(found))


def _step(path: str, name: str) -> str:
    return f"{path}[]" if name == "[]" else f"{path}.{name}".removeprefix(".")
