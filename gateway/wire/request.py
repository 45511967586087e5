"""A request head from bytes: what RFC 9112 allows, in the one form that servers agree upon."""

from dataclasses import dataclass

from contracts import catalog
from gateway.refusal import Refused, refused
from gateway.wire.authority import is_authority
from gateway.wire.fields import Fields, FieldsError, UnknownCodingError
from gateway.wire.grammar import (
    BROKEN_HEAD,
    MAX_FIELDS,
    MAX_HEAD_BYTES,
    MAX_TARGET_BYTES,
    REQUEST_LINE,
)

# TRACE is known, so that the route's 405 names what is allowed; no route ever takes it.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "TRACE"})
_MAX_REST_OF_LINE = 64  # method, spaces and version
_CURRENT = (b"1", b"1")
_KNOWN = (_CURRENT, (b"1", b"0"))


@dataclass(slots=True)
class Request:
    """A request head that can be read in one way only."""

    method: str
    path: bytes  # as sent, without the query; `*` for the whole server
    query: str
    minor: int  # of HTTP/1.x
    fields: Fields
    keep_alive: bool

    @property
    def has_body(self) -> bool:
        """Return whether a body follows the head."""
        return self.fields.chunked or bool(self.fields.length)


class HeadReader:
    """Parses the heads of one connection; equal header lines are parsed once."""

    __slots__ = ("_fields", "_lines", "_scheme")

    def __init__(self, scheme: str) -> None:
        self._scheme = scheme
        self._lines = b""
        self._fields: Fields | None = None

    def read(self, head: bytes) -> Request:
        """Return the request; `head` ends with the CRLF of its last field line.

        Raises `Refused`: malformed-request, uri-too-long, header-too-large, not-implemented or
        version-not-supported.
        """
        line, _, lines = head.partition(b"\r\n")
        match = REQUEST_LINE.fullmatch(line)
        if match is None:
            raise _malformed("The request line is malformed.")
        method, target, *version = match.groups()
        if (version[0], version[1]) not in _KNOWN:
            raise refused(catalog.VERSION_NOT_SUPPORTED, "Send HTTP/1.1.")
        if len(target) > MAX_TARGET_BYTES:
            raise refused(catalog.URI_TOO_LONG, f"Send at most {MAX_TARGET_BYTES} bytes.")
        fields = self._fields
        if fields is None or lines != self._lines:
            fields = _fields(lines)
            self._lines, self._fields = lines, fields
        minor = int(version[1])
        _check(fields, minor)
        name = method.decode("ascii")
        if name not in _METHODS:
            raise refused(catalog.NOT_IMPLEMENTED, "The method is not known here.")
        path, query = self._target(target, name, fields)
        options = fields.options
        keep = "close" not in options if minor else "keep-alive" in options
        return Request(name, path, query, minor, fields, keep)

    def _target(self, target: bytes, method: str, fields: Fields) -> tuple[bytes, str]:
        """Return path and query of origin-form, absolute-form or asterisk-form (section 3.2)."""
        if b"#" in target:
            raise _malformed("The request target has a fragment.")
        if target == b"*":
            if method != "OPTIONS":
                raise _malformed("Only OPTIONS asks about the whole server.")
            return target, ""
        if not target.startswith(b"/"):
            target = self._origin_form(target, fields)
        path, _, query = target.partition(b"?")
        return path, query.decode("ascii")

    def _origin_form(self, target: bytes, fields: Fields) -> bytes:
        scheme, separator, rest = target.partition(b"://")
        cut = min((at for at in (rest.find(b"/"), rest.find(b"?")) if at >= 0), default=len(rest))
        authority, rest = rest[:cut].decode("ascii"), rest[cut:]
        if not separator or scheme.lower() != self._scheme.encode() or not is_authority(authority):
            raise _malformed("The request target is malformed.")
        # RFC 9112 section 3.2.2 prefers the target; two answers to one question are refused.
        host = fields.joined.get("host")
        if host is not None and host.lower() != authority.lower():
            raise _malformed("The request target and Host contradict each other.")
        return rest if rest.startswith(b"/") else b"/" + rest


def _fields(lines: bytes) -> Fields:
    if lines.count(b"\r\n") > MAX_FIELDS:
        raise refused(catalog.HEADER_TOO_LARGE, f"Send at most {MAX_FIELDS} header fields.")
    try:
        fields = Fields(lines)
    except UnknownCodingError as error:
        raise refused(catalog.NOT_IMPLEMENTED, str(error)) from None
    except FieldsError as error:
        raise _malformed(str(error)) from None
    host = fields.joined.get("host")
    if host is not None and (fields.count("host") > 1 or not is_authority(host)):
        raise _malformed("Host is malformed.")
    return fields


def _check(fields: Fields, minor: int) -> None:
    """Raise `Refused` for what depends on the version of the message."""
    if minor == 1 and "host" not in fields.joined:
        raise _malformed("Host is missing.")
    if minor == 0 and fields.chunked:
        # RFC 9112 section 6.1: HTTP/1.0 knows no Transfer-Encoding; its framing is faulty.
        raise _malformed("HTTP/1.0 has no transfer codings.")
    expect = fields.joined.get("expect")
    if expect is not None and minor == 1 and expect.lower() != "100-continue":
        raise refused(catalog.EXPECTATION_FAILED, "Only `100-continue` can be expected.")


def refuse_unfinished(data: bytes, seen: int) -> None:
    """Raise `Refused` where no rest could make these bytes a head: too long, or broken already.

    The first `seen` bytes have been looked at before.
    """
    if BROKEN_HEAD.search(data, max(0, seen - 2)):
        raise _malformed("A line of the head ends in something else than CRLF.")
    line = data.find(b"\r\n", 0, MAX_TARGET_BYTES + _MAX_REST_OF_LINE + 2)
    if (len(data) if line < 0 else line) > MAX_TARGET_BYTES + _MAX_REST_OF_LINE:
        raise refused(catalog.URI_TOO_LONG, f"Send at most {MAX_TARGET_BYTES} bytes.")
    if len(data) > MAX_HEAD_BYTES:
        raise refused(catalog.HEADER_TOO_LARGE, f"Send at most {MAX_HEAD_BYTES} bytes.")


def _malformed(sentence: str) -> Refused:
    return refused(catalog.MALFORMED_REQUEST, sentence)
