"""Composition root: settings to the world that client connections work in, and its background tasks.

uvicorn runs it as an ASGI application for its lifespan only; requests go to `wire.client`.
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from contracts import catalog
from gateway.faults import log_fault
from gateway.health import Check, HealthChecks
from gateway.ledger import Ledger, ToFile, ToRegistry
from gateway.ports import Shared, shared
from gateway.refusal import refused
from gateway.runtime import Runtime
from gateway.settings import Settings
from gateway.source import FileSource, Source
from gateway.tallies import TallyFile
from gateway.wire.answering import Answering
from gateway.wire.call import Call
from gateway.wire.client import ClientConnection
from gateway.wire.origin import Origin
from gateway.wire.write import Clock

if TYPE_CHECKING:
    from gateway.control import Registry
    from gateway.redis import SharedCounters
    from gateway.sharedreplies import SharedReplies

_OWN = b"/-/"
_SWEEP_SECONDS = 0.25
_QUOTA_SECONDS = 1.0
_PORTS = {"http": 80, "https": 443}

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Gateway:
    """Everything that calls share; `start` and `stop` frame its life, called by lifespan events."""

    loop: asyncio.AbstractEventLoop

    def __init__(self, settings: Settings, shared_state: Shared | None = None) -> None:
        self.settings = settings
        self.clock = Clock()
        self.connections: set[ClientConnection] = set()
        self._shared = shared_state or shared(settings.data_dir, settings.workers)
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._origins: dict[str, Origin] = {}
        self._ids = secrets.token_hex(8)
        self._calls = 0
        self.registry: Registry | None = None
        self._counters: SharedCounters | None = None
        self._replies: SharedReplies | None = None
        self.source: Source | FileSource

    async def start(self) -> None:
        """Open the clients, take the last good snapshot, start polling and delivering."""
        settings = self.settings
        self.loop = asyncio.get_running_loop()
        folder = settings.data_dir / "ledger"
        if settings.snapshot is not None:
            self.source = FileSource(settings, self._shared, settings.snapshot)
            self.ledger = Ledger(ToFile(settings.data_dir), folder)
        else:
            from gateway.control import Registry  # noqa: PLC0415  # its client is 10 MB

            self.registry = Registry(settings.registry, settings.token_file)
            self.source = Source(settings, self.registry, self._shared)
            self.ledger = Ledger(ToRegistry(settings.name, self.registry), folder)
        if settings.redis is not None:
            self._share(settings.redis)
        path = settings.data_dir / "quotas" / f"{settings.name}.json"
        self._quotas = TallyFile(path, self._shared.counters.tallies)
        self._quotas.load(self._shared.now(), logging.getLogger("gateway").warning)
        self.source.start()
        self._tasks = [
            asyncio.create_task(self.source.run(self._stop)),
            asyncio.create_task(self.ledger.run(self._stop)),
            asyncio.create_task(self._sweep()),
            asyncio.create_task(self._shared.trust.keys.run(self._stop)),
            asyncio.create_task(HealthChecks(self._shared.addresses, self._checks).run()),
            asyncio.create_task(self._write_quotas()),
        ]

    def _checks(self) -> tuple[Check, ...]:
        runtime = self.source.runtime
        return () if runtime is None else runtime.checks

    def _share(self, url: str) -> None:
        """Count limits and keep replies to keyed writes together with the other gateways."""
        from gateway.redis import SharedCounters  # noqa: PLC0415  # its driver is an extra
        from gateway.sharedreplies import SharedReplies  # noqa: PLC0415  # its driver is an extra

        self._counters = SharedCounters(url, self._shared.take_here)
        self._replies = SharedReplies(url)
        self._shared.together[:] = [self._counters.take]
        self._shared.stores["replies"] = self._replies

    async def stop(self) -> None:
        """Stop polling, deliver or spool what is left, close the clients."""
        self._stop.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.ledger.flush()
        self._quotas.save()
        for origin in self._origins.values():
            origin.close()
        if self._counters is not None and self._replies is not None:
            await self._counters.close()
            await self._replies.close()
        if self.registry is not None:
            await self.registry.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await self.start()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await self.stop()
            await send({"type": "lifespan.shutdown.complete"})

    # what calls ask for

    def new_id(self) -> str:
        """Return a request id: unique, and from this process."""
        self._calls += 1
        return f"{self._ids}{self._calls:016x}"

    def runtime(self) -> Runtime:
        """Return the live runtime. Raises `Refused` (not-ready)."""
        runtime = self.source.runtime
        if runtime is None:
            raise refused(catalog.NOT_READY, "No snapshot is live yet.", ("Retry-After", "1"))
        return runtime

    def origin(self, upstream: str) -> Origin:
        """Return the origin behind an absolute URL; its connections outlive snapshots."""
        origin = self._origins.get(upstream)
        if origin is None:
            parts = urlsplit(upstream)
            port = parts.port or _PORTS[parts.scheme]
            origin = Origin(self.loop, parts.scheme, parts.hostname or "", port)
            self._origins[upstream] = origin
        return origin

    def settle(self, call: Call, status: int) -> None:
        """Release what the call held, and keep what was decided."""
        exchange = getattr(call, "exchange", None)
        seconds = self.loop.time() - call.started
        if exchange is not None:
            exchange.status = status
            for release in exchange.at_end:
                try:
                    release()
                except Exception as error:  # noqa: BLE001  # the others must be released all the same
                    log_fault(f"request {call.id}: at its end", error)
            self.ledger.add(exchange, status, seconds)
        if self.settings.access_log:
            _log_access(call, status, seconds)

    def answers_itself(self, call: Call) -> bool:
        """Answer the gateway's own paths, and OPTIONS that goes no further; tell whether it did."""
        request = call.request
        if request.path.startswith(_OWN):
            status, body = self._own(call)
            fields = [("content-type", "application/json"), ("cache-control", "no-store")]
            Answering(call, None).reply(status, fields, body)
            return True
        last = request.fields.joined.get("max-forwards", "").strip("0") == ""
        if request.method == "OPTIONS" and (
            request.path == b"*" or ("max-forwards" in request.fields.joined and last)
        ):
            Answering(call, None).reply(
                204, [("allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, QUERY")], b""
            )
            return True
        return False

    def _own(self, call: Call) -> tuple[int, bytes]:
        live = self.source.runtime is not None
        pages: dict[bytes, Callable[[], tuple[int, bytes]]] = {
            b"/-/health": lambda: (200, b'{"status":"ok"}'),
            b"/-/ready": lambda: (200 if live else 503, json.dumps({"ready": live}).encode()),
            b"/-/snapshot": lambda: (200 if live else 503, self.source.as_json()),
        }
        page = pages.get(call.request.path)
        if page is None or call.method not in ("GET", "HEAD"):
            raise refused(catalog.ROUTE_NOT_FOUND, "There is nothing at this path.")
        return page()

    async def _write_quotas(self) -> None:
        """Keep what is used of calendar quotas; a crash forgets a second of it at most."""
        while True:
            await asyncio.sleep(_QUOTA_SECONDS)
            try:
                self._quotas.save()
            except OSError as error:
                self._shared.counters.tallies.changed = True
                logging.getLogger("gateway").warning("quotas are not written: %s", error.strerror)

    async def _sweep(self) -> None:
        """End what has run out of time; one pass for all, so that no call needs a timer."""
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            now = self.loop.time()
            for connection in tuple(self.connections):
                call = connection.call
                if call is not None and 0 < call.deadline < now:
                    call.expire()
                elif 0 < connection.deadline < now:
                    connection.expire()
            for origin in self._origins.values():
                origin.sweep(now)


def _log_access(call: Call, status: int, seconds: float) -> None:
    exchange = getattr(call, "exchange", None)
    operation, application = "-", "-"
    if exchange is not None:
        contract = exchange.contract
        operation = f"{contract.contract}@{contract.version}/{exchange.operation.name}"
        application = exchange.application or "-"
    path = call.request.path.decode("ascii", "backslashreplace")
    logging.getLogger("gateway.access").info(
        "%s %s %s %d %.1fms %s %s %s",
        call.client.peer,
        call.method,
        path,
        status,
        seconds * 1000,
        operation,
        application,
        call.id,
    )
