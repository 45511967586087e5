"""A real gateway in this event loop: raw upstreams and a fake registry on loopback sockets."""

import asyncio
import contextlib
import hashlib
import json
from dataclasses import dataclass, field

import pytest
from psa_world import NOW, compiled

from gateway.app import Gateway
from gateway.ports import Shared
from gateway.server import server as build_server
from gateway.settings import Settings
from policies.snapshot import (
    ApiKeyPlan,
    ApplicationPlan,
    GrantPlan,
    LimitPlan,
    Snapshot,
    UsagePlan,
)

PERSONAL = b"""
policy: reveal
kind: mask
spec:
  from: classification
  reveal: [{scopes: [projects.personal], categories: [PII, contact]}]
"""
SCOPES = {
    "reader": ("projects.read",),
    "writer": ("projects.write",),
    "everything": ("projects.read", "projects.write", "projects.personal", "projects.costs"),
}


def snapshot(policies=b"", quota=100, **changes):
    """The shipped PSA contract, callable with `X-Api-Key: key-<application>`."""
    plain = compiled(policies, **changes).snapshot
    limit = LimitPlan(name="calls", quota=quota, window_seconds=60)
    return plain.model_copy(
        update={
            "applications": tuple(ApplicationPlan(id=n, name=n, team="clients") for n in SCOPES),
            "api_keys": tuple(
                ApiKeyPlan(digest=hashlib.sha256(f"key-{n}".encode()).hexdigest(), application=n)
                for n in SCOPES
            ),
            "plans": (UsagePlan(name="small", limits=(limit,)),),
            "grants": tuple(
                GrantPlan(application=n, contract="psa.projects", plan="small", scopes=scopes)
                for n, scopes in SCOPES.items()
            ),
        }
    ).sealed()


@dataclass
class Request:
    head: str
    body: bytes = b""

    @property
    def line(self):
        return self.head.split("\r\n", 1)[0]

    @property
    def headers(self):
        pairs = [line.split(": ", 1) for line in self.head.split("\r\n")[1:] if line]
        return {name.lower(): value for name, value in pairs}

    def json(self):
        return json.loads(self.body)


async def read_request(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    request = Request(head)
    if "transfer-encoding" in request.headers:
        while size := int(await reader.readline(), 16):
            request.body += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readline()
    else:
        request.body = await reader.readexactly(int(request.headers.get("content-length", 0)))
    return request


def response(status=200, body=b"", *fields, length=True):
    lines = [f"HTTP/1.1 {status} OK", *fields]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


class RawServer:
    """Answers every connection's requests by `script(request, writer)`, bytes as they are."""

    def __init__(self, script):
        self.script = script
        self.requests = []
        self.connections = set()

    async def __aenter__(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_):
        self.server.close()
        for task in list(self.connections):
            task.cancel()
        await asyncio.gather(*self.connections, return_exceptions=True)

    async def _serve(self, reader, writer):
        task = asyncio.current_task()
        self.connections.add(task)
        try:
            while True:
                request = await read_request(reader)
                self.requests.append(request)
                answer = self.script(request, writer)
                if asyncio.iscoroutine(answer):
                    answer = await answer
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self.connections.discard(task)
            writer.close()


@dataclass
class FakeRegistry:
    """The three calls that a gateway makes."""

    snapshot: Snapshot | None = None
    text: bytes | None = None
    away: bool = False
    heartbeats: list = field(default_factory=list)
    batches: list = field(default_factory=list)
    unchanged: int = 0

    def __call__(self, request, writer):
        if self.away:
            return None
        if request.line.startswith("PUT /v1/gateways/"):
            self.heartbeats.append(request.json())
            return response(204, length=False)
        if request.line.startswith("POST /v1/ledger"):
            self.batches.append(request.json())
            return response(202)
        assert request.headers["authorization"] == "Bearer trt_gateway_secret"
        if self.snapshot is None and self.text is None:
            return response(404)
        text = self.text or self.snapshot.write()
        etag = f'"{hashlib.sha256(text).hexdigest()}"'
        if request.headers.get("if-none-match") == etag:
            self.unchanged += 1
            return response(304, b"", f"ETag: {etag}", length=False)
        return response(200, text, f"ETag: {etag}")


@dataclass
class Reply:
    status: int
    headers: dict
    body: bytes
    whole: bool = True

    def json(self):
        return json.loads(self.body)


@dataclass
class Running:
    """A gateway that serves, with what it stands between."""

    gateway: Gateway
    port: int
    registry: FakeRegistry
    upstream: RawServer | None = None

    async def send(self, raw):
        """Send bytes, return reader and writer of the connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**20)
        writer.write(raw)
        await writer.drain()
        return reader, writer

    async def call(self, method="GET", path="/projects/P-1", key="reader", *fields, body=b""):
        head = [f"{method} /psa/projects/v2{path} HTTP/1.1", "Host: gateway.example.com"]
        head += [f"X-Api-Key: key-{key}"] if key else []
        head += [f"Content-Length: {len(body)}"] if body else []
        head += ["Connection: close", *fields, "", ""]
        return await self.exchange("\r\n".join(head).encode("latin-1") + body, method)

    async def own(self, path):
        return await self.exchange(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    async def exchange(self, raw, method="GET"):
        reader, writer = await self.send(raw if isinstance(raw, bytes) else raw.encode())
        try:
            return await read_reply(reader, method)
        finally:
            writer.close()


async def read_reply(reader, method="GET"):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    headers = {}
    for line in filter(None, lines):
        name, value = line.split(":", 1)
        headers.setdefault(name.lower(), []).append(value.strip())
    headers = {name: ", ".join(values) for name, values in headers.items()}
    rest = await reader.read(-1)
    whole = True
    if headers.get("transfer-encoding") == "chunked":
        rest, whole = dechunked(rest)
    elif "content-length" in headers and method != "HEAD":
        whole = len(rest) == int(headers["content-length"])
    return Reply(int(first.split()[1]), headers, rest, whole)


def dechunked(text):
    body = b""
    while text:
        size, _, text = text.partition(b"\r\n")
        if size == b"0":
            return body, True
        body, text = body + text[: int(size, 16)], text[int(size, 16) + 2 :]
    return body, False


async def until(condition, seconds=5):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # a test watches from outside
            await asyncio.sleep(0.01)


def settings_of(folder, url):
    token = folder / "token"
    token.write_text("trt_gateway_secret\n")
    return Settings(
        registry=url,
        token_file=token,
        data_dir=folder / "data",
        poll_seconds=0.02,
        port=0,
        access_log=True,
    )


@contextlib.asynccontextmanager
async def served(gateway):
    server = build_server(gateway)
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started or task.done())
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


@pytest.fixture
def run(tmp_path):
    """`run(script, test, …)`: serve the upstream script, then run the coroutine function."""

    def start(script, test, *, registry=None, folder=tmp_path, clock=lambda: NOW, **facts):
        async def scenario():
            fake = registry or FakeRegistry()
            async with RawServer(script) as upstream, RawServer(fake) as control:
                if fake.snapshot is None and registry is None:
                    fake.snapshot = snapshot(upstream=upstream.url, **facts)
                gateway = Gateway(settings_of(folder, control.url), Shared(b"k" * 32, now=clock))
                async with served(gateway) as port:
                    running = Running(gateway, port, fake, upstream)
                    if fake.snapshot is not None and not fake.away:
                        await until(lambda: gateway.source.runtime is not None)
                    await test(running)

        asyncio.run(scenario())

    return start
