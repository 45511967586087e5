"""The client's side: one ASGI call as a `Call`, and a `Reply` back to it."""

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from contracts import catalog
from contracts.errors import TreatyError
from gateway.refusal import Refused, refused
from gateway.runtime import Bounds
from gateway.transport.headers import Fields, joined, request_id
from policies.exchange import Exchange

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_UNSAFE_IN_QUERY = re.compile(rb"[^!-~]|#")


class ClientGoneError(Exception):
    """The client closed its connection; nobody is left to answer."""


class UpstreamBrokeError(Exception):
    """The upstream broke off a body whose head has been sent already."""


class RequestBody:
    """The body as it arrives, cut off at a bound."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._bounds = Bounds()
        self.finished = False
        # The transport below wraps what `chunks` raises; here is what it was.
        self.failure: Refused | ClientGoneError | None = None

    def bounded(self, bounds: Bounds) -> "RequestBody":
        """Return the same body with its bounds set."""
        self._bounds = bounds
        return self

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield what arrives. Raises `Refused` (request-too-large), `ClientGoneError`."""
        limit, seen = self._bounds.request_bytes, 0
        while not self.finished:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self.failure = ClientGoneError()
                raise self.failure
            chunk: bytes = message.get("body", b"")
            seen += len(chunk)
            if limit is not None and seen > limit:
                sentence = f"The body may have at most {limit} bytes."
                kind = catalog.REQUEST_TOO_LARGE
                self.failure = refused(kind, sentence, source=self._bounds.source)
                raise self.failure
            self.finished = not message.get("more_body", False)
            if chunk:
                yield chunk

    async def until_gone(self) -> None:
        """Return when the client has closed its connection; only for a finished body."""
        while (await self._receive())["type"] != "http.disconnect":
            pass


@dataclass(slots=True)
class Call:
    """One request as it came, and what became of it."""

    method: str
    raw_path: bytes
    query: str
    fields: Fields
    headers: dict[str, str]
    client: str
    id: str
    body: RequestBody
    has_body: bool
    started: float = field(default_factory=time.monotonic)
    exchange: Exchange | None = None


@dataclass(slots=True)
class Reply:
    """What goes back: a body in memory, or a stream that `close` ends early."""

    status: int
    fields: Fields
    body: bytes | AsyncIterator[bytes] = b""
    close: Callable[[], None] = lambda: None


def read_call(scope: Scope, receive: Receive) -> Call:
    """Return the call. Header names are lower case; values keep their bytes as characters."""
    fields = [(_text(name).lower(), _text(value)) for name, value in scope["headers"]]
    headers = joined(fields)
    length = headers.get("content-length", "0")
    return Call(
        method=scope["method"],
        raw_path=scope["raw_path"],
        query=_UNSAFE_IN_QUERY.sub(
            lambda match: b"%%%02X" % ord(match[0]), scope["query_string"]
        ).decode("ascii"),
        fields=fields,
        headers=headers,
        client=(scope.get("client") or ("", 0))[0],
        id=request_id(headers.get("x-request-id")),
        body=RequestBody(receive),
        has_body="transfer-encoding" in headers or length != "0",
    )


def declared_length(call: Call) -> int | None:
    """Return the Content-Length. Raises `TreatyError` (malformed-request) for a strange one."""
    length = call.headers.get("content-length")
    if length is None or "transfer-encoding" in call.headers:
        return None
    if not (length.isascii() and length.isdigit() and len(length) < len(str(2**63))):
        raise TreatyError(catalog.MALFORMED_REQUEST, "Content-Length is not a number.")
    return int(length)


async def send_reply(
    call: Call, reply: Reply, send: Send, *, gone: Callable[[], bool] = lambda: False
) -> None:
    """Send the reply; `gone` tells whether the client has left.

    Raises `UpstreamBrokeError` when a stream ends early, so that the client's connection is cut
    and half an answer is never taken for a whole one.
    """
    fields = [*reply.fields, ("x-request-id", call.id)]
    if not any(name == "date" for name, _ in reply.fields):
        fields.append(("date", formatdate(usegmt=True)))
    headers = [(name.encode("latin-1"), _bytes(value)) for name, value in fields]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if isinstance(reply.body, bytes):
        await send({"type": "http.response.body", "body": reply.body})
        return
    async for chunk in reply.body:
        if gone():
            raise ClientGoneError
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _text(raw: bytes) -> str:
    return raw.decode("latin-1")


def _bytes(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode()
