"""`length`: characters of a text, items of a list, members of a mapping, or a number itself."""

from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint import options as opt
from contracts.lint.function import MISSING, Context, Result, named


def length(value: Json, options: Mapping[str, Json], context: Context) -> Iterator[Result]:
    """Demand a length from `min` to `max`, both included."""
    least, most = opt.number(options, "min"), opt.number(options, "max")
    if least is None and most is None:
        raise opt.refusal("length needs the option 'min' or 'max'.")
    size = _size(value)
    if size is None:
        return
    if least is not None and size < least:
        yield Result(f"{named(context)} must be longer than {least:g}")
    if most is not None and size > most:
        yield Result(f"{named(context)} must be shorter than {most:g}")


def _size(value: Json) -> float | None:
    if value is MISSING or value is None or isinstance(value, bool):
        return None
    return value if isinstance(value, int | float) else len(value)
