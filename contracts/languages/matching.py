"""Says whether one text matches one pattern, in bounded time. Called by `contracts.containment`.

The validator that also proves witnesses is asked first; a pattern that it does not read, or gives
up, is followed through the text by derivatives.
"""

from functools import lru_cache

import jsonschema_rs

from contracts.languages.nodes import SpentError, Terms
from contracts.languages.pattern import language
from contracts.languages.syntax import NotRegularError

_BACKTRACK = 100_000  # steps of a pattern before it is given up
_STEPS = 200_000  # steps of derivatives, about half a second


def matches(pattern: str, text: str) -> bool | None:
    """Whether the pattern is found in the text; None when that cannot be told."""
    validator = _compiled(pattern)
    if validator is not None:
        try:
            return bool(validator.is_valid(text))
        except ValueError:  # the pattern was given up
            pass
    return followed(pattern, text)


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> jsonschema_rs.Draft202012Validator | None:
    try:
        return jsonschema_rs.Draft202012Validator(
            {"pattern": pattern},
            pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=_BACKTRACK),
        )
    except ValueError:
        return None


def followed(pattern: str, text: str) -> bool | None:
    """Whether the pattern is found in the text, by ECMA-262 to the letter and without backtracking.

    None when the pattern is not regular or takes too many steps.
    """
    try:
        terms = Terms(_STEPS)
        term = language(terms, pattern)
        for char in text:
            if term is terms.none or term is terms.anything:
                break
            term = terms.derive(term, ord(char))
    except (NotRegularError, SpentError, RecursionError):
        return None
    return term.nullable
