"""An upstream's answer head from bytes, as sceptical as towards clients."""

from dataclasses import dataclass

from gateway.wire.fields import Fields, FieldsError
from gateway.wire.grammar import BROKEN_HEAD, MAX_HEAD_BYTES, STATUS_LINE

_BODILESS = frozenset({204, 304})
_FIRST_FINAL = 200


class AnswerError(Exception):
    """The answer is not HTTP that can be passed on; the text says how, without values."""


@dataclass(slots=True)
class AnswerHead:
    """The head of an answer. `length` is None for chunks and for a body until the end."""

    status: int
    fields: Fields
    length: int | None
    chunked: bool
    keep_alive: bool

    @property
    def interim(self) -> bool:
        """Return whether a final answer is still to come (RFC 9110 section 15.2)."""
        return self.status < _FIRST_FINAL

    @property
    def until_close(self) -> bool:
        """Return whether the body ends with the connection."""
        return self.length is None and not self.chunked


class AnswerReader:
    """Parses the answers of one connection; equal header lines are parsed once."""

    __slots__ = ("_fields", "_lines")

    def __init__(self) -> None:
        self._lines = b""
        self._fields: Fields | None = None

    def read(self, head: bytes, method: str) -> AnswerHead:
        """Return the head; `head` ends with the CRLF of its last line. Raises `AnswerError`."""
        line, _, lines = head.partition(b"\r\n")
        match = STATUS_LINE.fullmatch(line)
        if match is None:
            raise AnswerError("its status line is malformed")
        status, minor = int(match[2]), match[1]
        fields = self._fields
        if fields is None or lines != self._lines:
            try:
                fields = Fields(lines)
            except FieldsError:
                raise AnswerError("its header is malformed") from None
            self._lines, self._fields = lines, fields
        if fields.chunked and minor == b"0":
            raise AnswerError("it has chunks in HTTP/1.0")
        options = fields.options
        keep = "close" not in options if minor == b"1" else "keep-alive" in options
        if method == "HEAD" or status in _BODILESS or status < _FIRST_FINAL:
            return AnswerHead(status, fields, 0, False, keep)
        until_close = fields.length is None and not fields.chunked
        return AnswerHead(status, fields, fields.length, fields.chunked, keep and not until_close)


def refuse_unfinished(data: bytes) -> None:
    """Raise `AnswerError` where no rest could make these bytes a head."""
    if not b"HTTP/1.".startswith(data[:7]):
        raise AnswerError("it does not begin like HTTP/1")
    if BROKEN_HEAD.search(data):
        raise AnswerError("a line of its head ends in something else than CRLF")
    if len(data) > MAX_HEAD_BYTES:
        raise AnswerError("its head is too large")
