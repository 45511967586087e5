"""The way back: an upstream's answer, or a reply of the gateway's own, to the client."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from contracts import catalog
from gateway import judge
from gateway.headers import answer_lines
from gateway.refusal import Refused, refused
from gateway.wire.answer import AnswerHead
from gateway.wire.fields import Lines, Pairs
from gateway.wire.write import LAST_CHUNK, STATUS_LINES, chunk, field_lines
from policies.decision import Denial, Instead
from policies.kind import Filter, Streaming
from policies.kinds.compression import encoded

if TYPE_CHECKING:
    from gateway.runtime import BoundRule, Bounds
    from gateway.wire.call import Call

_HELD_BYTES = 65_536  # an answer of this size leaves in one piece, or not at all
_NO_CONTENT = 204
_BODILESS = frozenset({_NO_CONTENT, 304})
_NO_LINES = Lines(b"")
_RECORDS = frozenset(
    {"text/event-stream", "application/x-ndjson", "application/jsonl", "application/json-seq"}
)


class Answering:
    """Holds an answer back while rules read it, or passes it on as it comes."""

    __slots__ = ("_call", "_chunked", "_close", "_filters", "_head", "_held", "_size", "begun")

    def __init__(self, call: "Call", head: AnswerHead | None) -> None:
        self._call = call
        self._head = head
        self._held: list[bytes] | None = []
        self._filters: list[Filter] = []
        self._size = 0
        self._chunked = False
        self._close = False
        self.begun = False

    # an upstream's answer

    def begin(self) -> None:
        """Take the head. Raises `Refused`."""
        call, head = self._call, self._head
        if head is None:
            return
        exchange, target = call.exchange, call.target
        exchange.status = head.status
        exchange.response_headers = head.fields.joined
        bounds = target.bounds
        if bounds.response_bytes is not None and (head.length or 0) > bounds.response_bytes:
            raise _too_large(bounds)
        media = head.fields.joined.get("content-type", "")
        if media.startswith("application/json") or head.length == 0:
            return
        if target.reads_response and self._media() in _RECORDS and not self._bodiless():
            self._filters = self._open_filters()
            self._held = None
            judge.on_response(_silent(call), exchange, call.runtime.ports)
            self._start_stream()
        elif self._media() in _RECORDS and head.length is None:
            self._pass_on()

    def at_once(self, body: bytes) -> None:
        """Take a whole answer. Raises `Refused`."""
        self.begin()
        if body:
            self.data(body)
        self.end()

    def data(self, payload: bytes) -> None:
        """Take a part of the body. Raises `Refused`."""
        self._size += len(payload)
        target = self._call.target
        bounds, held = target.bounds, self._held
        if bounds.response_bytes is not None and self._size > bounds.response_bytes:
            raise _too_large(bounds)
        if held is None:
            self._send(payload)
            return
        held.append(payload)
        if not target.reads_response:
            if self._size > _HELD_BYTES:
                self._pass_on()
        elif self._size > bounds.buffer_bytes:
            if target.changes_response:
                raise _too_large(bounds)
            # A rule that only observes must not fail the call: it goes without the body.
            self._pass_on()

    def end(self) -> None:
        """Take the end of the body. Raises `Refused`."""
        if self._held is None:
            self._end_stream()
            return
        call = self._call
        exchange = call.exchange
        body = b"".join(self._held)
        if call.target.reads_response and not self._bodiless():
            exchange.response_body = body
        instead = judge.on_response(call.target.response_rules, exchange, call.runtime.ports)
        if instead is not None:
            self.instead(instead)
            return
        shown = body if exchange.response_body is None else exchange.response_body
        self._whole(shown, changed=shown is not body)

    def _pass_on(self) -> None:
        """Stop holding: judge without the body, then send what is there."""
        call, held = self._call, self._held or []
        self._held = None
        instead = judge.on_response(call.target.response_rules, call.exchange, call.runtime.ports)
        if instead is not None:
            raise refused(catalog.INTERNAL, "A stream cannot be replaced.")
        self._start_stream()
        for payload in held:
            self._send(payload)

    def _open_filters(self) -> list[Filter]:
        """Return a filter of each rule that reads bodies. Raises `Refused`."""
        call = self._call
        found = []
        for rule in call.target.response_rules:
            if not rule.reads_response or (rule.when is not None and not rule.when(call.exchange)):
                continue
            if not isinstance(rule.enforcer, Streaming):
                if rule.enforced:
                    raise refused(
                        catalog.RESPONSE_NOT_MASKABLE,
                        "The answer is a stream that this rule cannot judge.",
                        source=rule.source,
                    )
                continue
            opened = rule.enforcer.filter(call.exchange, call.runtime.ports)
            if isinstance(opened, Denial) and rule.enforced:
                raise Refused(opened, rule.source)
            if opened is not None and not isinstance(opened, Denial) and rule.enforced:
                found.append(opened)
        return found

    def _start_stream(self) -> None:
        call, head = self._call, self._head
        if head is None:
            return
        changed = bool(self._filters)
        coding = self._stream_coding(head)
        length = None if self._filters else head.length
        framing = ""
        if self._bodiless():
            framing = _declared(head)
        elif length is not None:
            framing = f"content-length: {length}\r\n"
        elif call.request.minor == 1:
            self._chunked, framing = True, "transfer-encoding: chunked\r\n"
        else:
            self._close = True
        lines = self._lines(head, changed=changed, coding=coding)
        self._start(call.exchange.status, lines, call.exchange.added_headers, framing)

    def _send(self, payload: bytes) -> None:
        for each in self._filters:
            payload = each.feed(payload)
        if payload and not self._bodiless():
            self._call.client.write(chunk(payload) if self._chunked else payload)

    def _end_stream(self) -> None:
        tail = b""
        for each in self._filters:
            tail = each.feed(tail) + each.end()
        if tail and not self._bodiless():
            self._call.client.write(chunk(tail) if self._chunked else tail)
        if self._chunked and not self._bodiless():
            self._call.client.write(LAST_CHUNK)
        self._finish()

    def _whole(self, shown: bytes, *, changed: bool) -> None:
        call, head = self._call, self._head
        if head is None:
            return
        coding, sent = self._encoded(head.fields.joined, shown)
        if self._bodiless():
            unknown = call.target.changes_response
            lines, shown = self._lines(head, changed=unknown, coding=coding), b""
            unknown = unknown or coding is not None
            framing = "" if unknown else _declared(head)
        else:
            lines, shown = self._lines(head, changed=changed, coding=coding), sent
            framing = f"content-length: {len(shown)}\r\n"
        exchange = call.exchange
        self._start(exchange.status, lines, exchange.added_headers, framing, shown)
        self._finish()

    def _encoded(self, fields: Mapping[str, str], body: bytes) -> tuple[str | None, bytes]:
        """Return the coding of a whole reply (None where it never has one), and its bytes."""
        call = self._call
        rule = call.target.compression
        if rule is None or not rule.applies(call.exchange.status, fields):
            return None, body
        coding = rule.coding(call.exchange.headers.get("accept-encoding"))
        if not coding or self._bodiless() or not rule.fits(len(body)):
            return "", body
        return coding, rule.encode(coding, body)

    def _stream_coding(self, head: AnswerHead) -> str | None:
        """Return the coding of a reply that streams; records leave as they come."""
        call = self._call
        rule = call.target.compression
        if rule is None or self._media() in _RECORDS:
            return None
        if self._bodiless() or not rule.applies(call.exchange.status, head.fields.joined):
            return None
        coding = rule.coding(call.exchange.headers.get("accept-encoding"))
        if coding:
            self._filters.append(rule.stream(coding))
        return coding

    def _lines(self, head: AnswerHead, *, changed: bool, coding: str | None = None) -> Lines:
        call = self._call
        return answer_lines(head.fields, call.exchange, call.target, changed=changed, coding=coding)

    def _media(self) -> str:
        head = self._head
        value = "" if head is None else head.fields.joined.get("content-type", "")
        return value.partition(";")[0].strip().lower()

    def _bodiless(self) -> bool:
        return self._call.method == "HEAD" or self._call.exchange.status in _BODILESS

    # a reply of the gateway's own

    def instead(self, instead: Instead) -> None:
        """Reply in place of the upstream."""
        exchange = self._call.exchange
        exchange.status = instead.status
        fields, body = list(instead.fields), instead.body
        if self._call.target.compression is not None:
            joined = {name.lower(): value for name, value in fields}
            coding, body = self._encoded(joined, body)
            fields = fields if coding is None else encoded(fields, coding)
        self.reply(instead.status, [*fields, *exchange.added_headers], body)

    def reply(self, status: int, fields: Pairs, body: bytes) -> None:
        """Send a whole reply."""
        framing = "" if status in _BODILESS else f"content-length: {len(body)}\r\n"
        if self._call.method == "HEAD" or status in _BODILESS:
            body = b""
        self._start(status, _NO_LINES, fields, framing, body)
        call = self._call
        call.end(status)
        call.client.done(close=self._close)

    # the wire

    def _start(
        self, status: int, lines: Lines, pairs: Pairs, framing: str, body: bytes = b""
    ) -> None:
        """Write the head, and the body with it."""
        call = self._call
        self.begun = True
        self._close = self._close or call.client.will_close(call.request)
        date = "" if lines.dated else f"date: {call.gateway.clock.date()}\r\n"
        if self._close:
            last = "connection: close\r\n\r\n"
        else:
            last = "\r\n" if call.request.minor else "connection: keep-alive\r\n\r\n"
        rest = f"{framing}x-request-id: {call.id}\r\n{date}{last}"
        call.client.write(
            STATUS_LINES[status] + lines.text + field_lines(pairs) + rest.encode("ascii") + body
        )

    def _finish(self) -> None:
        call = self._call
        call.end(call.exchange.status)
        call.client.done(close=self._close)


def _silent(call: "Call") -> "list[BoundRule]":
    return [rule for rule in call.target.response_rules if not rule.reads_response]


def _declared(head: AnswerHead) -> str:
    """Return the length that the upstream declared for a body it did not send (HEAD, 304)."""
    length = head.fields.length
    return "" if length is None or head.status == _NO_CONTENT else f"content-length: {length}\r\n"


def _too_large(bounds: "Bounds") -> Refused:
    sentence = f"The upstream's answer has more than {bounds.buffer_bytes} bytes."
    return refused(catalog.RESPONSE_TOO_LARGE, sentence, source=bounds.source)
