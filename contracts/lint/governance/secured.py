"""`secured`: nobody calls an operation without credentials by accident."""

from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint.function import Context, Result


def secured(value: Json, _: Mapping[str, Json], context: Context) -> Iterator[Result]:
    """Demand `security` on an operation or the document; a public one says `x-public: true`."""
    if not isinstance(value, dict) or value.get("x-public") is True:
        return
    root = context.root if isinstance(context.root, dict) else {}
    demands = value.get("security", root.get("security"))
    if demands is None:
        yield Result("no security is demanded, by the operation or the document")
    elif isinstance(demands, list) and not any(demands):
        yield Result("the operation is open to everybody and does not say 'x-public: true'")
    elif isinstance(demands, list) and {} in demands:
        yield Result("credentials are optional and the operation does not say 'x-public: true'")
