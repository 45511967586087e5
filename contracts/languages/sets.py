"""Sets of code points as sorted, disjoint ranges. Called by the parser and the derivatives."""

import sys
import unicodedata
from collections.abc import Iterable
from functools import cache

Set = tuple[tuple[int, int], ...]

START = 0x110000  # stands before every text, so that `^` is a character like any other
END = 0x110001  # stands behind every text
LAST = END
NOTHING: Set = ()
ANY: Set = ((0, 0xD7FF), (0xE000, sys.maxunicode))  # texts hold no surrogates
EVERYTHING: Set = ((0, LAST),)


def normal(ranges: Iterable[tuple[int, int]]) -> Set:
    """Return the ranges sorted, with overlaps and neighbours joined."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return tuple(joined)


def union(*sets: Set) -> Set:
    """Return what is in any of the sets."""
    return normal(pair for one in sets for pair in one)


def common(one: Set, other: Set) -> Set:
    """Return what is in both sets."""
    found = []
    i = j = 0
    while i < len(one) and j < len(other):
        low, high = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if low <= high:
            found.append((low, high))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def without(one: Set, other: Set) -> Set:
    """Return what is in `one` and not in `other`."""
    return common(one, complement(other))


def complement(one: Set) -> Set:
    """Return every code point, START and END that is not in the set."""
    found = []
    following = 0
    for low, high in one:
        if low > following:
            found.append((following, low - 1))
        following = high + 1
    if following <= LAST:
        found.append((following, LAST))
    return tuple(found)


def has(one: Set, point: int) -> bool:
    """Whether a code point is in the set."""
    return any(low <= point <= high for low, high in one)


def of(text: str) -> Set:
    """Return the set of the characters of a text."""
    return normal((ord(c), ord(c)) for c in text)


DIGITS: Set = ((0x30, 0x39),)
WORDS: Set = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
LINES: Set = ((0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029))
# WhiteSpace and LineTerminator of ECMA-262, 12.2 and 12.3.
SPACES: Set = normal(
    [(9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029),
     (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)]
)  # fmt: skip
_NICE: tuple[Set, ...] = (
    ((0x61, 0x7A),),
    ((0x41, 0x5A),),
    ((0x30, 0x39),),
    ((0x21, 0x7E),),
    ((0x20, 0x20),),
    ((0x0A, 0x0A),),  # before other line ends: engines differ about those
    ((0xA1, 0xD7FF),),
)


def nice(one: Set) -> tuple[int, int]:
    """Return how readable the set is (lower is better) and its most readable member."""
    for rank, kind in enumerate(_NICE):
        found = common(one, kind)
        if found:
            return rank, found[0][0]
    return len(_NICE), one[0][0]


_LONG = {
    "Letter": "L", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Titlecase_Letter": "Lt",
    "Modifier_Letter": "Lm", "Other_Letter": "Lo", "Mark": "M", "Number": "N",
    "Decimal_Number": "Nd", "Punctuation": "P", "Symbol": "S", "Separator": "Z", "Other": "C",
}  # fmt: skip


@cache
def category(name: str) -> Set | None:
    """Return the code points of a general category (`L`, `Lu`, `Letter`), None when unknown."""
    name = _LONG.get(name.removeprefix("General_Category=").removeprefix("gc="), name)
    if name == "ASCII":
        return ((0, 0x7F),)
    if name == "Any":
        return ANY
    if len(name) not in (1, 2) or name[0] not in "LMNPSZC":
        return None
    ranges: list[tuple[int, int]] = []
    for point in range(sys.maxunicode + 1):
        if unicodedata.category(chr(point)).startswith(name):
            if ranges and ranges[-1][1] == point - 1:
                ranges[-1] = (ranges[-1][0], point)
            else:
                ranges.append((point, point))
    return common(tuple(ranges), ANY)
