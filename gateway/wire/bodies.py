"""Bodies off the wire: by length, in chunks, or until the end; fed as bytes arrive."""

import re
from collections.abc import Callable
from typing import Protocol

_SIZE_LINE = re.compile(
    # RFC 9112 section 7.1.1; extensions are read by their grammar, then dropped.
    rb"([0-9A-Fa-f]{1,15}+)"
    rb"(?:[ \t]*+;[ \t]*+[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
    rb"(?:[ \t]*+=[ \t]*+(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
    rb"|\"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*+\"))?+)*+"
)
_TRAILERS = re.compile(rb"(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]++:[\t\x20-\x7e\x80-\xff]*+\r\n)*+\r\n")
_MAX_SIZE_LINE = 256
_MAX_TRAILERS = 8_192
_UNFINISHED = -1
_MAX_EXTENSIONS = 16_384  # bytes of them in one body; nobody reads them


class BodyError(Exception):
    """The body breaks its framing; nothing after it can be trusted."""


class Body(Protocol):
    """Takes what arrives."""

    done: bool

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """Return (payload, what lies behind the body). Raises `BodyError`."""
        ...


class LengthBody:
    """A body of a declared length in bytes."""

    __slots__ = ("_missing", "done")

    def __init__(self, length: int) -> None:
        self._missing = length
        self.done = length == 0

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        missing = self._missing
        if len(data) < missing:
            self._missing = missing - len(data)
            return data, b""
        self.done = True
        self._missing = 0
        return (data, b"") if len(data) == missing else (data[:missing], data[missing:])


class EndlessBody:
    """A body that ends with the connection; the connection says when."""

    __slots__ = ("done",)

    def __init__(self) -> None:
        self.done = False

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        return data, b""


class ChunkedBody:
    """The chunked coding (RFC 9112 section 7.1), read without leniency; trailers are dropped.

    Works by position in what has arrived: a body of tiny chunks costs no more than its bytes.
    """

    __slots__ = ("_extensions", "_held", "_missing", "_step", "done")

    def __init__(self) -> None:
        self._extensions = 0
        self._held = b""
        self._missing = 0
        self._step: Callable[[bytes, int, list[bytes]], int] = self._size
        self.done = False

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        if self._held:
            data, self._held = self._held + data, b""
        parts: list[bytes] = []
        at, end = 0, len(data)
        while at < end and not self.done:
            after = self._step(data, at, parts)
            if after < 0:  # a line that has not ended yet
                self._held = data[at:]
                break
            at = after
        payload = parts[0] if len(parts) == 1 else b"".join(parts)
        return payload, data[at:] if self.done else b""

    def _size(self, data: bytes, at: int, parts: list[bytes]) -> int:
        del parts
        end = data.find(b"\r\n", at, at + _MAX_SIZE_LINE + 2)
        if end < 0:
            line = data[at : at + _MAX_SIZE_LINE + 1]
            if len(line) > _MAX_SIZE_LINE:
                raise BodyError("a chunk's size line is too long")
            # A lone LF can never become a line end later on; neither can NUL become anything.
            if b"\n" in line or b"\x00" in line:
                raise BodyError("a chunk's size line is malformed")
            return _UNFINISHED
        match = _SIZE_LINE.fullmatch(data, at, end)
        if match is None:
            raise BodyError("a chunk's size line is malformed")
        self._extensions += end - match.end(1)
        if self._extensions > _MAX_EXTENSIONS:
            raise BodyError("its chunks carry too many extensions")
        self._missing = int(match[1], 16)
        self._step = self._data if self._missing else self._trailers
        return end + 2

    def _data(self, data: bytes, at: int, parts: list[bytes]) -> int:
        part = data[at : at + self._missing]
        parts.append(part)
        self._missing -= len(part)
        if not self._missing:
            self._step = self._line_end
        return at + len(part)

    def _line_end(self, data: bytes, at: int, parts: list[bytes]) -> int:
        del parts
        pair = data[at : at + 2]
        if not b"\r\n".startswith(pair):
            raise BodyError("a chunk is longer than its size")
        if len(pair) == 1:
            return _UNFINISHED
        self._step = self._size
        return at + 2

    def _trailers(self, data: bytes, at: int, parts: list[bytes]) -> int:
        del parts
        match = _TRAILERS.match(data, at)
        if match is not None and match.end() - at <= _MAX_TRAILERS:
            self.done = True
            return match.end()
        over = len(data) - at > _MAX_TRAILERS
        if over or data.find(b"\r\n\r\n", at) >= 0 or data[at : at + 1] in (b"\n", b"\x00"):
            raise BodyError("the trailers are malformed or too large")
        return _UNFINISHED
