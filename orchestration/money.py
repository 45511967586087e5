"""Exact arithmetic on decimal strings, as functions of expressions: `$dec_add("0.10", "0.20")`.

Registered by `orchestration.expression`. JSON numbers with a fraction are binary floats by the time
an expression sees them, so they are refused instead of being rounded somewhere.
"""

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow

_TEXT = re.compile(r"-?[0-9]{1,24}(\.[0-9]{1,12})?")
_EXACT = Context(prec=60, traps=[InvalidOperation, DivisionByZero, Overflow])
_MAX_PLACES = 12


def amount(value: object) -> Decimal:
    """Return the amount. Raises `ValueError` for a float or anything that is no decimal string."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str) and _TEXT.fullmatch(value):
        return Decimal(value)
    kind = "a float" if isinstance(value, float) else "not a decimal string"
    raise ValueError(f"an amount is {kind}")


def _places(value: object) -> int:
    # The expression language has only one kind of number, so `2` may arrive as a float.
    if isinstance(value, int | float) and value == int(value) and 0 <= value <= _MAX_PLACES:
        return int(value)
    raise ValueError(f"decimal places are a number from 0 to {_MAX_PLACES}")


def _rounded(value: Decimal, places: object) -> str:
    return plain(value.quantize(Decimal(1).scaleb(-_places(places)), ROUND_HALF_UP, _EXACT))


def plain(value: Decimal) -> str:
    """Return the amount without an exponent, and without a negative zero."""
    return f"{value + 0 if value else abs(value):f}"


def _list(values: object) -> list[object]:
    # A sequence of one is its only item in JSONata, and an empty one is nothing.
    if values is None:
        return []
    return values if isinstance(values, list) else [values]


def _sum(values: object) -> str:
    total = Decimal("0.00")
    for value in _list(values):
        total = _EXACT.add(total, amount(value))
    return plain(total)


FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "dec_add": lambda a, b: plain(_EXACT.add(amount(a), amount(b))),
    "dec_sub": lambda a, b: plain(_EXACT.subtract(amount(a), amount(b))),
    "dec_mul": lambda a, b: plain(_EXACT.multiply(amount(a), amount(b))),
    "dec_div": lambda a, b, places: _rounded(_EXACT.divide(amount(a), amount(b)), places),
    "dec_round": lambda a, places: _rounded(amount(a), places),
    "dec_sum": _sum,
    "dec_cmp": lambda a, b: int(_EXACT.compare(amount(a), amount(b))),
    "dec_min": lambda a, b: plain(min(amount(a), amount(b))),
    "dec_max": lambda a, b: plain(max(amount(a), amount(b))),
}
