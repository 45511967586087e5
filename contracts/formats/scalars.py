"""Plain scalars by the core schema of YAML 1.2.2 (10.3.2): `no` is text, so is a date."""

import math
import re

from contracts.document import Json, Number

_CONSTANTS: dict[str, Json] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o([0-7]+)|0x([0-9a-fA-F]+)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_NUMERIC_START = frozenset("+-.0123456789")


class ScalarError(ValueError):
    """A scalar that cannot become JSON; the message is the sentence for people."""


def plain(text: str, max_digits: int) -> Json:
    """Return the value of an unquoted scalar. Raises `ScalarError`."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in _NUMERIC_START:
        return text
    if _INTEGER.fullmatch(text):
        return integer(text, 10, max_digits)
    if match := _BASED.fullmatch(text):
        return integer(match[1] or match[2], 8 if match[1] else 16, max_digits)
    if _FLOAT.fullmatch(text):
        return floating(text, max_digits)
    if _NOT_FINITE.fullmatch(text):
        raise ScalarError("Infinity and NaN are not JSON numbers; quote the text if it is text.")
    return text


def integer(digits: str, base: int, max_digits: int) -> int:
    """Return an integer. Raises `ScalarError` beyond `max_digits`, which bounds the conversion."""
    if len(digits) > max_digits:
        raise ScalarError(f"A number has more than {max_digits} digits.")
    return int(digits, base)


def floating(text: str, max_digits: int) -> Number:
    """Return a number that keeps its spelling. Raises `ScalarError` when no double can hold it."""
    if len(text) > max_digits:
        raise ScalarError(f"A number has more than {max_digits} digits.")
    number = Number(text)
    if math.isinf(number):
        raise ScalarError("The number is beyond the range of a double.")
    return number
