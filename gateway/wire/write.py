"""Message heads to bytes: start lines prebuilt, fields in one encode."""

import time
from collections.abc import Iterable
from email.utils import formatdate
from http import HTTPStatus

_PHRASES = {status.value: status.phrase for status in HTTPStatus}
STATUS_LINES = {
    status: f"HTTP/1.1 {status} {_PHRASES.get(status, '')}\r\n".encode("ascii")
    for status in range(200, 600)
}
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"


def field_lines(pairs: Iterable[tuple[str, str]]) -> bytes:
    """Return the field lines; values that came as bytes leave as the same bytes."""
    text = "".join([f"{name}: {value}\r\n" for name, value in pairs])
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()


def chunk(payload: bytes) -> bytes:
    """Return the payload as one chunk (RFC 9112 section 7.1); never empty, that would be the end."""
    return b"%x\r\n%b\r\n" % (len(payload), payload) if payload else b""


class Clock:
    """The Date field, formatted once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._date = ""

    def date(self) -> str:
        """Return the time as an HTTP-date (RFC 9110 section 5.6.7)."""
        second = int(time.time())
        if second != self._second:
            self._second, self._date = second, formatdate(second, usegmt=True)
        return self._date
