"""`oasOpIdUnique`: an operationId names one operation."""

from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint.function import Context, Result
from contracts.lint.oas.operations import operations


def oas_op_id_unique(value: Json, _: Mapping[str, Json], __: Context) -> Iterator[Result]:
    """Demand that no two operations have the same operationId; each later one is named."""
    seen = set()
    for path, operation in operations(value):
        name = operation.get("operationId")
        if name is None or isinstance(name, dict | list):
            continue
        if name in seen:
            yield Result("operationId must be unique", (*path, "operationId"))
        seen.add(name)
