"""A scripted raw upstream: answers bytes as a case says, and keeps what reached it."""

import asyncio
import contextlib
import itertools
import socket
import struct

import wire_message
from wire_bytes import expand, let_others_run, whole

_OK = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"ok": 1}'


class _Ended(Exception):  # noqa: N818  # a way out of nested reads, not a fault
    """The gateway closed this connection."""


class Link:
    """One connection from the gateway."""

    def __init__(self, reader, writer, cuts):
        self.reader, self.writer, self.cuts = reader, writer, cuts
        self.received = b""
        self.requests = []
        self.fault = None
        self.dismissed = False  # the case that it was made for is over
        self.gone = asyncio.Event()
        self._unread = b""

    async def more(self):
        data = await self.reader.read(65_536)
        if not data:
            raise _Ended
        self.received += data
        self._unread += data

    async def head(self):
        """Return the next request as soon as its head is whole."""
        while True:
            message, _ = wire_message.request(self._unread)
            if message is not None:
                self.requests.append(message)
                return
            await self.more()

    async def body(self):
        """Read until the last request is whole."""
        while True:
            message, rest = wire_message.request(self._unread)
            self.requests[-1] = message
            if message.whole:
                self._unread = rest
                return
            await self.more()

    async def until_gone(self):
        while True:
            await self.more()

    async def write(self, data):
        places = self.cuts(len(data))
        for start, end in itertools.pairwise([0, *places, len(data)]):
            self.writer.write(data[start:end])
            if places:
                await let_others_run()
        await self.writer.drain()

    async def echo(self):
        while True:
            if self._unread:
                data, self._unread = self._unread, b""
                self.writer.write(data)
            await self.more()

    def reset(self):
        linger = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()


class Upstream:
    """Serves one case after the other; `stage` gives it the next one's answers."""

    def __init__(self):
        self.links = []
        self._answers, self._otherwise = [], lambda: [_OK]
        self._cuts = whole
        self._tasks = set()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stage(self, answers, cuts, otherwise=lambda: [_OK]):
        """Close what is pooled, so that every case begins with a new connection.

        Requests get the `answers` in their order, further ones what `otherwise` returns.
        """
        links, self.links = self.links, []
        self._answers, self._otherwise, self._cuts = list(answers), otherwise, cuts
        for link in links:
            link.dismissed = True
            if not link.gone.is_set():
                with contextlib.suppress(OSError):
                    link.writer.write_eof()
        for link in links:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(link.gone.wait(), 0.2)
            link.writer.transport.abort()

    @property
    def requests(self):
        return [message for link in self.links for message in link.requests]

    @property
    def received(self):
        return b"".join(link.received for link in self.links)

    async def _serve(self, reader, writer):
        link = Link(reader, writer, self._cuts)
        self.links.append(link)
        task = asyncio.current_task()
        self._tasks.add(task)
        try:
            while True:
                await self._one(link)
        except (_Ended, OSError):
            pass
        except wire_message.MalformedError as fault:
            link.fault = str(fault)
        except RuntimeError:
            if not link.dismissed:  # an answer of an earlier case that came too late
                raise
        except asyncio.CancelledError:
            pass
        finally:
            self._tasks.discard(task)
            link.gone.set()
            writer.transport.abort()

    async def _one(self, link):
        await link.head()
        steps = self._answers.pop(0) if self._answers else self._otherwise()
        if steps[0] == "early":
            await _play(link, steps[1:])
            await link.body()
        else:
            await link.body()
            await _play(link, steps)


def _mirrored(message):
    """Return an answer whose body is the request's target and body."""
    body = message.line.split(" ")[1].encode() + b"|" + message.body
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


async def _play(link, steps):
    for step in steps:
        if step == "close":
            link.writer.write_eof()
            await link.until_gone()
        elif step == "echo":
            await link.echo()
        elif step == "mirror":
            await link.write(_mirrored(link.requests[-1]))
        elif step == "wait":
            await let_others_run()
        elif step == "stall":
            await link.until_gone()
        elif step == "reset":
            link.reset()
            raise _Ended
        elif isinstance(step, str):
            await link.write(expand(step))
        elif "pause" in step:
            await asyncio.sleep(step["pause"])
        else:
            for byte in expand(step["trickle"]):
                link.writer.write(bytes([byte]))
                await asyncio.sleep(0.0005)
