"""`hasExample`: a body that shows what it looks like."""

from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint.function import Context, Result

_SHOWING = ("example", "examples", "x-example", "const", "default", "enum")
_MAX_DEPTH = 20


def has_example(value: Json, _: Mapping[str, Json], __: Context) -> Iterator[Result]:
    """Demand an example of a media type: beside its schema, in it, or in all its properties."""
    if not isinstance(value, dict):
        return
    if not any(value.get(key) for key in ("example", "examples")):
        schema = value.get("schema")
        if isinstance(schema, dict) and not _shown(schema, _MAX_DEPTH):
            yield Result("no example shows what the body looks like")


def _shown(schema: Json, depth: int) -> bool:
    if not isinstance(schema, dict) or depth == 0:
        return False
    if any(key in schema for key in _SHOWING):
        return True
    items = schema.get("items")
    if isinstance(items, dict):
        return _shown(items, depth - 1)
    properties = schema.get("properties")
    if isinstance(properties, dict) and properties:
        return all(_direct(each) for each in properties.values())
    parts = schema.get("allOf")
    return isinstance(parts, list) and any(_shown(part, depth - 1) for part in parts)


def _direct(schema: Json) -> bool:
    return isinstance(schema, dict) and any(key in schema for key in _SHOWING)
