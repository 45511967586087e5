"""A call's dealings with its upstream: sending, waiting, asking again, giving up.

The `Asker` of a connection. What the answer means for the client is `Answering`'s.
"""

import asyncio
from typing import TYPE_CHECKING

from contracts import catalog
from gateway.headers import request_lines
from gateway.refusal import refused
from gateway.wire.answer import AnswerHead
from gateway.wire.circuit import wait_seconds
from gateway.wire.origin import Origin, UpstreamConnection

if TYPE_CHECKING:
    from gateway.wire.call import Call

_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "QUERY"})
_SWITCHING = 101
_FAULTS = frozenset({502, 503, 504})


class Asking:
    """One request to an upstream, perhaps several times."""

    __slots__ = (
        "_active", "_attempts", "_call", "_connection", "_moves", "_origin", "_retried", "_rules", "_timer",
        "_until", "method", "repeatable",
    )  # fmt: skip

    def __init__(self, call: "Call", *, in_memory: bool) -> None:
        target = call.target
        self._call = call
        self._rules = target.treatment
        self._origin: Origin = call.gateway.origin(target.contract.upstream)
        self._connection: UpstreamConnection | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._attempts = 0
        self._moves = 0
        self._retried = False
        self._active = False
        self._until = 0.0  # of the loop's clock, for the whole answer; 0: no bound
        self.method = call.method
        keyed = self._rules.retries.keyed_writes and "idempotency-key" in call.exchange.headers
        self.repeatable = in_memory and (call.method in _REPEATABLE or keyed)

    def start(self) -> None:
        """Ask. Raises `Refused`: upstream-resting or overloaded."""
        origin, rules = self._origin, self._rules
        rest = origin.circuit.refuses()
        if rest > 0 and self._elsewhere():
            origin = self._origin
            rest = origin.circuit.refuses()
        if rest > 0:
            sentence = "The upstream has failed repeatedly; it is asked again soon."
            wait = ("Retry-After", str(max(1, round(rest))))
            raise refused(catalog.UPSTREAM_RESTING, sentence, wait)
        most = rules.max_concurrent
        if most is not None and origin.circuit.active >= most:
            raise refused(catalog.OVERLOADED, "Too many calls wait.", ("Retry-After", "1"))
        origin.circuit.active += 1
        self._active = True
        origin.budget.called()
        if rules.total_seconds is not None:
            self._until = self._call.gateway.loop.time() + rules.total_seconds
        self._ask()

    def _ask(self) -> None:
        self._timer = None
        self.await_answer()
        if not self._origin.ask(self, self._rules.connect_seconds):
            raise refused(catalog.OVERLOADED, "Too many calls wait.", ("Retry-After", "1"))

    def await_answer(self) -> None:
        """Let the upstream's time run: to the first byte, or to the next one."""
        call, rules = self._call, self._rules
        now = call.gateway.loop.time()
        deadline = now + (rules.first_byte_seconds or call.target.contract.timeout_seconds)
        if self._until and self._until < deadline:
            deadline = self._until
        call.deadline = deadline

    # towards the upstream

    def connected(self, connection: UpstreamConnection) -> None:
        """Send the request."""
        self._connection = connection
        call = self._call
        head = request_lines(call)
        if not call.streaming:
            connection.send(head + call.outgoing, whole=True)
            return
        connection.send(head, whole=False)
        call.deadline = 0.0  # the upstream owes nothing while the client still sends
        call.send_upload()

    def send_part(self, payload: bytes) -> bool:
        """Send a part of a streamed body; False while there is no connection."""
        if self._connection is None:
            return False
        self._call.deadline = 0.0
        self._connection.send_chunk(payload, chunked=self._call.request.fields.chunked)
        return True

    def send_end(self) -> None:
        """Send the end of a streamed body."""
        if self._connection is not None:
            self._connection.send_end(chunked=self._call.request.fields.chunked)
            self.await_answer()

    def pause(self) -> None:
        """The client reads too slowly: read no more of the answer."""
        if self._connection is not None:
            self._connection.pause()
            self._call.deadline = 0.0

    def resume(self) -> None:
        """The client reads again."""
        if self._connection is not None:
            self._connection.resume()
            self.await_answer()

    def stop(self) -> None:
        """Want no answer any more."""
        self._call.deadline = 0.0
        self._settle()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.drop()
        else:
            self._origin.forget(self)

    def _settle(self) -> None:
        if self._active:
            self._active = False
            self._origin.circuit.active -= 1

    # from the upstream

    def answered(self, head: AnswerHead) -> None:
        """The head is there."""
        if head.status == _SWITCHING:
            connection, self._connection = self._connection, None
            self._settle()
            self._call.switched(head, connection)
        elif self._asks_again(head.status):
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.drop()
            self._again()
        else:
            self.await_answer()
            self._call.answered(head)

    def answered_whole(self, head: AnswerHead, body: bytes) -> bool:
        """Head and body are there; False where the answer was not acceptable."""
        self._connection = None
        if self._asks_again(head.status):
            self._again()
            return True
        self._settle()
        return self._call.answered_whole(head, body)

    def answer_data(self, payload: bytes) -> None:
        """A part of the body is there."""
        self.await_answer()
        self._call.answer_data(payload)

    def answer_end(self) -> None:
        """The body is whole."""
        self._connection = None
        self._settle()
        self._call.answer_end()

    def broken(self, reason: str, *, reached: bool, stale: bool = False) -> None:
        """The answer will not come, or not whole."""
        self._connection = None
        if stale and self.repeatable and not self._retried:
            # The other end had closed an idle connection: nobody has seen the request.
            self._retried = True
            self._again(at_once=True)
            return
        self._failed()
        if not reached and self._elsewhere():
            self._again(at_once=True)
            return
        if self._may_repeat(safe=not reached):
            self._again()
            return
        self._settle()
        kind = catalog.UPSTREAM_INVALID if reached else catalog.UPSTREAM_UNREACHABLE
        self._call.upstream_failed(refused(kind, f"The upstream failed: {reason}."))

    def expire(self) -> None:
        """The upstream's time has run out."""
        self._failed()
        self.stop()
        self._call.upstream_failed(
            refused(catalog.UPSTREAM_TIMEOUT, "The upstream did not answer in time.")
        )

    def pause_request(self) -> None:
        self._call.client.pause_reading("upstream")

    def resume_request(self) -> None:
        self._call.client.resume_reading("upstream")

    # again

    def _asks_again(self, status: int) -> bool:
        """Keep the score of the circuit; tell whether the status is a reason to ask again."""
        if status not in _FAULTS:
            self._origin.circuit.succeeded()
            member = self._call.target.member
            if member is not None:
                member.succeeded()
            return False
        self._failed()
        return status in self._rules.retries.statuses and self._may_repeat(safe=False)

    def _failed(self) -> None:
        circuit = self._rules.circuit
        if circuit is not None:
            self._origin.circuit.failed(circuit.failures, circuit.open_seconds)
        member = self._call.target.member
        if member is not None:
            member.failed()

    def _elsewhere(self) -> bool:
        """Turn to another address of the upstream, each one once; tell whether there was one."""
        call = self._call
        member = call.target.member
        if member is None or self._moves >= member.others:
            return False
        self._moves += 1
        target = call.target = member.another()
        call.exchange.contract = target.contract
        active = self._active
        self._settle()
        self._origin = call.gateway.origin(target.contract.upstream)
        if active:
            self._active = True
            self._origin.circuit.active += 1
        return True

    def _may_repeat(self, *, safe: bool) -> bool:
        """Tell whether to ask once more; `safe` where the request has not reached anybody."""
        retries = self._rules.retries
        if self._call.has_answer or not (self.repeatable or (safe and not self._call.streaming)):
            return False
        if self._attempts >= retries.attempts or self._origin.circuit.refuses() > 0:
            return False
        return self._origin.budget.take(retries.budget_percent)

    def _again(self, *, at_once: bool = False) -> None:
        if at_once:
            self._call.guarded(self._ask)
            return
        self._attempts += 1
        self._elsewhere()
        loop = self._call.gateway.loop
        self._timer = loop.call_later(wait_seconds(self._attempts), self._call.guarded, self._ask)
