"""Response header fields: compiled to plain settings, then judged (OpenAPI 3.1 section 4.8.21)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from contracts.model import Header
from contracts.problem import Detail
from contracts.report import Direction
from policies.jsontext import NotJsonError, parse
from policies.validation.parameters import shape_of
from policies.validation.styles import ParameterError, Shape, header_value
from policies.validation.table import SchemaTable
from policies.validation.validators import Validators

_IGNORED = frozenset({"content-type"})  # section 4.8.17.1: declaring it means nothing


def compile_headers(headers: Iterable[Header], schemas: SchemaTable) -> list[dict[str, Any]]:
    """Return the settings of each header. Raises `TreatyError` for a broken reference."""
    found = []
    for header in headers:
        content = header.content[0] if header.content else None
        schema = header.schema if content is None else content.schema
        if header.name.lower() not in _IGNORED:
            found.append(
                {
                    "name": header.name.lower(),
                    "required": header.required,
                    "explode": header.explode,
                    "json": content is not None,
                    "schema": schemas.name(schema, Direction.RESPONSE),
                }
                | shape_of(schema, schemas.resolver)
            )
    return found


class Headers:
    """Judges the declared header fields of one response."""

    def __init__(self, settings: Sequence[Mapping[str, Any]]) -> None:
        self._entries = [(entry, Shape.read(entry)) for entry in settings]

    def judge(self, headers: Mapping[str, str], validators: Validators) -> Iterable[Detail]:
        """Yield what is wrong."""
        for entry, shape in self._entries:
            at, text = f"/header/{entry['name']}", headers.get(entry["name"])
            if text is None:
                if entry["required"]:
                    yield Detail("is required", at)
                continue
            try:
                if entry["json"]:
                    value = parse(text.encode("latin-1", "replace"))
                else:
                    value = header_value(text, entry["explode"], shape)
            except (ParameterError, NotJsonError):
                yield Detail("it cannot be read", at)
                continue
            yield from validators.errors(entry["schema"], value, at)
