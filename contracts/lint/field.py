"""`field` of a demand: which part of a selected value the function judges; called by `run`."""

import re
from collections.abc import Iterator
from functools import lru_cache

from contracts.document import Document, Json
from contracts.lint.function import MISSING, Path
from contracts.lint.match import Matcher
from contracts.lint.path import syntax
from contracts.lint.tree import Tree, step

_STEP = re.compile(r"[^.\[\]]+|\[(?:(\d+)|'([^']*)'|\"([^\"]*)\")\]")


def targets(value: Json, field: str | None) -> Iterator[tuple[Path, Json]]:
    """Yield what to judge, each with its path from `value`; `MISSING` where there is nothing.

    As in Spectral, a `field` of something that is no mapping or list is the value itself.
    Raises `UnsupportedError` for a path that cannot be followed.
    """
    if field is None or not isinstance(value, dict | list):
        yield (), value
    elif field == "@key":
        keys: list[str | int] = list(value) if isinstance(value, dict) else list(range(len(value)))
        for key in keys:
            yield (key,), str(key)
        if not keys:
            yield (), MISSING
    elif field.startswith("$"):
        yield from _below(value, field)
    else:
        path, found = _named(value, field)
        yield path, found


def _named(value: Json, field: str) -> tuple[Path, Json]:
    if isinstance(value, dict) and field in value:  # a name with dots in it
        return (field,), value[field]
    path: list[str | int] = []
    for name in _steps(field):
        key: str | int = int(name) if isinstance(value, list) and name.isdecimal() else name
        path.append(key)
        value = step(value, key)
    return tuple(path), value


@lru_cache(maxsize=512)
def _steps(field: str) -> tuple[str, ...]:
    return tuple(m[1] or m[2] or m[3] or m[0] for m in _STEP.finditer(field))


@lru_cache(maxsize=64)
def _matcher(field: str) -> Matcher:
    return Matcher([syntax.parse(field)])


def _below(value: Json, field: str) -> Iterator[tuple[Path, Json]]:
    (found,) = _matcher(field).run(Tree(Document("", value, {}), value))
    yield from ((match.path, match.value) for match in found)
    if not found:
        yield (), MISSING
