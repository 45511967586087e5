"""How long a response may be given again (RFC 9111 sections 3 and 4.2); for the kind cache."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

_NEVER = frozenset({"no-store", "private", "no-cache"})
_MAX_SECONDS = 31_536_000


def directives(text: str) -> dict[str, str]:
    """Return the directives of a Cache-Control field, lower case; of two the last."""
    found = {}
    for part in text.split(","):
        name, _, value = part.strip().partition("=")
        if name:
            found[name.strip().lower()] = value.strip().strip('"')
    return found


def lifetime(fields: Mapping[str, str], default_seconds: int) -> int:
    """Return for how many seconds from now a response counts; 0 where it must not be kept.

    What is malformed counts as stale (section 4.2.1).
    """
    said = directives(fields.get("cache-control", ""))
    if not _NEVER.isdisjoint(said):
        return 0
    stated = said.get("s-maxage", said.get("max-age"))
    if stated is not None:
        seconds = _seconds(stated)
    elif "expires" in fields:
        seconds = _until(fields["expires"], fields.get("date", ""))
    else:
        seconds = default_seconds
    age = _seconds(fields["age"]) if "age" in fields else 0
    return max(0, seconds - age)


def _seconds(text: str) -> int:
    return min(int(text[:10]), _MAX_SECONDS) if text.isascii() and text.isdigit() else 0


def _until(expires: str, date: str) -> int:
    try:
        ends, starts = parsedate_to_datetime(expires), parsedate_to_datetime(date)
        return min(int((ends - starts).total_seconds()), _MAX_SECONDS)
    except (TypeError, ValueError):
        return 0
