"""What exceptions have in common: a name for the cause, so that people can see to all of them at once."""

import hashlib
import re

_ITEM = re.compile(r"\[[0-9]+\]")
_NUMBER = re.compile(r"[0-9]+")


def cause(flow: str, step: str, category: str, sentence: str) -> str:
    """Return the name of a cause, 16 hexadecimal digits: alike but for items and numbers."""
    parts = (flow, _ITEM.sub("[]", step), category, _NUMBER.sub("#", sentence))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
