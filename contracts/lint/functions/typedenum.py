"""`typedEnum`: enum values that the schema's own type allows."""

from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint import values
from contracts.lint.function import Context, Result


def typed_enum(value: Json, _: Mapping[str, Json], __: Context) -> Iterator[Result]:
    """Demand that every value of `enum` has the `type` beside it; `nullable` allows null."""
    if not isinstance(value, dict):
        return
    types, listed = value.get("type"), value.get("enum")
    allowed = [types] if isinstance(types, str) else types
    if not isinstance(allowed, list) or not isinstance(listed, list):
        return
    if value.get("nullable") is True or value.get("x-nullable") is True:
        allowed = [*allowed, "null"]
    for index, item in enumerate(listed):
        found = values.kind(item)
        if found not in allowed and not (found == "integer" and "number" in allowed):
            wanted = " or ".join(str(each) for each in allowed)
            message = f'Enum value "{values.shown(item)}" must be "{wanted}"'
            yield Result(message, ("enum", index))
