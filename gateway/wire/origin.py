"""Upstreams: one pool of connections per origin, and one HTTP/1.1 exchange at a time on each."""

import asyncio
import ssl
from collections import deque
from contextlib import suppress
from typing import Protocol

from gateway.wire.answer import AnswerError, AnswerHead, AnswerReader, refuse_unfinished
from gateway.wire.bodies import Body, BodyError, ChunkedBody, EndlessBody, LengthBody
from gateway.wire.circuit import Budget, Circuit
from gateway.wire.grammar import END_OF_HEAD, MAX_HEAD_BYTES
from gateway.wire.write import LAST_CHUNK, chunk

_MAX_CONNECTIONS = 1024
_MAX_WAITING = 10_000
_MAX_INTERIM = 8
_IDLE_SECONDS = 30.0
# An idle connection may be closing at the other end; what must not be sent twice avoids it.
_FRESH_SECONDS = 1.0
_CONNECT_SECONDS = 5.0
_SWITCHING = 101


class Asker(Protocol):
    """Who waits for an answer. After `broken` or `ended` nothing more is said to it."""

    method: str
    repeatable: bool  # may be sent again when a reused connection turns out to be closed

    def connected(self, connection: "UpstreamConnection") -> None:
        """Send the request now."""
        ...

    def answered(self, head: AnswerHead) -> None:
        """The head of the final answer has come, or of a switch of protocols."""
        ...

    def answered_whole(self, head: AnswerHead, body: bytes) -> bool:
        """The final answer has come at once, head and body; False where it was not acceptable."""
        ...

    def answer_data(self, payload: bytes) -> None:
        """A part of the body has come."""
        ...

    def answer_end(self) -> None:
        """The body is whole."""
        ...

    def broken(self, reason: str, *, reached: bool, stale: bool = False) -> None:
        """The answer will not come, or not whole; `stale` where asking again is harmless."""
        ...

    def pause_request(self) -> None:
        """The upstream reads too slowly."""
        ...

    def resume_request(self) -> None:
        """The upstream reads again."""
        ...


