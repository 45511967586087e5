"""Paths that our own matcher does not know, run by the library `python-jsonpath`.

It knows RFC 9535 and more: queries inside filters, `in`, `contains`. Called by `select`.
"""

import re
from functools import lru_cache
from typing import Any

import jsonpath

from contracts.document import Json
from contracts.lint.function import Path, UnsupportedError
from contracts.lint.match import Match
from contracts.lint.tree import Tree

MAX_NODES = 500_000  # of the tree with shared values written out: the library visits them all
MAX_MATCHES = 50_000
MAX_LENGTH = 1_000  # characters of a path
MAX_STEPS = 2_000_000  # each ".." may visit the whole tree, once for each value before it
# Spectral's JavaScript → the library's own words.
_REWRITES = (
    (re.compile(r"==="), "=="),
    (re.compile(r"!=="), "!="),
    (re.compile(r"void 0"), "undefined"),
    (re.compile(r"@property\b"), "#"),
    (re.compile(r"\.(\$[A-Za-z]+)"), r"['\1']"),
    (re.compile(r"\[([A-Za-z][\w-]*(?:\s*,\s*[A-Za-z][\w-]*)*)\]"), r"[\1]"),
)
_BARE = re.compile(r"\[\s*([A-Za-z$][\w$-]*(?:\s*,\s*[A-Za-z$][\w$-]*)*)\s*\]")
# The library would run these with an engine that can backtrack for minutes.
_REFUSED = re.compile(r"=~|\bmatch\s*\(|\bsearch\s*\(|@parent|@path|@root|\^")


def matches(tree: Tree, text: str) -> list[Match]:
    """Return what a path selects, where it is written. Raises `UnsupportedError`."""
    if not text.startswith("$") or len(text) > MAX_LENGTH or _REFUSED.search(text):
        raise UnsupportedError(f"the expression '{text[:200]}'")
    size = _size(tree.root)
    if size > MAX_NODES or size ** text.count("..") > MAX_STEPS:
        raise UnsupportedError(f"the expression '{text[:200]}'")
    found: dict[Path, Match] = {}
    try:
        for node in _compiled(text).finditer(tree.root):
            path = tree.source(tuple(node.parts))
            found.setdefault(path, Match(path, node.obj))
            if len(found) > MAX_MATCHES:
                raise UnsupportedError(f"'{text[:200]}' selects more than {MAX_MATCHES} values")
    except (jsonpath.JSONPathError, RecursionError, TypeError, ValueError, re.error):
        raise UnsupportedError(f"the expression '{text[:200]}'") from None
    return list(found.values())


@lru_cache(maxsize=128)
def _compiled(text: str) -> Any:
    for pattern, replacement in _REWRITES:
        text = pattern.sub(replacement, text)
    text = _BARE.sub(
        lambda m: "[" + ", ".join(f"'{w.strip()}'" for w in m[1].split(",")) + "]", text
    )
    return jsonpath.JSONPathEnvironment().compile(text)


def _size(root: Json) -> int:
    """Return how many nodes the tree has when shared values are written out."""
    sizes: dict[int, int] = {}
    stack: list[tuple[Json, bool]] = [(root, False)]
    while stack:
        value, done = stack.pop()
        if not isinstance(value, dict | list) or (not done and id(value) in sizes):
            continue
        members = list(value.values()) if isinstance(value, dict) else value
        if done:
            sizes[id(value)] = 1 + sum(sizes.get(id(each), 1) for each in members)
        else:
            stack.append((value, True))
            stack.extend((each, False) for each in members)
    return sizes.get(id(root), 1)
