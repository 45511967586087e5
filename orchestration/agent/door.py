"""Where agents come in: a WebSocket of the worker, a token per agent, looked at again while it is there."""

import asyncio
import hashlib
import logging
from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy import Engine, select
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from orchestration.agent import frames
from orchestration.agent.hub import Hub, Line
from registry.db.engine import transaction
from registry.db.models import Agent

_LOOK = 2.0  # seconds between two looks whether the token still counts
_GREETING = 10.0
_NOT_OURS, _STRANGER, _REVOKED = 1008, 4401, 4403
_LOG = "treaty.agents"


class Door:
    """The endpoint `/agents/{site}`."""

    def __init__(self, hub: Hub, engine: Engine) -> None:
        self._hub, self._engine = hub, engine

    async def serve(self, socket: WebSocket) -> None:
        """Serve one agent until it goes, or is sent away."""
        site = str(socket.path_params["site"])
        offered = socket.headers.get("authorization", "").removeprefix("Bearer ")
        digest = hashlib.sha256(offered.encode()).hexdigest()
        agent = await run_in_threadpool(self._known, site, digest)
        await socket.accept()
        if agent is None:
            await socket.close(_STRANGER, "no token of this site")
            return
        try:
            hello = _greeting(await asyncio.wait_for(socket.receive_text(), _GREETING))
            await self._attend(socket, site, agent, digest, hello)
        except (frames.FrameError, KeyError, TimeoutError) as error:
            with suppress(RuntimeError):
                await socket.close(_NOT_OURS, str(error)[:100])
        except WebSocketDisconnect:
            pass

    async def _attend(
        self, socket: WebSocket, site: str, agent: str, digest: str, hello: frames.Hello
    ) -> None:
        loop, outbox = asyncio.get_running_loop(), asyncio.Queue[str]()
        line = Line(agent, site, hello, lambda text: _put(loop, outbox, text))
        self._hub.join(line)
        logging.getLogger(_LOG).info("agent %s of %s has come", agent, site)
        tasks = [
            asyncio.create_task(self._send(socket, outbox)),
            asyncio.create_task(self._receive(socket, line)),
            asyncio.create_task(self._watch(socket, site, digest)),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._hub.leave(line)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            logging.getLogger(_LOG).info("agent %s of %s has gone", agent, site)

    @staticmethod
    async def _send(socket: WebSocket, outbox: "asyncio.Queue[str]") -> None:
        while True:
            await socket.send_text(await outbox.get())

    async def _receive(self, socket: WebSocket, line: Line) -> None:
        while True:
            frame = frames.read(await socket.receive_text())
            if not isinstance(frame, frames.Came):
                raise frames.FrameError("an agent only tells outcomes")
            self._hub.came(line, frame)

    async def _watch(self, socket: WebSocket, site: str, digest: str) -> None:
        while await run_in_threadpool(self._known, site, digest) is not None:  # noqa: ASYNC110  # it happens in the database
            await asyncio.sleep(_LOOK)
        await socket.close(_REVOKED, "the token was revoked")

    def _known(self, site: str, digest: str) -> str | None:
        """Return the agent's name, and note that it is there; None for a token that does not count."""
        with transaction(self._engine, writes=True) as session:
            row = session.scalars(
                select(Agent).where(Agent.token_hash == digest, Agent.site == site)
            ).first()
            if row is None or row.revoked_at is not None:
                return None
            row.seen_at = datetime.now(UTC)
            return row.name


def _greeting(text: str) -> frames.Hello:
    hello = frames.read(text)
    if not isinstance(hello, frames.Hello):
        raise frames.FrameError("an agent says hello first")
    return hello


def _put(loop: asyncio.AbstractEventLoop, outbox: "asyncio.Queue[str]", text: str) -> None:
    with suppress(RuntimeError):  # the loop has ended, and with it the connection
        loop.call_soon_threadsafe(outbox.put_nowait, text)
