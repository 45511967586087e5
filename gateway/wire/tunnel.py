"""WebSocket pass-through (RFC 6455): judged at the upgrade, then bytes both ways with back-pressure."""

import asyncio
import base64
import binascii
from typing import TYPE_CHECKING

from contracts import catalog
from gateway.headers import to_client
from gateway.refusal import refused
from gateway.wire.answer import AnswerHead
from gateway.wire.origin import UpstreamConnection
from gateway.wire.request import Request
from gateway.wire.write import field_lines

if TYPE_CHECKING:
    from gateway.runtime import Target
    from gateway.wire.call import Call

_KEY_BYTES = 16


def asks_for_websocket(request: Request) -> bool:
    """Tell whether the request is an opening handshake. Raises `Refused` for a malformed one."""
    fields = request.fields.joined
    upgrade = fields.get("upgrade", "").lower()
    if "upgrade" not in request.fields.options or upgrade != "websocket" or request.minor == 0:
        return False
    if request.method != "GET" or request.has_body:
        raise refused(catalog.MALFORMED_REQUEST, "A WebSocket opens with GET and no body.")
    try:
        key = base64.b64decode(fields.get("sec-websocket-key", ""), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES or fields.get("sec-websocket-version") != "13":
        raise refused(catalog.MALFORMED_REQUEST, "The WebSocket handshake is malformed.")
    return True


def refuse_if_judged(target: "Target") -> None:
    """Raise `Refused` where a rule reads or changes messages: a tunnel cannot be judged."""
    if target.changes_response or target.reads_request:
        raise refused(
            catalog.RESPONSE_NOT_MASKABLE,
            "The operation has rules for bodies, which a WebSocket would pass by.",
        )


class Tunnel:
    """Two raw protocols, each the other's writer."""

    SWITCHING = 101

    def __init__(self, call: "Call", head: AnswerHead, upstream: UpstreamConnection) -> None:
        exchange = call.exchange
        exchange.status = self.SWITCHING
        pairs = to_client(head.fields.pairs, exchange, changed=False)
        pairs += [("upgrade", "websocket"), ("connection", "Upgrade"), ("via", "1.1 treaty")]
        pairs += [*exchange.added_headers, ("x-request-id", call.id)]
        lines = b"HTTP/1.1 101 Switching Protocols\r\n" + field_lines(pairs) + b"\r\n"
        client = call.client
        client.write(lines)
        near, far = _End(call), _End(call)
        near.other, far.other = far, near
        near.transport = client.hand_over(near)
        far.transport = upstream.hand_over(far)
        near.flush()
        far.flush()


class _End(asyncio.Protocol):
    """One end: what it receives goes to the other."""

    other: "_End"

    def __init__(self, call: "Call") -> None:
        self._call = call
        self._early: list[bytes] = []
        self.transport: asyncio.Transport | None = None

    def flush(self) -> None:
        """Write what came before this end's transport was known."""
        for data in self._early:
            if self.transport is not None:
                self.transport.write(data)
        self._early.clear()

    def data_received(self, data: bytes) -> None:
        target = self.other.transport
        if target is None:
            self.other._early.append(data)  # noqa: SLF001  # the same class, before both ends are known
        else:
            target.write(data)

    def eof_received(self) -> bool:
        target = self.other.transport
        if target is not None and target.can_write_eof():
            target.write_eof()
            return True
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self.other.transport is not None:
            self.other.transport.close()
        self._call.end(Tunnel.SWITCHING)

    def pause_writing(self) -> None:
        if self.other.transport is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other.transport is not None and not self.other.transport.is_closing():
            self.other.transport.resume_reading()
