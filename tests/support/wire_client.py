"""A raw client socket that plays a case's steps and collects whatever comes back."""

import asyncio
import contextlib
import socket
import struct

import wire_message
from wire_bytes import expand

PATIENCE = 1.0  # seconds; only a failing case waits so long


class Client:
    """Reads in the background, so that an early refusal is seen whatever is being sent."""

    def __init__(self, methods, templates):
        self._methods, self._templates = methods, templates
        self.received = b""
        self.ended = False
        self.gone = False
        self._news = asyncio.Event()

    async def __aenter__(self):
        self._loop = asyncio.get_running_loop()
        return self

    async def connect(self, port):
        self._socket = socket.socket()
        self._socket.setblocking(False)
        await self._loop.sock_connect(self._socket, ("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reading = asyncio.create_task(self._read())

    async def __aexit__(self, *_):
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        self._socket.close()

    async def _read(self):
        data = b"-"
        while data:
            try:
                data = await self._loop.sock_recv(self._socket, 262_144)
            except OSError:
                data = b""
            self.received += data
            self.ended = not data
            self._news.set()

    async def play(self, steps):
        for step in steps:
            await self._step(step)

    async def _step(self, step):
        if step == "half-close":
            self.half_close()
        elif step in ("vanish", "reset"):
            await self._vanish(rudely=step == "reset")
        elif isinstance(step, str):
            await self.send(expand(step))
        elif "pause" in step:
            await asyncio.sleep(step["pause"])
        elif "await" in step:
            await self.until(lambda: expand(step["await"]) in self.received)
        elif "trickle" in step:
            await self._trickle(expand(step["trickle"]), step.get("by", 1))
        else:
            ((name, text),) = step.items()
            await self.send(expand(self._templates[name].replace("%%", text)))

    async def _trickle(self, data, size):
        for start in range(0, len(data), size):
            await self.send(data[start : start + size])
            await asyncio.sleep(0.0005)

    async def send(self, data):
        # A gateway that refuses closes while we still write; what it said is what counts.
        with contextlib.suppress(OSError, TimeoutError):
            await asyncio.wait_for(self._loop.sock_sendall(self._socket, data), PATIENCE)

    def half_close(self):
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    async def _vanish(self, *, rudely):
        if rudely:
            linger = struct.pack("ii", 1, 0)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        self._socket.close()
        self.ended = self.gone = True

    async def until(self, condition, seconds=PATIENCE):
        """Return whether the condition came true in time, judged at every arrival."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not condition() and not self.ended:
                    self._news.clear()
                    await self._news.wait()
        return condition()

    def finals(self):
        return wire_message.replies(self.received, self._methods, ended=self.ended)

    async def answers(self, count):
        """Wait for `count` whole responses; fewer where the connection ends before."""

        def enough():
            return sum(message.whole for message in self.finals()) >= count

        await self.until(enough)
        return self.finals()
