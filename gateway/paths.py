"""Request paths in one spelling, so that what is authorised is what the upstream gets.

Two readers that decode a path differently are two security policies; such paths are refused.
"""

import re
from urllib.parse import unquote_to_bytes

from contracts import catalog
from gateway.refusal import Refused, refused

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PLAIN = _UNRESERVED | frozenset(b"!$&'()*+,;=:@")  # pchar, RFC 3986 section 3.3
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_BROKEN = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_DOUBLE = re.compile(rb"%25[0-9A-Fa-f]{2}")
_FOREIGN = re.compile(rb"[\x00-\x20\x7f-\xff\\#?]")
_FORBIDDEN_ESCAPES = frozenset(b"/\\\0")
# What most paths look like: one spelling only, no dots in front, nothing to decode.
_SIMPLE = re.compile(rb"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~!$&'()*+,=:@-]*+)++")
_MAX_BYTES = 8192


def segments(raw: bytes) -> tuple[str, ...]:
    """Return the normalised segments of an absolute path (RFC 3986 section 6.2.2).

    Escapes of unreserved characters are decoded, others are upper case. Raises `Refused`
    (ambiguous-path) for a path that servers are known to read in different ways.
    """
    if len(raw) <= _MAX_BYTES and _SIMPLE.fullmatch(raw) is not None:
        return tuple(raw.decode("ascii").split("/")[1:])
    if not raw.startswith(b"/"):
        raise _ambiguous("it is not absolute")
    if len(raw) > _MAX_BYTES:
        raise _ambiguous(f"it is longer than {_MAX_BYTES} bytes")
    if _FOREIGN.search(raw):
        raise _ambiguous("it holds a character that must be escaped")
    if _BROKEN.search(raw):
        raise _ambiguous("it holds an incomplete escape")
    if _DOUBLE.search(raw):
        raise _ambiguous("it is escaped twice")
    parts = tuple(_normal(part) for part in raw[1:].split(b"/"))
    if "" in parts[:-1]:
        raise _ambiguous("it holds an empty segment")
    # Servlet containers cut `;…` off a segment before they resolve dots.
    if any(part.partition(";")[0] in (".", "..") for part in parts):
        raise _ambiguous("it holds a dot segment")
    if not _is_utf8(raw):
        raise _ambiguous("its escapes are not UTF-8")
    return parts


def _is_utf8(raw: bytes) -> bool:
    """Whether the escapes spell UTF-8; overlong forms hide dots and slashes (RFC 3629 section 10)."""
    try:
        unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        return False
    return True


def literal(text: str) -> str:
    """Return a literal piece of a contract's path template in the spelling of `segments`."""
    return _normal(text.encode())


def _normal(part: bytes) -> str:
    decoded = _ESCAPE.sub(_unescaped, part)
    return "".join(
        chr(byte) if byte in _PLAIN or byte == ord("%") else f"%{byte:02X}" for byte in decoded
    )


def _unescaped(match: re.Match[bytes]) -> bytes:
    byte = int(match[1], 16)
    if byte in _FORBIDDEN_ESCAPES or byte < ord(" "):
        raise _ambiguous("it holds an escaped separator or control character")
    return bytes((byte,)) if byte in _UNRESERVED else match[0].upper()


def _ambiguous(why: str) -> Refused:
    return refused(catalog.AMBIGUOUS_PATH, f"The path is refused: {why}.")
