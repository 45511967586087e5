"""Sets of code points as sorted, disjoint ranges. Called by the parser and the derivatives."""

import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from functools import cache
from itertools import groupby

Set = tuple[tuple[int, int], ...]

ANY: Set = ((0, 0xD7FF), (0xE000, sys.maxunicode))  # texts hold no surrogates


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
    """Return every character that is not in the set."""
    found = []
    following = 0
    for low, high in one:
        if low > following:
            found.append((following, low - 1))
        following = high + 1
    found.append((following, sys.maxunicode))
    return common(tuple(found), ANY)


def has(one: Set, point: int) -> bool:
    """Whether a code point is in the set."""
    at = bisect_right(one, (point, sys.maxunicode)) - 1
    return at >= 0 and one[at][0] <= point <= one[at][1]


def only(point: int) -> Set:
    """Return the set of one character."""
    return ((point, point),)


def of(points: Iterable[int]) -> Set:
    """Return the set of some characters."""
    return normal((point, point) for point in points)


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
    "Letter": "L", "Cased_Letter": "LC", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll",
    "Titlecase_Letter": "Lt", "Modifier_Letter": "Lm", "Other_Letter": "Lo", "Mark": "M",
    "Nonspacing_Mark": "Mn", "Spacing_Mark": "Mc", "Enclosing_Mark": "Me", "Number": "N",
    "Decimal_Number": "Nd", "Letter_Number": "Nl", "Other_Number": "No", "Punctuation": "P",
    "Connector_Punctuation": "Pc", "Dash_Punctuation": "Pd", "Open_Punctuation": "Ps",
    "Close_Punctuation": "Pe", "Initial_Punctuation": "Pi", "Final_Punctuation": "Pf",
    "Other_Punctuation": "Po", "Symbol": "S", "Math_Symbol": "Sm", "Currency_Symbol": "Sc",
    "Modifier_Symbol": "Sk", "Other_Symbol": "So", "Separator": "Z", "Space_Separator": "Zs",
    "Line_Separator": "Zl", "Paragraph_Separator": "Zp", "Control": "Cc", "Format": "Cf",
    "Private_Use": "Co",
}  # fmt: skip
# Without C and Cn: which characters are unassigned differs between versions of Unicode.
_CATEGORIES = frozenset(_LONG.values())


def category(name: str) -> Set | None:
    """Return the code points of a general category (`L`, `Lu`, `Letter`), None when unknown."""
    name = name.removeprefix("General_Category=").removeprefix("gc=")
    name = _LONG.get(name, name)
    if name == "ASCII":
        return ((0, 0x7F),)
    if name == "Any":
        return ANY
    if name not in _CATEGORIES:
        return None
    names = ("Lu", "Ll", "Lt") if name == "LC" else (name,)
    return union(*(found for known, found in _categories().items() if known.startswith(names)))


@cache
def _categories() -> dict[str, Set]:
    """Return the characters of each category of two letters; takes a fifth of a second, once."""
    found: dict[str, list[tuple[int, int]]] = {}
    for first, last in ANY:
        points = range(first, last + 1)
        for name, run in groupby(points, key=lambda point: unicodedata.category(chr(point))):
            alike = list(run)
            found.setdefault(name, []).append((alike[0], alike[-1]))
    return {name: tuple(ranges) for name, ranges in found.items()}
