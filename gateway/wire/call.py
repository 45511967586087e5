"""One call from head to reply: rules, body, upstream, and what may go wrong in between.

The order of a call stands here: route, head rules, body, body rules, upstream; `Asking` deals
with the upstream, `Answering` has the way back. Everything is synchronous; only a rule that waits for the outside takes a task.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from contracts import catalog
from contracts.errors import TreatyError
from gateway import judge
from gateway import preflight as preflights
from gateway.faults import log_fault
from gateway.headers import request_id
from gateway.refusal import Refused, problem_reply, refused
from gateway.wire.answer import AnswerHead
from gateway.wire.answering import Answering
from gateway.wire.asking import Asking
from gateway.wire.origin import UpstreamConnection
from gateway.wire.request import Request
from gateway.wire.tunnel import Tunnel, asks_for_websocket, refuse_if_judged
from policies.decision import Denial, Instead
from policies.exchange import Exchange

if TYPE_CHECKING:
    from gateway.app import Gateway
    from gateway.runtime import BoundRule, Runtime, Target
    from gateway.wire.client import ClientConnection

_COLLECTED_BYTES = 65_536  # a body of this size goes in one piece, and can be sent twice
_WAIT_SECONDS = 10.0
_CLIENT_GONE = 499  # what access logs commonly say; never sent


class Call:
    """A request being served."""

    __slots__ = (
        "_answering", "_asking", "_collected", "_ended", "_pending", "_received", "_task",
        "_whole", "client", "deadline", "exchange", "expects_continue", "gateway", "id", "method",
        "outgoing", "request", "runtime", "started", "streaming", "target", "upgrade",
    )  # fmt: skip

    exchange: Exchange
    target: "Target"
    runtime: "Runtime"

    def __init__(self, client: "ClientConnection", request: Request) -> None:
        self.client = client
        self.gateway: Gateway = client.gateway
        self.request = request
        self.method = request.method
        fields = request.fields.joined
        self.id = request_id(fields.get("x-request-id")) or self.gateway.new_id()
        self.expects_continue = "expect" in fields and request.minor == 1 and request.has_body
        self.upgrade = False
        self.started = self.gateway.loop.time()
        self.deadline = 0.0  # of the loop's clock, for what is awaited of the upstream
        self._answering: Answering | None = None
        self._asking: Asking | None = None
        self._collected: list[bytes] | None = None
        self._pending: list[bytes] = []
        self.outgoing = b""
        self._received = 0
        self._whole = not request.has_body
        self.streaming = False
        self._ended = False
        self._task: asyncio.Task[None] | None = None

    # the request

    def start(self) -> None:
        """Judge the head, and take the next step. Never raises."""
        try:
            if self.gateway.answers_itself(self):
                return
            runtime = self.gateway.runtime()
            preflight = preflights.find(runtime, self.request)
            if preflight is not None:
                found = preflight
            elif runtime.forks is None:
                found = runtime.routes.find(self.method, self.request.path)
            else:
                found = runtime.find(self.method, self.request)
        except Refused as refusal:
            self.refuse(refusal)
            return
        self.runtime, target = runtime, found.target
        self.target = target
        request, client = self.request, self.client
        self.exchange = Exchange(
            method=self.method,
            path=found.path,
            query=request.query,
            headers=request.fields.joined,
            client=client.peer,
            request_id=self.id,
            contract=target.contract,
            operation=target.operation,
            fields=request.fields.pairs,
            scheme=client.scheme,
            authority=request.fields.joined.get("host", ""),
            certificate=client.certificate,
            request_length=request.fields.length,
        )
        if runtime.forks is not None:
            runtime.forks.tell(self.exchange)
        if preflight is not None:
            self.guarded(self._answer_preflight)
            return
        self._judge(target.head_rules, 0, self._admitted)

    def _answer_preflight(self) -> None:
        self._reply_instead(preflights.answer(self.exchange, self.target, self.runtime))

    def _judge(self, rules: "tuple[BoundRule, ...]", start: int, then: Callable[[], None]) -> None:
        try:
            instead = judge.on_request(rules, self.exchange, self.runtime.ports, start)
            if instead is not None:
                self._reply_instead(instead)
            else:
                then()
        except judge.PausedError as pause:
            self._task = self.gateway.loop.create_task(self._resume(rules, pause, then))
        except Exception as error:  # noqa: BLE001  # the edge: whatever broke, the client gets a problem
            self._fault(error)

    async def _resume(
        self, rules: "tuple[BoundRule, ...]", pause: judge.PausedError, then: Callable[[], None]
    ) -> None:
        """Wait for the outside, then ask the same rule anew."""
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                await pause.resume()
        except Exception as error:  # noqa: BLE001  # a port that cannot answer refuses the call
            self._fault(error)
            return
        self._task = None
        if not self._ended:
            self._judge(rules, pause.index, then)

    def _admitted(self) -> None:
        """The head rules let the call pass: read the body, or ask the upstream."""
        exchange, target = self.exchange, self.target
        if exchange.grant is not None:
            # A token may carry scopes for other contracts; here only the grant's count.
            exchange.scopes &= frozenset(exchange.grant.scopes)
        if self.runtime.forks is not None:
            self.runtime.forks.confirm(self.request, exchange)
        if asks_for_websocket(self.request):
            refuse_if_judged(target)
            self.upgrade = True
        length = self.request.fields.length
        if self._whole:
            self._body_ready(b"")
        elif target.reads_request or (length is not None and length <= _COLLECTED_BYTES):
            self._collected = list(self._pending)
            self._pending.clear()
            self.client.want_body()
        else:
            self.streaming = True
            self.client.pause_reading("body")
            self._judge(target.body_rules, 0, self._ask)

    def body_data(self, payload: bytes) -> None:
        """Take a part of the request's body."""
        self._received += len(payload)
        limit = self._body_limit()
        if limit is not None and self._received > limit:
            sentence = f"The body may have at most {limit} bytes."
            source = self.target.bounds.source
            self.refuse(refused(catalog.REQUEST_TOO_LARGE, sentence, source=source))
        elif self._collected is not None:
            self._collected.append(payload)
        elif self._asking is None or not self._asking.send_part(payload):
            # A rule waits for the outside, or the connection is being made.
            self._pending.append(payload)
            self.client.pause_reading("body")

    def _body_limit(self) -> int | None:
        if not hasattr(self, "target"):
            return None
        bounds = self.target.bounds
        if bounds.request_bytes is None and self._collected is not None:
            return bounds.buffer_bytes
        return bounds.request_bytes

    def body_end(self) -> None:
        """The request's body is whole."""
        self._whole = True
        if self._collected is not None:
            body, self._collected = b"".join(self._collected), None
            self._body_ready(body)
        elif self._asking is not None:
            self._asking.send_end()

    def _body_ready(self, body: bytes) -> None:
        if self.target.reads_request:
            self.exchange.request_body = body
        else:
            self.outgoing = body
        self._judge(self.target.body_rules, 0, self._ask)

    # the upstream

    def _ask(self) -> None:
        exchange = self.exchange
        if exchange.request_body is not None:
            self.outgoing = exchange.request_body
        if self.target.lead is not None:
            self.target = self.target.lead.choose(exchange)
        self._asking = Asking(self, in_memory=not self.streaming)
        self._asking.start()

    def send_upload(self) -> None:
        """Send what has been held of a streamed body, and let the client go on."""
        asking, pending = self._asking, self._pending
        if asking is None:
            return
        self._pending = []
        for payload in pending:
            asking.send_part(payload)
        if self._whole:
            asking.send_end()
        else:
            self.client.resume_reading("body")
            self.client.want_body()

    @property
    def outgoing_length(self) -> int | None:
        """Return the length of the body towards the upstream; None for chunks, -1 for no body."""
        if self.streaming:
            return self.request.fields.length
        if self.outgoing or self.request.has_body or self.request.fields.length is not None:
            return len(self.outgoing)
        return -1

    @property
    def has_answer(self) -> bool:
        """Return whether a reply has begun."""
        return self._answering is not None and self._answering.begun

    def answered(self, head: AnswerHead) -> None:
        """The upstream's head is there."""
        answering = self._answering = Answering(self, head)
        self.guarded(answering.begin)

    def answered_whole(self, head: AnswerHead, body: bytes) -> bool:
        """The upstream's answer is there; return whether it was acceptable."""
        answering = self._answering = Answering(self, head)
        try:
            answering.at_once(body)
        except Exception as error:  # noqa: BLE001  # the edge: whatever broke, the client gets a problem
            self._fault(error)
            return False
        return True

    def answer_data(self, payload: bytes) -> None:
        """A part of the upstream's body is there."""
        if self._answering is not None:
            self.guarded(self._answering.data, payload)

    def answer_end(self) -> None:
        """The upstream's body is whole."""
        if self._answering is not None:
            self.guarded(self._answering.end)

    def upstream_failed(self, refusal: Refused) -> None:
        """One clean problem, or a cut connection once a reply has begun."""
        if not self._ended and not self.refuse(refusal):
            self._abort()

    def switched(self, head: AnswerHead, connection: UpstreamConnection | None) -> None:
        """The upstream switches protocols: to what was asked for, or the call has failed."""
        named = head.fields.joined.get("upgrade", "").lower() == "websocket"
        if connection is not None and self.upgrade and named:
            Tunnel(self, head, connection)
            return
        if connection is not None:
            connection.drop()
        sentence = "The upstream failed: it switches protocols unasked."
        self.upstream_failed(refused(catalog.UPSTREAM_INVALID, sentence))

    def expire(self) -> None:
        """The upstream has not answered in time."""
        self.deadline = 0.0
        if self._asking is not None:
            self._asking.expire()

    def client_slow(self) -> None:
        """The client reads too slowly: so does the gateway."""
        if self._asking is not None:
            self._asking.pause()

    def client_ready(self) -> None:
        """The client reads again."""
        if self._asking is not None:
            self._asking.resume()

    # ends

    def refuse(self, refusal: Refused) -> bool:
        """Reply with the problem; False where a reply has begun already."""
        if self._ended or (self._answering is not None and self._answering.begun):
            return self._ended
        self._cut_upstream()
        exchange = getattr(self, "exchange", None)
        status, fields, body = problem_reply(refusal, self.id, exchange)
        self._answering = answering = Answering(self, None)
        answering.reply(status, fields, body)
        return True

    def _reply_instead(self, instead: Instead) -> None:
        self._answering = answering = Answering(self, None)
        answering.instead(instead)

    def guarded(self, step: Callable[..., None], *facts: bytes) -> None:
        """Take a step of the call; whatever it raises becomes a problem or a cut connection."""
        if self._ended:
            return
        try:
            step(*facts)
        except Exception as error:  # noqa: BLE001  # the edge: whatever broke, the client gets a problem
            self._fault(error)

    def _fault(self, error: Exception) -> None:
        self._cut_upstream()
        if isinstance(error, Refused):
            refusal = error
        elif isinstance(error, TreatyError):
            refusal = Refused(Denial(error.problem))
        else:
            log_fault(f"request {self.id}", error)
            refusal = refused(catalog.INTERNAL, "Something failed on our side.")
        if not self.refuse(refusal):
            self._abort()

    def client_gone(self) -> None:
        """Nobody is left to answer."""
        if not self._ended:
            self._cut_upstream()
            self.end(_CLIENT_GONE)

    def _abort(self) -> None:
        status = self.exchange.status
        self._cut_upstream()
        self.end(status)
        self.client.abort()

    def _cut_upstream(self) -> None:
        self.deadline = 0.0
        if self._task is not None:
            self._task.cancel()
            self._task = None
        asking, self._asking = self._asking, None
        if asking is not None:
            asking.stop()

    def end(self, status: int) -> None:
        """Settle what hangs on the call: places, stores, the ledger. Once."""
        if self._ended:
            return
        self._ended = True
        self.deadline = 0.0
        # They refer to the call: without them it is gone at once, and not left to the collector.
        self._asking = self._answering = None
        self.gateway.settle(self, status)
