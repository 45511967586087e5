"""Message templates: `{{error}}`, `{{description}}`, `{{path}}`, `{{property}}`, `{{value}}`."""

import re
from collections.abc import Mapping

_PLACE = re.compile(r"\{\{\s*([A-Za-z]+)\s*\}\}")
MAX_LENGTH = 2_000


def fill(template: str, words: Mapping[str, str]) -> str:
    """Return the template with its places filled; unknown ones become empty, as in Spectral."""
    text = _PLACE.sub(lambda match: words.get(match[1], ""), template).strip()
    return text if len(text) <= MAX_LENGTH else text[:MAX_LENGTH] + "…"
