"""A load tool of our own, run as its own process: raw sockets, one thread, one `select` loop.

Closed loop without a rate: every connection asks again at once. With a rate, calls are due at
fixed times and their latency counts from then, so a slow answer cannot hide the calls behind it.
"""

import gc
import json
import select
import socket
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

_CHUNK = 1 << 17
_SUCCESS = b"HTTP/1.1 200"
_GRACE_SECONDS = 5.0


@dataclass(frozen=True)
class Plan:
    """What to send: `requests` in turn, until `count` calls are done or `seconds` are over."""

    port: int
    connections: int
    requests: Sequence[bytes]
    count: int
    seconds: float
    rate: float  # calls per second; 0 is as fast as the answers come


@dataclass
class Tally:
    """What came back; latencies in seconds."""

    latencies: list[float] = field(default_factory=list)
    failures: int = 0
    elapsed: float = 0.0


class Connection:
    """One kept-alive connection with at most one call under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_GRACE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.due = 0.0
        self._buffer = bytearray()

    def ask(self, request: bytes, due: float) -> None:
        """Send one call; requests are small enough for the socket's buffer."""
        self.due = due
        self._buffer.clear()
        self.socket.sendall(request)

    def answered(self) -> bytes | None:
        """Read what is there; return the whole answer once it is."""
        part = self.socket.recv(_CHUNK)
        if not part:
            raise ConnectionError("the gateway closed a connection")
        self._buffer += part
        return bytes(self._buffer) if complete(self._buffer) else None


def complete(answer: bytes | bytearray) -> bool:
    """Tell whether one whole answer stands there (RFC 9112 section 6; no trailers)."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = bytes(answer[:end]).lower()
    at = head.find(b"\r\ncontent-length:")
    if at >= 0:
        length = int(head[at + 17 :].split(b"\r\n", 1)[0])
        return len(answer) >= end + 4 + length
    return answer.endswith(b"0\r\n\r\n") and b"\r\ntransfer-encoding:" in head


def run(plan: Plan) -> Tally:
    """Return what came back; raises `OSError` where the gateway breaks a connection."""
    free = [Connection(plan.port) for _ in range(plan.connections)]
    busy: dict[socket.socket, Connection] = {}
    waiting: deque[float] = deque()
    tally, sent, done = Tally(), 0, 0
    started = time.perf_counter()
    ends = started + plan.seconds
    while True:
        now = time.perf_counter()
        if done >= plan.count or now >= ends + _GRACE_SECONDS or (now >= ends and not busy):
            break
        if plan.rate:
            while sent + len(waiting) < plan.count and now < ends:
                due = started + (sent + len(waiting)) / plan.rate
                if due > now:
                    break
                waiting.append(due)
        while free and now < ends and sent < plan.count and (waiting or not plan.rate):
            connection = free.pop()
            due = waiting.popleft() if plan.rate else time.perf_counter()
            connection.ask(plan.requests[sent % len(plan.requests)], due)
            busy[connection.socket] = connection
            sent += 1
        pause = _pause(plan, started, sent + len(waiting), now)
        for ready in select.select(list(busy), [], [], pause)[0]:
            connection = busy[ready]
            answer = connection.answered()
            if answer is not None:
                tally.latencies.append(time.perf_counter() - connection.due)
                tally.failures += not answer.startswith(_SUCCESS)
                done += 1
                free.append(busy.pop(ready))
    tally.elapsed = time.perf_counter() - started
    return tally


def _pause(plan: Plan, started: float, scheduled: int, now: float) -> float:
    if not plan.rate or scheduled >= plan.count:
        return 0.1
    return min(0.1, max(0.0, started + scheduled / plan.rate - now))


def main() -> None:
    """Read a plan from the file that the first argument names; print the tally as JSON."""
    given = json.loads(Path(sys.argv[1]).read_text())
    requests = [text.encode() for text in given.pop("requests")]
    gc.disable()  # a collection in here would count as the gateway's latency
    tally = run(Plan(requests=requests, **given))
    print(json.dumps(vars(tally)))


if __name__ == "__main__":
    main()
