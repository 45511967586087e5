"""A raw client socket that plays a case's steps and collects whatever comes back."""

import asyncio
import contextlib
import itertools
import socket
import struct

import wire_message
from wire_bytes import expand, let_others_run

PATIENCE = 10.0  # seconds; only a failing case waits so long


class Client:
    """Reads in the background, so that an early refusal is seen whatever is being sent."""

    def __init__(self, methods, templates, cuts):
        self._methods, self._templates, self._cuts = methods, templates, cuts
        self.received = b""
        self.ended = False
        self.gone = False
        self._news = asyncio.Event()
        self._whole, self._read_up_to = [], 0
        self._listening = asyncio.Event()
        self._listening.set()

    async def __aenter__(self):
        self._loop = asyncio.get_running_loop()
        return self

    async def connect(self, port):
        self._socket = socket.socket()
        self._socket.setblocking(False)
        # Small, so that a client that does not read fills what lies between.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
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
            await self._listening.wait()
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
        elif step == "deaf":
            self._listening.clear()
        elif step == "listen":
            self._listening.set()
        elif step in ("vanish", "reset"):
            await self._vanish(rudely=step == "reset")
        elif isinstance(step, str):
            await self.send(expand(step))
        elif "pause" in step:
            await asyncio.sleep(step["pause"])
        elif "await" in step:
            came = await self.until(lambda: expand(step["await"]) in self.received)
            assert came, f"{step['await']!r} never came"
        elif "trickle" in step:
            await self._trickle(expand(step["trickle"]), step.get("every", 0.0005))
        else:
            ((name, text),) = step.items()
            await self.send(expand(self._templates[name].replace("%%", text)))

    async def _trickle(self, data, seconds):
        for byte in data:
            await self.send(bytes([byte]))
            await asyncio.sleep(seconds)

    async def send(self, data):
        """Send the bytes, cut where `cuts` says so."""
        places = self._cuts(len(data))
        for start, end in itertools.pairwise([0, *places, len(data)]):
            await self._send(data[start:end])
            if places:
                await let_others_run()

    async def _send(self, data):
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
        """Return the final responses so far; only the last one may be not whole."""
        known = len(self._whole)
        methods = itertools.chain(self._methods[known:], itertools.repeat("GET"))
        unread = self.received[self._read_up_to :]
        found, rest = wire_message.replies(unread, methods, ended=self.ended)
        self._whole += [message for message in found if message.whole]
        self._read_up_to = len(self.received) - len(rest)
        return self._whole + [message for message in found if not message.whole]

    async def answers(self, count):
        """Wait for `count` whole responses; fewer where the connection ends before."""

        def enough():
            return sum(message.whole for message in self.finals()) >= count

        await self.until(enough)
        return self.finals()
