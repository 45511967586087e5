"""Header fields of one message: parsed once, with what they say of framing and connection."""

from collections.abc import Hashable
from typing import NamedTuple

from gateway.wire.grammar import FIELD_LINES, MAX_FIELDS, MAX_LENGTH_DIGITS

Pairs = list[tuple[str, str]]


class FieldsError(Exception):
    """The fields break their grammar, or frame the message in two ways."""


class UnknownCodingError(FieldsError):
    """A transfer coding that nobody here can undo (RFC 9112 section 6.1: 501)."""


class Lines(NamedTuple):
    """Field lines ready to be written, and whether a Date is among them."""

    text: bytes
    dated: bool = False


class Fields:
    """Names in lower case, values without surrounding whitespace, in the order they came.

    A connection that sends the same lines again gets the same object: `kept` is where the
    transport keeps what it derived from them.
    """

    __slots__ = ("chunked", "joined", "kept", "length", "options", "pairs")

    def __init__(self, lines: bytes) -> None:
        """Parse the lines, each with its CRLF. Raises `FieldsError`."""
        if FIELD_LINES.fullmatch(lines) is None:
            raise FieldsError("A header field is malformed.")
        texts = lines.decode("latin-1").split("\r\n")
        if len(texts) > MAX_FIELDS + 1:
            raise FieldsError("There are too many header fields.")
        self.pairs: Pairs = []
        self.joined: dict[str, str] = {}
        self.kept: dict[Hashable, Lines] = {}
        for text in texts[:-1]:
            name, _, value = text.partition(":")
            name, value = name.lower(), value.strip(" \t")
            self.pairs.append((name, value))
            known = self.joined.get(name)
            self.joined[name] = value if known is None else f"{known}, {value}"
        self.options = _options(self.joined.get("connection"))
        self.length, self.chunked = _framing(self.joined)

    def count(self, name: str) -> int:
        """Return how many field lines have this name."""
        return sum(1 for known, _ in self.pairs if known == name)


def _options(value: str | None) -> frozenset[str]:
    if value is None:
        return frozenset()
    return frozenset(option.strip().lower() for option in value.split(",")) - {""}


def _framing(fields: dict[str, str]) -> tuple[int | None, bool]:
    """Return (Content-Length, chunked) by RFC 9112 section 6; both at once is an attack."""
    coding, length = fields.get("transfer-encoding"), fields.get("content-length")
    if coding is not None:
        if length is not None:
            raise FieldsError("Content-Length and Transfer-Encoding contradict each other.")
        return None, _chunked(coding)
    if length is None:
        return None, False
    # A repeated field was joined with a comma, and is refused with everything else here.
    if not (length.isascii() and length.isdigit() and len(length) <= MAX_LENGTH_DIGITS):
        raise FieldsError("Content-Length is not one number.")
    return int(length), False


def _chunked(coding: str) -> bool:
    codings = [part.strip(" \t").lower() for part in coding.split(",")]
    if codings == ["chunked"]:
        return True
    if all(part.partition(";")[0] in ("chunked", "") for part in codings):
        raise FieldsError("Transfer-Encoding is not `chunked`, once and plain.")
    raise UnknownCodingError("The transfer coding is not known here.")
