"""Numbers, listed values and lists of names of a keyword, compared; used by both profiles."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from contracts.digest import canonical
from contracts.document import Json


def number(value: Json) -> Decimal | None:
    """Return a finite number, None for anything else (a draft-04 boolean among it)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        exact = Decimal(str(value))
    except (InvalidOperation, ValueError):  # ValueError: more digits than Python converts
        return None
    return exact if exact.is_finite() else None


def moved(old: Decimal | None, new: Decimal | None) -> str:
    """Return ADDED, REMOVED, INCREASED or DECREASED; empty when nothing changed."""
    if old is None or new is None:
        if old is new:
            return ""
        return "ADDED" if old is None else "REMOVED"
    if old == new:
        return ""
    return "INCREASED" if old < new else "DECREASED"


def divides(divisor: Decimal, value: Decimal) -> bool:
    """Whether `value` is a multiple of `divisor`; False where that cannot be computed."""
    try:
        return divisor != 0 and value % divisor == 0
    except InvalidOperation:
        return False


def listed(values: Iterable[Json]) -> frozenset[str]:
    """Return the values in a form that compares as JSON does: 1 is 1.0, but not true."""
    return frozenset(text(value) for value in values)


def text(value: Json) -> str:
    """Return the canonical text of a value; what has none stands for itself."""
    try:
        return canonical(value).decode()
    except (ValueError, RecursionError):
        return f"\x00{id(value)}"


def grown(old: Iterable[str], new: Iterable[str]) -> str:
    """Return EXTENDED, NARROWED or CHANGED; empty when both hold the same."""
    before, after = frozenset(old), frozenset(new)
    if before == after:
        return ""
    if before < after:
        return "EXTENDED"
    return "NARROWED" if after < before else "CHANGED"


def alike(old: Json, new: Json) -> bool:
    """Whether two values are the same JSON, however deep; order of members is nothing."""
    stack = [(old, new)]
    while stack:
        one, other = stack.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            if one.keys() != other.keys():
                return False
            stack.extend((value, other[key]) for key, value in one.items())
        elif isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return False
            stack.extend(zip(one, other, strict=True))
        elif isinstance(one, bool) is not isinstance(other, bool) or one != other:
            return False
    return True
