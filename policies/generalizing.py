"""Generalisation: a value gives way to what many have in common (ISO/IEC 20889, section 8.3).

Called by `masking`. A date keeps its year, month or decade, a number becomes the lower end of its
band, a text keeps its start. What cannot be told apart as one of these is hidden.
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from contracts.document import Json, Number

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})([T ].{0,40})?", re.DOTALL)
_DECIMAL = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?")
_KEPT_BY_DEFAULT = 2
_BANDS = {"year": 1, "decade": 10}


def generalized(value: Json, leaf: dict[str, Any]) -> Json:
    """Return the value as a group of values; None, or asterisks, where it belongs to none.

    `leaf`: `step` for numbers and decimal texts, `to` (year, month, decade) for dates, `keep` for
    the start of other texts.
    """
    step = leaf.get("step")
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float | Number):
        return None if step is None else _band_of_number(value, int(step))
    text = str(value)
    date = _DATE.fullmatch(text)
    if date is not None:
        return _period(date, str(leaf.get("to", "year")))
    if step is not None and _DECIMAL.fullmatch(text):
        return str(_band(Decimal(text), int(step)))
    keep = int(leaf.get("keep", _KEPT_BY_DEFAULT))
    # Keeping most of a short value would not hide it.
    return text[:keep] + "*" * (len(text) - keep) if 0 < keep * 2 < len(text) else "****"


def _period(date: re.Match[str], to: str) -> str:
    year, month = int(date[1]), date[2]
    start = f"{date[1]}-{month}-01" if to == "month" else f"{year - year % _BANDS[to]:04}-01-01"
    return start if date[4] is None else f"{start}T00:00:00Z"


def _band_of_number(value: "int | float | Number", step: int) -> Json:
    try:
        exact = Decimal(value.text if isinstance(value, Number) else repr(value))
        return int(_band(exact, step))
    except (InvalidOperation, ValueError, OverflowError):
        return None  # beyond every band


def _band(value: Decimal, step: int) -> Decimal:
    return (value // step - (1 if value < 0 and value % step else 0)) * step
