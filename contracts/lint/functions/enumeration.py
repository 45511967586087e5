"""`enumeration`: a value out of a closed list."""

from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint import options as opt
from contracts.lint import values
from contracts.lint.function import MISSING, Context, Result


def enumeration(value: Json, options: Mapping[str, Json], _: Context) -> Iterator[Result]:
    """Demand one of `values`; mappings, lists and missing values are not judged."""
    allowed = options.get("values")
    if not isinstance(allowed, list):
        raise opt.refusal("The option 'values' of enumeration must be a list.")
    if value is MISSING or isinstance(value, dict | list):
        return
    if not any(values.same(value, each) for each in allowed):
        listed = ", ".join(f'"{values.shown(each)}"' for each in allowed[:20])
        yield Result(
            f'"{values.shown(value)}" must be equal to one of the allowed values: {listed}'
        )
