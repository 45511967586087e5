"""Bodies off the wire: by length, in chunks, or until the end; fed as bytes arrive."""

import re
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
    """The chunked coding (RFC 9112 section 7.1), read without leniency; trailers are dropped."""

    __slots__ = ("_extensions", "_held", "_missing", "_state", "done")

    def __init__(self) -> None:
        self._extensions = 0
        self._held = b""
        self._missing = 0
        self._state = self._size
        self.done = False

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        if self._held:
            data, self._held = self._held + data, b""
        parts: list[bytes] = []
        rest: bytes | None = data
        while rest and not self.done:
            data = rest
            rest = self._state(data, parts)
            if rest is None:
                self._held = data
        payload = parts[0] if len(parts) == 1 else b"".join(parts)
        return payload, (rest or b"") if self.done else b""

    def _size(self, data: bytes, parts: list[bytes]) -> bytes | None:
        del parts
        line, end, rest = data.partition(b"\r\n")
        if len(line) > _MAX_SIZE_LINE:
            raise BodyError("a chunk's size line is too long")
        if not end:
            # A lone LF can never become a line end later on; neither can NUL become anything.
            if b"\n" in line or b"\x00" in line:
                raise BodyError("a chunk's size line is malformed")
            return None
        match = _SIZE_LINE.fullmatch(line)
        if match is None:
            raise BodyError("a chunk's size line is malformed")
        self._extensions += len(line) - match.end(1)
        if self._extensions > _MAX_EXTENSIONS:
            raise BodyError("its chunks carry too many extensions")
        self._missing = int(match[1], 16)
        self._state = self._data if self._missing else self._trailers
        return rest

    def _data(self, data: bytes, parts: list[bytes]) -> bytes | None:
        missing = self._missing
        if len(data) <= missing:
            parts.append(data)
            self._missing = missing - len(data)
            if not self._missing:
                self._state = self._line_end
            return b""
        parts.append(data[:missing])
        self._state = self._line_end
        return data[missing:]

    def _line_end(self, data: bytes, parts: list[bytes]) -> bytes | None:
        del parts
        if not b"\r\n".startswith(data[:2]):
            raise BodyError("a chunk is longer than its size")
        if len(data) == 1:
            return None
        self._state = self._size
        return data[2:]

    def _trailers(self, data: bytes, parts: list[bytes]) -> bytes | None:
        del parts
        match = _TRAILERS.match(data)
        if match is not None and match.end() <= _MAX_TRAILERS:
            self.done = True
            return data[match.end() :]
        if b"\r\n\r\n" in data or len(data) > _MAX_TRAILERS or data[:1] in (b"\n", b"\x00"):
            raise BodyError("the trailers are malformed or too large")
        return None
