"""`oasOpSuccessResponse`: an operation says what happens when it works."""

from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint.function import Context, Result


def oas_op_success_response(
    value: Json, _: Mapping[str, Json], context: Context
) -> Iterator[Result]:
    """Demand a 2xx or 3xx response; OpenAPI 3 may write a range (`2XX`)."""
    if not isinstance(value, dict):
        return
    ranges = "oas3" in context.formats
    for status in value:
        if ranges and status in ("2XX", "3XX"):
            return
        if status[:1] in ("2", "3") and status.isdigit() and len(status) == 3:  # noqa: PLR2004  # digits of a status
            return
    yield Result('operation must define at least a single "2xx" or "3xx" response')
