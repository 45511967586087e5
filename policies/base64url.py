"""Base64url as JOSE writes it (RFC 7515 section 2): no padding, one spelling for one value."""

import base64
import re

_TEXT = re.compile(r"[A-Za-z0-9_-]*")


def decode(text: str) -> bytes:
    """Return the octets. Raises `ValueError` for padding, foreign characters or stray bits.

    The last character may carry bits that no octet uses; where they are not zero, two texts would
    stand for one value (RFC 4648 section 3.5), so such a text is refused.
    """
    if _TEXT.fullmatch(text) is None or len(text) % 4 == 1:
        raise ValueError("not base64url")
    octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(octets) != text:
        raise ValueError("not canonical base64url")
    return octets


def encode(octets: bytes) -> str:
    """Return the text."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")
