"""`answered` and `hasHeader`: responses and headers that a careful server describes."""

from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint import options as opt
from contracts.lint.function import Context, Result


def answered(value: Json, options: Mapping[str, Json], _: Context) -> Iterator[Result]:
    """Demand that an operation describes one response of `statuses`."""
    statuses = opt.texts(options, "statuses")
    responses = value.get("responses") if isinstance(value, dict) else None
    if not isinstance(responses, dict):
        return
    if {str(status).upper() for status in responses}.isdisjoint(statuses):
        yield Result(f"no response for {' or '.join(statuses)}", ("responses",))


def has_header(value: Json, options: Mapping[str, Json], _: Context) -> Iterator[Result]:
    """Demand that a response describes one header of `names`, in any case."""
    names = opt.texts(options, "names")
    if not isinstance(value, dict):
        return
    headers = value.get("headers")
    found = {str(name).lower() for name in headers} if isinstance(headers, dict) else set()
    if found.isdisjoint(name.lower() for name in names):
        yield Result(f"the response has no header {' or '.join(names)}")
