"""`alphabetical`: items, members, or items by one of their members, in order."""

import math
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import pairwise

from contracts.document import Json
from contracts.lint import options as opt
from contracts.lint import values
from contracts.lint.function import MISSING, Context, Result, named

_PAIR = 2


def alphabetical(value: Json, options: Mapping[str, Json], context: Context) -> Iterator[Result]:
    """Demand order, `keyedBy` a member of the items where given; the first misplaced pair is told."""
    if not isinstance(value, dict | list) or len(value) < _PAIR:
        return
    keyed = opt.text(options, "keyedBy")
    items: list[Json] = list(value)
    if keyed is not None:
        if not all(isinstance(item, dict) for item in items):
            yield Result(f"{named(context)} must be an object")
            return
        items = [item.get(keyed, MISSING) for item in items if isinstance(item, dict)]
    if not all(
        isinstance(item, str | int | float) and not isinstance(item, bool) for item in items
    ):
        yield Result(f"{named(context)} must be one of the allowed types: number, string")
        return
    for index, (left, right) in enumerate(pairwise(items)):
        if _after(left, right):
            if keyed is not None:
                yield Result("properties must follow the alphabetical order")
                return
            step = index if isinstance(value, list) else str(left)
            message = f'"{values.shown(left)}" must be placed after "{values.shown(right)}"'
            yield Result(message, (step,))
            return


def _after(left: Json, right: Json) -> bool:
    numbers = [_number(left), _number(right)]
    if not any(math.isnan(each) for each in numbers):
        return numbers[0] > numbers[1]
    if isinstance(left, str) and isinstance(right, str):
        return _collation(left) > _collation(right)
    return False


def _number(value: Json) -> float:
    return math.nan if value is MISSING else values.number(value)


def _collation(text: str) -> tuple[str, str, str]:
    # The root collation in short: letters first, then accents, then lower before upper case.
    plain = unicodedata.normalize("NFKD", text)
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return letters.casefold(), plain.casefold(), letters.swapcase()
