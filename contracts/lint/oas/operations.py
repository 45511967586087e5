"""The operations of a document, in the order in which they are written."""

from collections.abc import Iterator

from contracts.document import Json
from contracts.lint.function import Path

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def operations(root: Json) -> Iterator[tuple[Path, dict[str, Json]]]:
    """Yield the path and the value of each operation of a document."""
    for path, item in members(member(root, "paths")):
        for method, operation in members(item):
            if method in METHODS and isinstance(operation, dict):
                yield ("paths", path, method), operation


def member(value: Json, name: str) -> Json:
    """Return a member of a mapping, None where there is none."""
    return value.get(name) if isinstance(value, dict) else None


def members(value: Json) -> Iterator[tuple[str, Json]]:
    """Yield the members of a mapping; nothing else has any."""
    if isinstance(value, dict):
        yield from value.items()


def items(value: Json) -> list[Json]:
    """Return the items of a list; nothing else has any."""
    return value if isinstance(value, list) else []
