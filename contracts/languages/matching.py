"""Says whether one text matches one pattern, in linear or bounded time.

Called by `contracts.containment`; the work is done by the validator that also proves witnesses.
"""

from functools import lru_cache

import jsonschema_rs

_BACKTRACK = 100_000  # steps of a pattern before it is given up


def matches(pattern: str, text: str) -> bool | None:
    """Whether the pattern is found in the text; None when that cannot be told."""
    validator = _compiled(pattern)
    if validator is None:
        return None
    try:
        return bool(validator.is_valid(text))
    except ValueError:  # the pattern was given up
        return None


@lru_cache(maxsize=2048)
def _compiled(pattern: str) -> jsonschema_rs.Draft202012Validator | None:
    try:
        return jsonschema_rs.Draft202012Validator(
            {"pattern": pattern},
            pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=_BACKTRACK),
        )
    except ValueError:
        return None
