"""Composition root: settings to an ASGI application with its two background tasks."""

import asyncio
import json
import logging
import time
from collections.abc import Callable

from gateway import pipeline
from gateway.control import Registry
from gateway.ledger import Ledger, entry
from gateway.ports import Shared, shared
from gateway.settings import Settings
from gateway.source import Source, rfc3339
from gateway.transport.downstream import (
    Call,
    ClientGoneError,
    Receive,
    Reply,
    Scope,
    Send,
    UpstreamBrokeError,
    read_call,
    send_reply,
)
from gateway.transport.upstream import AiohttpUpstream

_OWN = b"/-/"
_CLIENT_GONE = 499  # what access logs commonly say; never sent


class Gateway:
    """The ASGI application; `start` and `stop` frame its life, called by lifespan events."""

    def __init__(self, settings: Settings, shared_state: Shared | None = None) -> None:
        self._settings = settings
        self._shared = shared_state or shared(settings.data_dir)
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Open the clients, take the last good snapshot, start polling and delivering."""
        settings = self._settings
        self.registry = Registry(settings.registry, settings.token_file)
        self.upstream = AiohttpUpstream()
        self.source = Source(settings, self.registry, self._shared)
        self.ledger = Ledger(settings.name, self.registry, settings.data_dir / "ledger")
        self.source.start_from_disk()
        self._tasks = [
            asyncio.create_task(self.source.run(self._stop)),
            asyncio.create_task(self.ledger.run(self._stop)),
        ]

    async def stop(self) -> None:
        """Stop polling, deliver or spool what is left, close the clients."""
        self._stop.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.ledger.flush()
        await self.upstream.close()
        await self.registry.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(read_call(scope, receive), send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        await self.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _http(self, call: Call, send: Send) -> None:
        if call.raw_path.startswith(_OWN):
            await send_reply(call, self._own(call), send)
            return
        at, status = rfc3339(), _CLIENT_GONE
        try:
            reply = await pipeline.answer(call, self.source.runtime, self.upstream)
            status = reply.status
            await _deliver(call, reply, send)
        except ClientGoneError:
            status = _CLIENT_GONE
        except UpstreamBrokeError as error:
            # Returning without the end of the body makes the server cut the connection.
            logging.getLogger("gateway").warning("request %s: body cut off: %s", call.id, error)
        finally:
            seconds = time.monotonic() - call.started
            if call.exchange is not None:
                self.ledger.add(entry(call.exchange, at=at, status=status, seconds=seconds))
            _log_access(call, status, seconds)

    def _own(self, call: Call) -> Reply:
        """Answer the gateway's own paths: ready, health, snapshot."""
        live = self.source.runtime is not None
        pages: dict[bytes, Callable[[], tuple[int, bytes]]] = {
            b"/-/health": lambda: (200, b'{"status":"ok"}'),
            b"/-/ready": lambda: (200 if live else 503, json.dumps({"ready": live}).encode()),
            b"/-/snapshot": lambda: (200 if live else 503, self.source.as_json()),
        }
        page = pages.get(call.raw_path)
        if page is None or call.method not in ("GET", "HEAD"):
            return pipeline.not_found(call)
        status, body = page()
        return Reply(
            status,
            [
                ("content-type", "application/json"),
                ("cache-control", "no-store"),
                ("content-length", str(len(body))),
            ],
            body,
        )


async def _deliver(call: Call, reply: Reply, send: Send) -> None:
    """Send the reply and watch the client meanwhile; a stream ends with whoever leaves first."""
    watcher: asyncio.Task[None] | None = None
    if not isinstance(reply.body, bytes) and (call.body.finished or not call.has_body):
        watcher = asyncio.ensure_future(call.body.until_gone())
    try:
        await send_reply(call, reply, send, gone=watcher.done if watcher else lambda: False)
    finally:
        reply.close()
        if watcher is not None:
            watcher.cancel()


def _log_access(call: Call, status: int, seconds: float) -> None:
    exchange = call.exchange
    operation, application = "-", "-"
    if exchange is not None:
        contract = exchange.contract
        operation = f"{contract.contract}@{contract.version}/{exchange.operation.name}"
        application = exchange.application or "-"
    path = call.raw_path.decode("ascii", "backslashreplace")
    logging.getLogger("gateway.access").info(
        "%s %s %s %d %.1fms %s %s %s",
        call.client,
        call.method,
        path,
        status,
        seconds * 1000,
        operation,
        application,
        call.id,
    )
