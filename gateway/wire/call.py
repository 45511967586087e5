"""One call from head to reply: rules, body, upstream, and what may go wrong in between.

The order of a call stands here: route, head rules, body, body rules, upstream; `Answering` has
the way back. Everything is synchronous; only a rule that waits for the outside takes a task.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from contracts import catalog
from contracts.errors import TreatyError
from gateway import judge
from gateway.faults import log_fault
from gateway.headers import request_id, request_lines
from gateway.refusal import Refused, problem_reply, refused
from gateway.wire.answer import AnswerHead
from gateway.wire.answering import Answering
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
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "QUERY"})
_WAIT_SECONDS = 10.0
_CLIENT_GONE = 499  # what access logs commonly say; never sent


class Call:
    """A request being served. Also the `Asker` of its upstream connection."""

    __slots__ = (
        "_answering", "_collected", "_connection", "_ended", "_outgoing", "_pending", "_received",
        "_retried", "_streaming", "_task", "_whole", "client", "deadline", "exchange",
        "expects_continue", "gateway", "id", "method", "repeatable", "request", "runtime",
        "started", "target", "upgrade",
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
        self.repeatable = False
        self.started = self.gateway.loop.time()
        self.deadline = 0.0  # of the loop's clock, for what is awaited of the upstream
        self._answering: Answering | None = None
        self._connection: UpstreamConnection | None = None
        self._collected: list[bytes] | None = None
        self._pending: list[bytes] = []
        self._outgoing = b""
        self._received = 0
        self._whole = not request.has_body
        self._streaming = False
        self._retried = False
        self._ended = False
        self._task: asyncio.Task[None] | None = None

    # the request

    def start(self) -> None:
        """Judge the head, and take the next step. Never raises."""
        try:
            if self.gateway.answers_itself(self):
                return
            runtime = self.gateway.runtime()
            found = runtime.routes.find(self.method, self.request.path)
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
        self._judge(target.head_rules, 0, self._admitted)

    def _judge(self, rules: "tuple[BoundRule, ...]", start: int, then: Callable[[], None]) -> None:
        try:
            instead = judge.on_request(rules, self.exchange, self.runtime.ports, start)
            if instead is not None:
                self._reply_instead(instead)
            else:
                then()
        except Refused as refusal:
            self.refuse(refusal)
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
            self._streaming = True
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
        elif self._connection is not None and self._streaming:
            self.deadline = 0.0  # the upstream owes nothing while the client still sends
            self._connection.send_chunk(payload, chunked=self.request.fields.chunked)
        else:
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
        elif self._connection is not None and self._streaming:
            self._connection.send_end(chunked=self.request.fields.chunked)
            self._await_answer()

    def _await_answer(self) -> None:
        self.deadline = self.gateway.loop.time() + self.target.contract.timeout_seconds

    def _body_ready(self, body: bytes) -> None:
        if self.target.reads_request:
            self.exchange.request_body = body
        else:
            self._outgoing = body
        self._judge(self.target.body_rules, 0, self._ask)

    # the upstream

    def _ask(self) -> None:
        exchange = self.exchange
        if exchange.request_body is not None:
            self._outgoing = exchange.request_body
        self.repeatable = not self._streaming and self.method in _REPEATABLE
        self._await_answer()
        origin = self.gateway.origin(self.target.contract.upstream)
        if not origin.ask(self):
            raise refused(catalog.OVERLOADED, "Too many calls wait.", ("Retry-After", "1"))

    def connected(self, connection: UpstreamConnection) -> None:
        """Send the request."""
        self._connection = connection
        head = request_lines(self)
        if not self._streaming:
            connection.send(head + self._outgoing, whole=True)
            return
        connection.send(head, whole=False)
        if not self._whole:
            self.deadline = 0.0
        chunked = self.request.fields.chunked
        for payload in self._pending:
            connection.send_chunk(payload, chunked=chunked)
        self._pending.clear()
        if self._whole:
            connection.send_end(chunked=chunked)
        else:
            self.client.resume_reading("body")
            self.client.want_body()

    @property
    def outgoing_length(self) -> int | None:
        """Return the length of the body towards the upstream; None for chunks."""
        if self._streaming:
            return self.request.fields.length
        if self._outgoing or self.request.has_body or self.request.fields.length is not None:
            return len(self._outgoing)
        return -1

    def answered(self, head: AnswerHead) -> None:
        """The upstream's head is there."""
        if head.status == Tunnel.SWITCHING:
            self._switch(head)
            return
        self._await_answer()
        self._answering = Answering(self, head)
        self._answer(lambda answering: answering.begin())

    def answered_whole(self, head: AnswerHead, body: bytes) -> bool:
        """The upstream's answer is there, head and body."""
        self._connection = None
        if self._ended:
            return True
        self._answering = answering = Answering(self, head)
        try:
            answering.at_once(body)
        except Refused as refusal:
            if not self.refuse(refusal):
                self._abort()
            return False
        except Exception as error:  # noqa: BLE001  # the edge: whatever broke, the client gets a problem
            self._fault(error)
            return False
        return True

    def answer_data(self, payload: bytes) -> None:
        """A part of the upstream's body is there."""
        self._await_answer()
        self._answer(lambda answering: answering.data(payload))

    def answer_end(self) -> None:
        """The upstream's body is whole."""
        self._connection = None
        self._answer(lambda answering: answering.end())

    def _answer(self, step: Callable[[Answering], None]) -> None:
        answering = self._answering
        if answering is None or self._ended:
            return
        try:
            step(answering)
        except Refused as refusal:
            self._cut_upstream()
            if not self.refuse(refusal):
                self._abort()
        except Exception as error:  # noqa: BLE001  # the edge, as above
            self._cut_upstream()
            self._fault(error)

    def broken(self, reason: str, *, reached: bool, stale: bool = False) -> None:
        """The upstream failed: one clean problem, or a cut connection once a reply has begun."""
        self._connection = None
        if self._ended:
            return
        if stale and self.repeatable and not self._retried:
            self._retried = True
            self._judge((), 0, self._ask)
            return
        if self._answering is not None and self._answering.begun:
            self._abort()
            return
        kind = catalog.UPSTREAM_INVALID if reached else catalog.UPSTREAM_UNREACHABLE
        self.refuse(refused(kind, f"The upstream failed: {reason}."))

    def expire(self) -> None:
        """The upstream has not answered in time."""
        self.deadline = 0.0
        self._cut_upstream()
        if self._answering is not None and self._answering.begun:
            self._abort()
        else:
            kind = catalog.UPSTREAM_TIMEOUT
            self.refuse(refused(kind, "The upstream did not answer in time."))

    def _switch(self, head: AnswerHead) -> None:
        connection, self._connection = self._connection, None
        named = head.fields.joined.get("upgrade", "").lower() == "websocket"
        if connection is None or not self.upgrade or not named:
            if connection is not None:
                connection.drop()
            self.broken("it switches protocols unasked", reached=True)
            return
        Tunnel(self, head, connection)

    def pause_request(self) -> None:
        self.client.pause_reading("upstream")

    def resume_request(self) -> None:
        self.client.resume_reading("upstream")

    def client_slow(self) -> None:
        """The client reads too slowly: so does the gateway."""
        if self._connection is not None:
            self._connection.pause()
            self.deadline = 0.0

    def client_ready(self) -> None:
        """The client reads again."""
        if self._connection is not None:
            self._connection.resume()
            self._await_answer()

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

    def _fault(self, error: Exception) -> None:
        if isinstance(error, TreatyError):
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
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.drop()
        elif hasattr(self, "target"):
            self.gateway.origin(self.target.contract.upstream).forget(self)

    def end(self, status: int) -> None:
        """Settle what hangs on the call: places, stores, the ledger. Once."""
        if self._ended:
            return
        self._ended = True
        self.deadline = 0.0
        self.gateway.settle(self, status)
