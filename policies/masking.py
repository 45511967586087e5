"""Masking strategies: what a hidden value looks like.

Strings become `****` (or a stand-in of the promised format), keep an end, keep a mail domain, or
become a keyed hash. Other scalars become null: a zero or a false could be taken for the truth.
`generalize` keeps what many share: the year of a date, the start of a code, the band of an amount.
`remove` takes the member away.
"""

import re
from collections.abc import Callable
from typing import Any

from contracts.document import Json
from policies.generalizing import generalized
from policies.patterns import MAX_INPUT

FULL = "****"
_KEPT_BY_DEFAULT = 4
# Only what looks like a host name may stay of an address; "a@4111 1111" is not one.
_DOMAIN = re.compile(r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
# Where the contract promises a format, the mask keeps it with a value nobody takes for real.
FORMATS = {
    "email": "masked@masked.invalid",
    "uuid": "00000000-0000-0000-0000-000000000000",
    "date": "0001-01-01",
    "date-time": "0001-01-01T00:00:00Z",
}

CATEGORIES = (
    "PII", "financial", "government-id", "health", "secret", "credential", "contact", "other",
)  # fmt: skip
SENSITIVITIES = ("public", "internal", "confidential", "restricted")
# The more restrictive one wins where several classifications meet on one value.
RESTRICTIVENESS = ("partial", "regex", "generalize", "hash", "tokenize", "full", "remove")


class Removed:
    """Stands for a member that must not appear at all."""


def masked(value: Json, leaf: dict[str, Any], pseudonym: Callable[[str], str]) -> Json | Removed:
    """Return the value as the leaf's strategy shows it; null stays null."""
    strategy = leaf["strategy"]
    if strategy == "remove":
        return Removed()
    if value is None:
        return None
    if isinstance(value, dict):
        return {}
    if isinstance(value, list):
        return []
    if strategy in ("hash", "tokenize"):
        return pseudonym(str(value))
    if strategy == "generalize":
        return generalized(value, leaf)
    if not isinstance(value, str):
        return None
    hidden = FORMATS.get(leaf.get("format", ""), FULL)
    if strategy == "partial":
        keep, char = leaf.get("keep", _KEPT_BY_DEFAULT), leaf.get("char", "*")
        return _partial(value, keep, char, hidden)
    if strategy == "regex" and len(value) <= MAX_INPUT:
        return re.sub(leaf["pattern"], _literal(str(leaf.get("replacement", FULL))), value)
    return hidden


def _literal(replacement: str) -> Callable[[re.Match[str]], str]:
    return lambda _: replacement


def _partial(text: str, keep: int, char: str, hidden: str) -> str:
    local, at, domain = text.rpartition("@")
    if at and local and _DOMAIN.fullmatch(domain):
        return FULL + at + domain
    if keep <= 0 or len(text) <= keep * 2:
        # Keeping most of a short value would not hide it.
        return hidden
    return char * (len(text) - keep) + text[-keep:]
