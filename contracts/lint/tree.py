"""A document as rules see it: as written, or with every `$ref` replaced, and the way back.

The value behind a reference is one shared object however often it is referred to, so the resolved
tree is as small as the text. A reference that leads back into itself stays a `$ref`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from contracts import pointer as jp
from contracts.document import Document, Json
from contracts.lint.cycles import circular
from contracts.lint.function import MISSING, Path
from contracts.refs import Resolver

Container = dict[str, Json] | list[Json]
MAX_HOPS = 100


@dataclass
class Tree:
    """`root` is what rules run on; `targets` tells for values behind references where they stand."""

    document: Document
    root: Json
    targets: dict[int, Path] = field(default_factory=dict)
    broken: list[tuple[Path, str]] = field(default_factory=list)  # place and text of a dead $ref
    circular: frozenset[Path] = frozenset()  # references that stay, because they lead back

    @property
    def resolved(self) -> bool:
        """Whether references were replaced."""
        return self.root is not self.document.root

    def source(self, path: Path, *, behind: bool = False) -> Path:
        """Return where the value at a path of this tree is written, or its nearest ancestor.

        `behind`: the path begins behind a reference. As in Spectral, a `$ref` with members beside
        it keeps its own place only where no reference was followed before.
        """
        path = nearest(self.root, path)
        return self._links.place(path, self.circular, behind) if self.resolved else path

    def resolve(self, ref: str) -> Json:
        """Return the value that a local reference names, `MISSING` when there is none."""
        found = self._links.target((), ref)
        if found is None:
            return MISSING
        return walk(self.root, found)

    @cached_property
    def _links(self) -> "_Links":
        return _Links(self.document)


def raw(document: Document) -> Tree:
    """Return the document as it is written."""
    return Tree(document, document.root)


def resolved(document: Document) -> Tree:
    """Return the document with its local references replaced."""
    return _Building(document).tree()


def references(document: Document) -> frozenset[str]:
    """Return the text of every `$ref`."""
    return frozenset(ref for node in containers(document.root) if (ref := link(node)) is not None)


def containers(root: Json) -> Iterator[Container]:
    """Yield every mapping and list below `root`, and `root` itself."""
    stack = [root]
    while stack:
        value = stack.pop()
        if isinstance(value, dict | list):
            yield value
            stack.extend(value.values() if isinstance(value, dict) else value)


def link(value: Json) -> str | None:
    """Return the text of `$ref` when the value is a reference."""
    ref = value.get("$ref") if isinstance(value, dict) else None
    return ref if isinstance(ref, str) else None


def step(value: Json, key: str | int) -> Json:
    """Return a member or item, `MISSING` when there is none."""
    if isinstance(value, dict):
        return value.get(str(key), MISSING)
    if isinstance(value, list):
        index = key if isinstance(key, int) else int(key) if key.isdecimal() else -1
        return value[index] if 0 <= index < len(value) else MISSING
    return MISSING


def walk(value: Json, path: Path) -> Json:
    """Return the value at a path, `MISSING` when there is none."""
    for key in path:
        value = step(value, key)
    return value


def nearest(root: Json, path: Path) -> Path:
    """Return the longest beginning of a path that exists."""
    value = root
    for index, key in enumerate(path):
        value = step(value, key)
        if value is MISSING:
            return path[:index]
    return path


class _Links:
    """Where the references of a document lead."""

    def __init__(self, document: Document) -> None:
        self.root = document.root
        self._identifiers = Resolver(document).identifiers
        # With nested resources (`$id`), one text means different places in different parts.
        self.nested = bool(self._identifiers.bases)

    def target(self, holder: Path, ref: str) -> Path | None:
        """Return the path that `ref`, written at `holder`, names; None when it leads nowhere."""
        base = self._identifiers.base(jp.join("", *holder)) if self.nested else ""
        pointer = self._identifiers.locate(base, ref)
        if pointer is None:
            return None
        return self._typed(jp.split(pointer))

    def _typed(self, tokens: tuple[str, ...]) -> Path | None:
        path: list[str | int] = []
        value = self.root
        for token in tokens:
            key = int(token) if isinstance(value, list) and token.isdecimal() else token
            value = step(value, key)
            if value is MISSING:
                return None
            path.append(key)
        return tuple(path)

    def end(self, path: Path) -> Path | None:
        """Return the place at the end of the references that start at `path`, None when dead."""
        value = walk(self.root, path)
        for _ in range(MAX_HOPS):
            ref = link(value)
            if ref is None:
                return path
            found = self.target(path, ref)
            if found is None:
                return None
            path, value = found, walk(self.root, found)
        return None

    def written(self) -> Iterator[tuple[Path, str]]:
        """Yield the place and text of every reference."""
        stack: list[tuple[Any, Json]] = [(None, self.root)]
        while stack:
            chain, value = stack.pop()
            ref = link(value)
            if ref is not None:
                yield unchain(chain), ref
            elif isinstance(value, dict | list):
                members = value.items() if isinstance(value, dict) else enumerate(value)
                stack.extend(
                    ((chain, key), each) for key, each in members if isinstance(each, dict | list)
                )

    def place(self, path: Path, circular: frozenset[Path], behind: bool) -> Path:
        """Return where the value at a path of the resolved tree is written."""
        here: Path = ()
        value = self.root
        for key in path:
            inner = MISSING if behind and self._leads(here, value, circular) else step(value, key)
            if inner is MISSING and self._leads(here, value, circular):
                here = self.end(here) or here
                value = walk(self.root, here)
                inner = step(value, key)
                behind = True
            if inner is MISSING:
                return here
            here, value = (*here, key), inner
        beside = isinstance(value, dict) and len(value) > 1 and not behind
        if self._leads(here, value, circular) and not beside:
            return self.end(here) or here
        return here

    def _leads(self, here: Path, value: Json, circular: frozenset[Path]) -> bool:
        return link(value) is not None and here not in circular


class _Building:
    """Builds the resolved tree: depth first over values and references, without recursion."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.links = _Links(document)
        self.made: dict[int, Container] = {}  # id of a written value → its resolved copy
        self.open: set[int] = set()
        self.result = Tree(document, None)
        self.ends: dict[str, tuple[Path, Json] | None] = {}

    def tree(self) -> Tree:
        """Return the tree. A circle is found before anything is copied."""
        root = self.document.root
        self.result.circular = circular(self._links())
        if not isinstance(root, dict | list):
            # A copy of a scalar is the scalar; `resolved` may say no, nothing differs.
            return Tree(self.document, root)
        stack = [self._enter(root, None)]
        while stack:
            written, copy, chain, members = stack[-1]
            for key, child in members:
                frame = self._member(copy, key, child, chain)
                if frame is not None:
                    stack.append(frame)
                    break
            else:
                self.open.discard(id(written))
                stack.pop()
        self.result.root = self.made[id(root)]
        return self.result

    def _links(self) -> Iterator[tuple[Path, Path]]:
        for path, ref in self.links.written():
            end = self._end(ref, path)
            if end is None:
                self.result.broken.append((path, ref))
            else:
                yield path, end[0]

    def _enter(self, written: Container, chain: Any) -> tuple[Container, Container, Any, Any]:
        copy: Container
        if isinstance(written, dict):
            copy = dict.fromkeys(written)
            members: Any = iter(written.items())
        else:
            copy = [None] * len(written)
            members = iter(enumerate(written))
        self.made[id(written)] = copy
        self.open.add(id(written))
        return written, copy, chain, members

    def _member(self, copy: Any, key: str | int, child: Json, chain: Any) -> Any:
        """Put a child into the copy; return the frame to work on first when it is new."""
        if not isinstance(child, dict | list):
            copy[key] = child
            return None
        inner = (chain, key)
        if isinstance(child, dict) and "$ref" in child and (ref := link(child)) is not None:
            return self._reference(copy, key, child, ref, unchain(inner))
        if id(child) in self.open:  # entered through a reference from below
            copy[key] = {"$ref": "#" + jp.join("", *unchain(inner))}
            return None
        frame = None if id(child) in self.made else self._enter(child, inner)
        copy[key] = self.made[id(child)]
        return frame

    def _reference(self, copy: Any, key: str | int, child: Json, ref: str, place: Path) -> Any:
        end = None if place in self.result.circular else self._end(ref, place)
        if end is None:
            copy[key] = child
            return None
        path, value = end
        if not isinstance(value, dict | list):
            copy[key] = value
            return None
        if id(value) in self.open:
            copy[key] = {"$ref": "#" + jp.join("", *path)}
            return None
        frame = None if id(value) in self.made else self._enter(value, _chain(path))
        copy[key] = self.made[id(value)]
        self.result.targets[id(copy[key])] = path
        return frame

    def _end(self, ref: str, place: Path) -> tuple[Path, Json] | None:
        """Return where a reference ends and the value there; the same for equal texts."""
        if ref not in self.ends or self.links.nested:
            end = self.links.end(place)
            self.ends[ref] = None if end is None else (end, walk(self.document.root, end))
        return self.ends[ref]


def _chain(path: Path) -> Any:
    chain: Any = None
    for key in path:
        chain = (chain, key)
    return chain


def unchain(chain: Any) -> Path:
    """Return the path of a linked list of keys, which costs nothing to extend."""
    path: list[str | int] = []
    while chain is not None:
        chain, key = chain
        path.append(key)
    return tuple(reversed(path))
