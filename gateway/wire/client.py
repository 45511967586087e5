"""One client's connection: requests off the socket one after the other, each as a `Call`.

Plugged into uvicorn as its `http` protocol class; sockets, TLS, workers and signals stay uvicorn's.
"""

import asyncio
import base64
import hashlib
import ssl
from typing import TYPE_CHECKING, Any, cast

import uvicorn
from uvicorn.server import ServerState

from contracts import catalog
from gateway.refusal import Refused, problem_reply, refused
from gateway.wire.bodies import Body, BodyError, ChunkedBody, LengthBody
from gateway.wire.call import Call
from gateway.wire.grammar import END_OF_HEAD, MAX_HEAD_BYTES
from gateway.wire.request import HeadReader, Request, refuse_unfinished
from gateway.wire.write import CONTINUE, STATUS_LINES, field_lines
from policies.exchange import Certificate

if TYPE_CHECKING:
    from gateway.app import Gateway

_MAX_WAITING_BYTES = 65_536  # of pipelined requests, while one is being served
_MAX_DISCARDED_BYTES = 65_536  # of a body that nobody wants, to keep the connection
_LINGER_SECONDS = 2.0
_OPEN = 0.0


class ClientConnection(asyncio.Protocol):
    """Reads heads and bodies, keeps their order, and closes after anything that breaks framing."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        del app_state
        self.gateway = cast("Gateway", config.app)
        self.loop = _loop or asyncio.get_running_loop()
        self._server = server_state
        self._transport: asyncio.Transport
        self._held = b""
        self._seen = 0  # bytes of an unfinished head that have been judged
        self._body: Body | None = None
        self._discarded = -1  # bytes of an unwanted body so far; -1 while the body is wanted
        self._taking = False
        self._half_closed = False
        self._closing = False
        self._paused_for: set[str] = set()
        self._raw: asyncio.Protocol | None = None
        self.call: Call | None = None
        self.deadline = _OPEN  # of the loop's clock, for what is awaited of the client; 0: nothing
        self.writable = True
        self.peer = ""
        self.scheme = "http"
        self.certificate: Certificate | None = None

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._server.connections.add(cast("Any", self))
        self.gateway.connections.add(self)
        peer = transport.get_extra_info("peername")
        self.peer = str(peer[0]) if isinstance(peer, tuple) else ""
        tls = transport.get_extra_info("ssl_object")
        if tls is not None:
            self.scheme, self.certificate = "https", _certificate(tls)
        self._heads = HeadReader(self.scheme)
        self.deadline = self.loop.time() + self.gateway.settings.head_seconds

    def data_received(self, data: bytes) -> None:
        if self._raw is not None:
            self._raw.data_received(data)
            return
        if self._closing:
            return
        if self._held:
            data, self._held = self._held + data, b""
        self._take(data)

    def eof_received(self) -> bool | None:
        if self._raw is not None:
            return self._raw.eof_received()
        self._half_closed = True
        if self.call is None or self._body is not None:
            # Idle, or in the middle of a message that will never be whole.
            if self.call is not None:
                self.call.client_gone()
            return False
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.connections.discard(cast("Any", self))
        self.gateway.connections.discard(self)
        self._closing = True
        if self._raw is not None:
            self._raw.connection_lost(exc)
        elif self.call is not None:
            self.call.client_gone()

    def pause_writing(self) -> None:
        self.writable = False
        if self._raw is not None:
            self._raw.pause_writing()
        else:
            self.deadline = self.loop.time() + self.gateway.settings.write_seconds
            if self.call is not None:
                self.call.client_slow()

    def resume_writing(self) -> None:
        self.writable = True
        if self._raw is not None:
            self._raw.resume_writing()
        else:
            self.deadline = _OPEN
            if self.call is not None:
                self.call.client_ready()

    def shutdown(self) -> None:
        """End after the call in flight; called by the server when it stops."""
        self._closing = True
        if self.call is None:
            self._transport.close()

    # requests

    def _take(self, data: bytes) -> None:
        self._taking = True
        try:
            while data and not self._closing and self._raw is None:
                if self._body is not None:
                    data = self._feed(self._body, data)
                elif self.call is not None:
                    self._hold(data)
                    return
                else:
                    data = self._begin(data)
        except Refused as refusal:
            self._refuse_message(refusal)
        finally:
            self._taking = False

    def _hold(self, data: bytes) -> None:
        self._held = data
        if len(data) > _MAX_WAITING_BYTES:
            self.pause_reading("order")

    def _begin(self, data: bytes) -> bytes:
        """Read one head and start its call; return what lies behind the head."""
        if data.startswith(b"\r\n"):
            data = data[2:]  # RFC 9112 section 2.2: one empty line before the request is forgiven
        cut = data.find(END_OF_HEAD, max(0, self._seen - 4))
        if cut < 0 or cut > MAX_HEAD_BYTES:
            refuse_unfinished(data, self._seen)
            self._seen = len(data)
            if self._half_closed:
                self._closing = True  # the rest will never come
                self._transport.close()
                return b""
            self._held = data
            if not self.deadline or self.deadline > self._head_deadline():
                self.deadline = self._head_deadline()
            return b""
        self._seen = 0
        request = self._heads.read(data[: cut + 2])
        self.deadline = _OPEN
        if request.has_body:
            length = request.fields.length
            self._body = ChunkedBody() if length is None else LengthBody(length)
            self._discarded = -1
        call = self.call = Call(self, request)
        call.start()
        return data[cut + 4 :]

    def _head_deadline(self) -> float:
        return self.loop.time() + self.gateway.settings.head_seconds

    def _feed(self, body: Body, data: bytes) -> bytes:
        try:
            payload, rest = body.feed(data)
        except BodyError as error:
            sentence = f"The body is malformed: {error}."
            raise refused(catalog.MALFORMED_REQUEST, sentence) from None
        if body.done:
            self._body = None
            self.deadline = _OPEN
        elif self.deadline:
            self.deadline = self.loop.time() + self.gateway.settings.body_seconds
        call = self.call
        if self._discarded >= 0:
            self._discard(len(payload))
        elif call is not None:
            if payload:
                call.body_data(payload)
            if body.done and call is self.call and self._discarded < 0:
                call.body_end()
        if body.done and self._discarded >= 0 and self.call is None:
            self._discarded = -1
        return rest

    def _discard(self, size: int) -> None:
        self._discarded += size
        if self._discarded > _MAX_DISCARDED_BYTES:
            self._linger()

    # what the call asks for

    def want_body(self) -> None:
        """Let the client send the body: `100 Continue` where it waits for one (RFC 9110 10.1.1)."""
        if self._body is None:
            return
        self.deadline = self.loop.time() + self.gateway.settings.body_seconds
        call = self.call
        if call is not None and not self._held and call.expects_continue:
            call.expects_continue = False
            self._transport.write(CONTINUE)

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self._transport.write(data)

    def pause_reading(self, reason: str) -> None:
        """Read nothing until every reason has been taken back."""
        if not self._paused_for and not self._transport.is_closing():
            self._transport.pause_reading()
        self._paused_for.add(reason)

    def resume_reading(self, reason: str) -> None:
        """Take back a reason to pause."""
        if reason not in self._paused_for:
            return
        self._paused_for.discard(reason)
        if not self._paused_for and not self._transport.is_closing():
            self._transport.resume_reading()

    def will_close(self, request: Request) -> bool:
        """Return whether the reply that is about to be sent is the last one."""
        if self._closing or not request.keep_alive:
            return True
        if self._half_closed and not self._held:
            return True
        if self._body is None or self._body.done:
            return False
        call, length = self.call, request.fields.length
        waits = call is not None and call.expects_continue
        return waits or length is None or length > _MAX_DISCARDED_BYTES

    def done(self, *, close: bool) -> None:
        """End the call; go on with the next request, or close."""
        self.call = None
        if close:
            if self._body is not None and not self._body.done:
                self._linger()
            else:
                self._closing = True
                self._transport.close()
            return
        if self._paused_for:
            self.resume_reading("body")
            self.resume_reading("order")
        self._discarded = 0 if self._body is not None else -1
        self.deadline = self.loop.time() + self.gateway.settings.idle_seconds
        if self._held and not self._taking:
            held, self._held = self._held, b""
            self._take(held)

    def abort(self) -> None:
        """Cut the connection: what has been sent must not be taken for a whole reply."""
        self.call, self._closing = None, True
        self._transport.abort()

    def hand_over(self, raw: asyncio.Protocol) -> asyncio.Transport:
        """Let `raw` have every byte from now on (a tunnel); return the transport."""
        self._raw, self.call, self.deadline = raw, None, _OPEN
        if self._held:
            held, self._held = self._held, b""
            raw.data_received(held)
        return self._transport

    # ends

    def expire(self) -> None:
        """End what the client has not done in time."""
        self.deadline = _OPEN
        if not self.writable:
            if self.call is not None:
                self.call.client_gone()
            self.abort()
        elif self.call is not None or self._held:
            self._refuse_message(
                refused(catalog.REQUEST_TIMEOUT, "The request did not come in time.")
            )
        else:
            self._closing = True
            self._transport.close()

    def _refuse_message(self, refusal: Refused) -> None:
        """Answer a message that cannot be read on, and close (RFC 9112 section 9.6)."""
        call = self.call
        if call is not None:
            self._closing = True
            if call.refuse(refusal):
                return
            self.abort()
            return
        request_id = self.gateway.new_id()
        status, fields, body = problem_reply(refusal, request_id)
        pairs = [
            *fields,
            ("content-length", str(len(body))),
            ("x-request-id", request_id),
            ("date", self.gateway.clock.date()),
            ("connection", "close"),
        ]
        head = STATUS_LINES[status] + field_lines(pairs) + b"\r\n"
        self._transport.write(head + body)
        self._linger()

    def _linger(self) -> None:
        """Close without a reset that would destroy the reply: read and forget for a moment."""
        self._closing = True
        self.call, self._body, self._held = None, None, b""
        for reason in tuple(self._paused_for):
            self.resume_reading(reason)
        if self._transport.can_write_eof():
            self._transport.write_eof()
            self.loop.call_later(_LINGER_SECONDS, self._transport.close)
        else:
            self._transport.close()


def _certificate(tls: ssl.SSLObject) -> Certificate | None:
    """Return what TLS learnt of the client (RFC 8705 section 3.1)."""
    der = tls.getpeercert(binary_form=True)
    if not der:
        return None
    digest = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=")
    return Certificate(digest.decode("ascii"))
