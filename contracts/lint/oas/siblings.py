"""`refSiblings`: before OpenAPI 3.1, nothing beside a `$ref` has a meaning."""

from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint.function import Context, Result


def ref_siblings(value: Json, _: Mapping[str, Json], __: Context) -> Iterator[Result]:
    """Demand that a mapping with a `$ref` has no other member; each one is named."""
    # Below `properties`, `$ref` may be the name of a property, and then it is no text.
    if isinstance(value, dict) and isinstance(value.get("$ref"), str):
        for name in value:
            if name != "$ref":
                yield Result("$ref must not be placed next to any other properties", (name,))
