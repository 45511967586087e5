"""`truthy`, `falsy`, `defined` and `undefined`: whether a value is there."""

from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint import values
from contracts.lint.function import MISSING, Context, Result, named


def truthy(value: Json, _: Mapping[str, Json], context: Context) -> Iterator[Result]:
    """Demand a value that is not missing, null, false, 0 or empty text."""
    if not values.truthy(value):
        yield Result(f"{named(context)} must be truthy")


def falsy(value: Json, _: Mapping[str, Json], context: Context) -> Iterator[Result]:
    """Demand a value that is missing, null, false, 0 or empty text."""
    if values.truthy(value):
        yield Result(f"{named(context)} must be falsy")


def defined(value: Json, _: Mapping[str, Json], context: Context) -> Iterator[Result]:
    """Demand that the value exists, be it null."""
    if value is MISSING:
        yield Result(f"{named(context)} must be defined")


def undefined(value: Json, _: Mapping[str, Json], context: Context) -> Iterator[Result]:
    """Demand that the value does not exist."""
    if value is not MISSING:
        yield Result(f"{named(context)} must be undefined")
