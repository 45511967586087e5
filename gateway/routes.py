"""Which operation a request is for: the longest base path, then a trie of template segments.

A literal beats a partial template (`{id}.json`), which beats a parameter; dead ends backtrack.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from contracts import catalog
from gateway.paths import literal, segments
from gateway.refusal import refused

T = TypeVar("T")

_MAX_KNOWN = 4_096  # paths whose operation is remembered
_PARAMETER = re.compile(r"\{[^{}]*\}")


@dataclass(slots=True)
class _Node(Generic[T]):
    literals: dict[str, "_Node[T]"] = field(default_factory=dict)
    partials: dict[tuple[str, ...], "_Node[T]"] = field(default_factory=dict)
    parameter: "_Node[T] | None" = None
    methods: dict[str, T] = field(default_factory=dict)

    def step(self, segment: str) -> "_Node[T]":
        """Return the child for a template segment, made when it is new."""
        pieces = tuple(literal(piece) for piece in _PARAMETER.split(segment))
        if len(pieces) == 1:
            return self.literals.setdefault(pieces[0], _Node())
        if any(pieces):
            child = self.partials.setdefault(pieces, _Node())
            # The most literal characters first; `sorted` keeps the order of equals.
            ranked = sorted(self.partials.items(), key=lambda item: -len("".join(item[0])))
            self.partials = dict(ranked)
            return child
        if self.parameter is None:
            self.parameter = _Node()
        return self.parameter

    def find(self, path: tuple[str, ...], depth: int = 0) -> "_Node[T] | None":
        """Return the node for the path; every node is visited once at most."""
        if depth == len(path):
            return self if self.methods else None
        segment = path[depth]
        candidates = [self.literals[segment]] if segment in self.literals else []
        candidates += [node for pieces, node in self.partials.items() if fits(pieces, segment)]
        if self.parameter is not None and segment:
            candidates.append(self.parameter)
        for candidate in candidates:
            found = candidate.find(path, depth + 1)
            if found is not None:
                return found
        return None


def fits(pieces: tuple[str, ...], segment: str) -> bool:
    """Tell whether the segment is the pieces with something between each two; in linear time."""
    first, *middle, last = pieces
    if not segment.startswith(first):
        return False
    position = len(first)
    for piece in middle:
        found = segment.find(piece, position + 1)
        if found < 0:
            return False
        position = found + len(piece)
    return segment.endswith(last) and position < len(segment) - len(last)


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """The operation, and the path below the base path as the upstream shall see it."""

    target: T
    path: str


def base_key(base: str) -> tuple[str, ...]:
    """Return the segments of a base path."""
    return tuple(literal(part) for part in base.strip("/").split("/")) if base else ()


class Routes(Generic[T]):
    """All operations of one snapshot; built once, then only read."""

    def __init__(self, entries: Iterable[tuple[str, str, str, T]]) -> None:
        """Take (base path, method, template, target); of two equal shapes the first wins."""
        self._bases: dict[tuple[str, ...], _Node[T]] = {}
        for base, method, template, target in entries:
            if method.upper() == "TRACE":
                continue  # it would echo credentials (RFC 9110 section 9.3.8); always 405
            node = self._bases.setdefault(base_key(base), _Node())
            for segment in template.removeprefix("/").split("/"):
                node = node.step(segment)
            node.methods.setdefault(method.upper(), target)
        self._known: dict[tuple[str, bytes], Found[T]] = {}
        self._depths = sorted({len(key) for key in self._bases}, reverse=True)

    @property
    def bases(self) -> frozenset[tuple[str, ...]]:
        """Return the base paths, each as its segments."""
        return frozenset(self._bases)

    def find(self, method: str, raw_path: bytes) -> Found[T]:
        """Return the operation of the request.

        Raises `Refused`: ambiguous-path, route-not-found, or method-not-allowed with `Allow`.
        """
        known = self._known.get((method, raw_path))
        if known is None:
            known = self._find(method, segments(raw_path))
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            self._known[method, raw_path] = known
        return known

    def _find(self, method: str, path: tuple[str, ...]) -> Found[T]:
        for depth in self._depths:
            root = self._bases.get(path[:depth])
            if root is None:
                continue
            node = root.find(path[depth:])
            if node is None:
                break
            if method not in node.methods:
                allow = ", ".join(sorted(node.methods))
                sentence = f"The contract has only {allow} here."
                raise refused(catalog.METHOD_NOT_ALLOWED, sentence, ("Allow", allow))
            return Found(node.methods[method], "/" + "/".join(path[depth:]))
        raise refused(catalog.ROUTE_NOT_FOUND, "No deployed contract has this path.")
