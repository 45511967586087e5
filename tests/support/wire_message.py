"""A strict reader of HTTP/1.1 messages for tests: shares no code with what it judges (RFC 9112)."""

import re
from dataclasses import dataclass, field

_FIELD = re.compile(
    r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*((?:[!-~\x80-\xff]|[ \t](?![ \t]*$))*)[ \t]*"
)
_STATUS = re.compile(r"HTTP/1\.1 ([1-5][0-9]{2}) [\t -~\x80-\xff]*")
_REQUEST = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+ [!-~]+ HTTP/1\.1")
_END = b"\r\n\r\n"
_BODILESS = (204, 304)


class MalformedError(AssertionError):
    """The gateway wrote something that is not HTTP/1.1."""


@dataclass
class Message:
    """A request or a final response; `whole` when its framing came to its end."""

    line: str
    fields: list
    body: bytes = b""
    whole: bool = False
    interim: list = field(default_factory=list)

    @property
    def status(self):
        return int(self.line.split(" ")[1])

    def value(self, name):
        """Return the field's values joined by a comma, None where it is absent."""
        values = [value for known, value in self.fields if known == name.lower()]
        return ", ".join(values) if values else None

    def has(self, name):
        return self.value(name) is not None


def head(text, pattern):
    """Return the message of a head without its empty line. Raises `MalformedError`."""
    line, *lines = text.decode("latin-1").split("\r\n")
    if not pattern.fullmatch(line):
        raise MalformedError(f"start line {line[:200]!r}")
    return Message(line, [_field(entry) for entry in lines])


def _field(line):
    match = _FIELD.fullmatch(line)
    if match is None:
        raise MalformedError(f"field line {line[:200]!r}")
    return match[1].lower(), match[2]


def request(data):
    """Return (message, rest of `data`); (None, data) while its head is not whole."""
    text, end, rest = data.partition(_END)
    if not end:
        return None, data
    message = head(text, _REQUEST)
    return message, _body(message, rest, ended=False, bodiless=_unframed(message))


def opening(data):
    """Return (the head that switches protocols, every byte behind it)."""
    text, _, rest = data.partition(_END)
    return head(text, _STATUS), rest


def replies(data, methods, *, ended):
    """Return (final responses to requests of these methods, what is not a whole one yet).

    A response that is not whole comes last, and is in the rest too. Interim ones stand inside.
    """
    found, rest = [], data
    for method in methods:
        message, after = _reply(rest, method, ended=ended)
        if message is None:
            break
        found.append(message)
        if not message.whole:
            break
        rest = after
    return found, rest


def _reply(data, method, *, ended):
    interim = []
    while data:
        text, end, rest = data.partition(_END)
        if not end:
            if ended:
                raise MalformedError(f"a head that never ends: {data[:200]!r}")
            break
        message = head(text, _STATUS)
        if message.status < 200:
            interim.append(message)
            data = rest
            continue
        message.interim = interim
        bodiless = method == "HEAD" or message.status in _BODILESS
        return message, _body(message, rest, ended=ended, bodiless=bodiless)
    return None, data


def _unframed(message):
    return not message.has("content-length") and not message.has("transfer-encoding")


def _body(message, rest, *, ended, bodiless):
    """Fill in the body and return what comes after it."""
    coding, length = message.value("transfer-encoding"), message.value("content-length")
    if coding is not None and length is not None:
        raise MalformedError("both Transfer-Encoding and Content-Length")
    if coding not in (None, "chunked"):
        raise MalformedError(f"Transfer-Encoding: {coding}")
    if length is not None and not re.fullmatch("[0-9]+", length):
        raise MalformedError(f"Content-Length: {length}")
    if bodiless:
        message.whole = True
        return rest
    if coding is not None:
        return _chunked(message, rest)
    if length is None:
        message.body, message.whole = rest, ended
        return b""
    message.body, rest = rest[: int(length)], rest[int(length) :]
    message.whole = len(message.body) == int(length)
    return rest


def _chunked(message, rest):
    while True:
        line, end, after = rest.partition(b"\r\n")
        if not end:
            return rest
        if not re.fullmatch(b"[0-9A-Fa-f]{1,16}", line):
            raise MalformedError(f"chunk size line {line[:100]!r}")
        size = int(line, 16)
        if size == 0:
            if after[:2] not in (b"", b"\r", b"\r\n"):
                raise MalformedError(f"trailers came through: {after[:100]!r}")
            message.whole = after[:2] == b"\r\n"
            return after[2:]
        message.body += after[:size]
        if len(after) < size + 2:
            return b""
        if after[size : size + 2] != b"\r\n":
            raise MalformedError("no line end after a chunk")
        rest = after[size + 2 :]