class Origin:
    """Where one scheme, host and port lead; outlives snapshots."""

    def __init__(self, loop: asyncio.AbstractEventLoop, scheme: str, host: str, port: int) -> None:
        self._loop = loop
        self._host, self._port = host, port
        self._ssl = ssl.create_default_context() if scheme == "https" else None
        self.circuit = Circuit(loop.time)
        self.budget = Budget(loop.time)
        self._idle: list[UpstreamConnection] = []
        self._all: set[UpstreamConnection] = set()
        self._waiting: deque[Asker] = deque()
        self._connecting: dict[asyncio.Task[None], Asker] = {}

    def ask(self, asker: Asker, connect_seconds: float) -> bool:
        """Connect the asker now or later; False where too many are waiting already."""
        idle, oldest = self._idle, 0.0
        if not asker.repeatable:
            oldest = self._loop.time() - _FRESH_SECONDS
        while idle:
            connection = idle.pop()
            if connection.usable and connection.idle_since >= oldest:
                connection.take(asker)
                return True
            connection.close()
        if len(self._all) + len(self._connecting) < _MAX_CONNECTIONS:
            self._connect(asker, connect_seconds)
            return True
        if len(self._waiting) >= _MAX_WAITING:
            return False
        self._waiting.append(asker)
        return True

    def forget(self, asker: Asker) -> None:
        """Do not connect the asker any more."""
        with suppress(ValueError):
            self._waiting.remove(asker)
        for task, waiting in self._connecting.items():
            if waiting is asker:
                task.cancel()

    def _connect(self, asker: Asker, seconds: float = _CONNECT_SECONDS) -> None:
        task = self._loop.create_task(self._open(asker, seconds))
        self._connecting[task] = asker
        task.add_done_callback(self._opened)

    def _opened(self, task: asyncio.Task[None]) -> None:
        self._connecting.pop(task, None)

    async def _open(self, asker: Asker, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                _, connection = await self._loop.create_connection(
                    lambda: UpstreamConnection(self), self._host, self._port, ssl=self._ssl
                )
        except TimeoutError:
            asker.broken("it does not accept the connection in time", reached=False)
        except (OSError, ssl.SSLError):
            asker.broken("it refuses connections", reached=False)
        else:
            connection.take(asker)

    def made(self, connection: "UpstreamConnection") -> None:
        """Count a connection that is open now."""
        self._all.add(connection)

    def release(self, connection: "UpstreamConnection") -> None:
        """Give the connection to the next asker, or keep it."""
        if self._waiting:
            connection.take(self._waiting.popleft())
        else:
            connection.idle_since = self._loop.time()
            self._idle.append(connection)

    def lost(self, connection: "UpstreamConnection") -> None:
        """Forget a closed connection; whoever waits gets a new one."""
        self._all.discard(connection)
        with suppress(ValueError):
            self._idle.remove(connection)
        if self._waiting:
            self._connect(self._waiting.popleft())

    def sweep(self, now: float) -> None:
        """Close what has been idle for long (seconds of the loop's clock)."""
        for connection in [c for c in self._idle if c.idle_since < now - _IDLE_SECONDS]:
            connection.close()

    def close(self) -> None:
        """Close all connections."""
        for task in self._connecting:
            task.cancel()
        for connection in list(self._all):
            connection.close()


class UpstreamConnection(asyncio.Protocol):
    """One connection to an origin. A fault of the upstream closes it; it is never reused then."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._reader = AnswerReader()
        self._transport: asyncio.Transport
        self._asker: Asker | None = None
        self._held = b""
        self._head: AnswerHead | None = None
        self._body: Body | None = None
        self._interim = 0
        self._used = False
        self._sent_whole = True
        self._paused = False
        self._raw: asyncio.Protocol | None = None
        self.idle_since = 0.0

    @property
    def usable(self) -> bool:
        """Return whether a request can be sent."""
        return self._asker is None and not self._transport.is_closing()

    # what the call does

    def take(self, asker: Asker) -> None:
        """Serve the asker until its answer has ended."""
        self._asker, self._head, self._body, self._interim = asker, None, None, 0
        asker.connected(self)

    def send(self, data: bytes, *, whole: bool) -> None:
        """Write the head, and with `whole` the entire request."""
        self._sent_whole = whole
        self._transport.write(data)

    def send_chunk(self, payload: bytes, *, chunked: bool) -> None:
        """Write a part of the request's body."""
        self._transport.write(chunk(payload) if chunked else payload)

    def send_end(self, *, chunked: bool) -> None:
        """Write the end of the request's body."""
        self._sent_whole = True
        if chunked:
            self._transport.write(LAST_CHUNK)

    def pause(self) -> None:
        """Read no more until `resume`: the client is slow."""
        if not self._paused and not self._transport.is_closing():
            self._paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if self._paused and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    def drop(self) -> None:
        """Forget the asker and close: its answer is not wanted any more."""
        self._asker = None
        self._transport.abort()

    def close(self) -> None:
        """Close without hurry."""
        self._transport.close()

    def hand_over(self, raw: asyncio.Protocol) -> asyncio.Transport:
        """Let `raw` have every byte from now on (a tunnel); return the transport."""
        self._asker, self._raw = None, raw
        if self._held:
            held, self._held = self._held, b""
            raw.data_received(held)
        return self._transport

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a stream transport by construction
        self._origin.made(self)

    def data_received(self, data: bytes) -> None:
        if self._raw is not None:
            self._raw.data_received(data)
            return
        if self._asker is None:
            # Nobody asked: an answer without a question would belong to the next one.
            self._transport.abort()
            return
        if self._held:
            data, self._held = self._held + data, b""
        try:
            self._take(data)
        except AnswerError as error:
            self._fail(str(error))
        except BodyError:
            self._fail("its body is malformed")

    def _take(self, data: bytes) -> None:
        while self._head is None:
            cut = data.find(END_OF_HEAD)
            if cut < 0 or cut > MAX_HEAD_BYTES:
                refuse_unfinished(data)
                self._held = data
                return
            asker = self._asker
            if asker is None:
                return
            head = self._reader.read(data[: cut + 2], asker.method)
            data = data[cut + 4 :]
            if head.interim and head.status != _SWITCHING:
                self._interim += 1
                if self._interim > _MAX_INTERIM:
                    raise AnswerError("it sends interim answers without end")
                if not data:
                    return
                continue
            self._begin(asker, head, data)
            break
        if self._body is not None and self._asker is not None:
            self._payload(data)

    def _begin(self, asker: Asker, head: AnswerHead, data: bytes) -> None:
        self._head = head
        if head.status == _SWITCHING:
            self._held = data
            asker.answered(head)
            return
        length = head.length
        if length is not None and len(data) >= length:
            self._end_at_once(asker, head, data)
            return
        if head.chunked:
            self._body = ChunkedBody()
        elif length is None:
            self._body = EndlessBody()
        else:
            self._body = LengthBody(length)
        asker.answered(head)

    def _end_at_once(self, asker: Asker, head: AnswerHead, data: bytes) -> None:
        """Most answers come in one piece, which takes one step instead of three."""
        length = head.length or 0
        keep = len(data) == length and head.keep_alive and self._sent_whole
        self._head, self._used = None, True
        good = asker.answered_whole(head, data[:length])
        self._asker = None
        if good and keep and not self._transport.is_closing():
            self._origin.release(self)
        else:
            self._transport.close()

    def _payload(self, data: bytes) -> None:
        body, asker = self._body, self._asker
        if body is None or asker is None:
            return
        rest = data
        if not body.done:
            payload, rest = body.feed(data)
            if payload:
                asker.answer_data(payload)
        if body.done and self._asker is asker:
            self._end(asker, clean=not rest)

    def _end(self, asker: Asker, *, clean: bool) -> None:
        head = self._head
        keep = clean and head is not None and head.keep_alive and self._sent_whole
        self._asker, self._head, self._body, self._used = None, None, None, True
        self.resume()
        asker.answer_end()
        if keep and not self._transport.is_closing():
            self._origin.release(self)
        else:
            self._transport.close()

    def _fail(self, reason: str) -> None:
        asker, self._asker = self._asker, None
        self._transport.abort()
        if asker is not None:
            asker.broken(reason, reached=True)

    def eof_received(self) -> bool | None:
        if self._raw is not None:
            return self._raw.eof_received()
        return None

    def connection_lost(self, exc: Exception | None) -> None:
        self._origin.lost(self)
        if self._raw is not None:
            self._raw.connection_lost(exc)
            return
        asker, self._asker = self._asker, None
        if asker is None:
            return
        if isinstance(self._body, EndlessBody) and exc is None:
            asker.answer_end()
            return
        nothing = self._head is None and not self._held and not self._interim
        reason = "it closed without an answer" if nothing else "its answer broke off"
        asker.broken(reason, reached=True, stale=self._used and nothing)

    def pause_writing(self) -> None:
        if self._raw is not None:
            self._raw.pause_writing()
        elif self._asker is not None:
            self._asker.pause_request()

    def resume_writing(self) -> None:
        if self._raw is not None:
            self._raw.resume_writing()
        elif self._asker is not None:
            self._asker.resume_request()
