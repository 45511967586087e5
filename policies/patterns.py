"""Regular expressions of contracts, judged before they meet data: bounded, or refused.

Python's engine backtracks, so what could take long is refused here and long inputs never reach it.
"""

import re
import warnings

MAX_PATTERN = 200
# Two unbounded quantifiers cost at most the third power of the input: about 16 million steps.
MAX_INPUT = 256
_MAX_UNBOUNDED = 2
_QUANTIFIER = re.compile(r"[*+]|\{(\d*)(,?)(\d*)\}")
# Repetitions up to this count are no cost worth counting.
_SMALL = 8
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)


def problem(pattern: str) -> str | None:
    """Return why a pattern is refused, or None: too long, not valid, or possibly slow."""
    if len(pattern) > MAX_PATTERN:
        return f"the pattern is longer than {MAX_PATTERN} characters"
    try:
        with warnings.catch_warnings():
            # A pattern whose meaning will change is no pattern to hide secrets with.
            warnings.simplefilter("error")
            re.compile(pattern)
    except (re.error, Warning, OverflowError, RecursionError) as error:
        return f"the pattern is not a regular expression: {type(error).__name__}"
    return _slow(pattern)


def _slow(pattern: str) -> str | None:
    """Return why the pattern could take long. Escapes and character classes count as one letter."""
    plain = re.sub(r"\\[1-9]", "\\\\K", pattern)
    if plain != pattern or "(?P=" in pattern:
        return "the pattern refers back to a group; that could take forever"
    plain = re.sub(r"\\.", "x", pattern, flags=re.DOTALL)
    plain = _CLASS.sub("x", plain)
    unbounded = sum(_is_long(match) for match in _QUANTIFIER.finditer(plain))
    if unbounded > _MAX_UNBOUNDED:
        return f"the pattern repeats without bound more than {_MAX_UNBOUNDED} times"
    if _repeats_a_choice(plain):
        return "the pattern repeats a group that itself repeats or chooses; it could take forever"
    return None


def _is_long(match: re.Match[str]) -> bool:
    if match.group() in "*+":
        return True
    least, comma, most = match.groups()
    return (bool(comma) and not most) or int(most or least or 0) > _SMALL


def _repeats_a_choice(plain: str) -> bool:
    """Whether a quantifier stands on a group with a quantifier or an alternative at any depth."""
    choices: list[bool] = []
    for index, letter in enumerate(plain):
        if letter == "(":
            choices.append(False)
        elif letter == ")":
            chooses = choices.pop() if choices else False
            if chooses and _QUANTIFIER.match(plain, index + 1):
                return True
            repeated = plain[index + 1 : index + 2] in ("*", "+", "{", "?")
            if choices and (chooses or repeated):
                choices[-1] = True
        elif choices and (letter in "*+{|" or (letter == "?" and plain[index - 1] != "(")):
            choices[-1] = True
    return False
