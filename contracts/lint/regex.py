r"""ECMAScript regular expressions of rulesets, run in bounded time.

A stranger's pattern on a stranger's text must not backtrack for minutes (CWE-1333). The engine
behind `jsonschema_rs` matches in linear time, and counts its steps where a look-around or a
back-reference forces it to backtrack; it also knows what ECMAScript means by `\d` and `$`.
"""

import re
from collections.abc import Callable
from functools import lru_cache

import jsonschema_rs as rs

from contracts.lint.function import UnsupportedError

MAX_PATTERN = 4_000
MAX_TEXT = 100_000
_LITERAL = re.compile(r"/(.+)/([a-z]*)", re.DOTALL)
_FLAGS = frozenset("gimsuyd")  # g, y and d change nothing for a test; u is always on
_INLINE = "ims"
# What the engine spells otherwise: everything, nothing, and a named back-reference.
_SPELLING = (("[^]", r"[\s\S]"), ("[]", r"[^\s\S]"))

Matcher = Callable[[str], bool]


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> Matcher:
    """Return a test for texts, from a plain pattern or the form `/pattern/flags`.

    A text above `MAX_TEXT` characters is judged by its beginning.
    Raises `UnsupportedError` for a pattern that cannot be run.
    """
    literal = _LITERAL.fullmatch(pattern)
    body, flags = (literal[1], literal[2]) if literal else (pattern, "")
    return tested(body, flags)


@lru_cache(maxsize=1024)
def tested(body: str, flags: str) -> Matcher:
    """Return a test for texts, from pattern and flags apart. Raises as `compiled`."""
    if len(body) > MAX_PATTERN:
        raise UnsupportedError(f"a regular expression longer than {MAX_PATTERN} characters")
    if not set(flags) <= _FLAGS:
        raise UnsupportedError(f"the flags '{flags}' of a regular expression")
    for old, new in _SPELLING:
        body = body.replace(old, new)
    inline = "".join(flag for flag in _INLINE if flag in flags)
    # The group keeps an alternation whole; flags stand in front, where the engine expects them.
    source = f"(?{inline}:{body})" if inline else body
    try:
        validator = rs.Draft202012Validator(
            {"pattern": source}, pattern_options=rs.FancyRegexOptions(backtrack_limit=100_000)
        )
    except ValueError:
        raise UnsupportedError(f"the regular expression '{body[:100]}'") from None

    def test(text: str) -> bool:
        return bool(validator.is_valid(text[:MAX_TEXT]))

    return test
