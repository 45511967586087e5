"""The upstream's side: a small protocol, and its implementation on aiohttp.

Bodies stream both ways under back-pressure; nothing is decompressed, redirected or remembered.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

import aiohttp
from yarl import URL

from contracts import catalog
from gateway.refusal import Refused, refused
from gateway.transport.downstream import RequestBody, UpstreamBrokeError
from gateway.transport.headers import Fields

_CHUNK = 65_536
_MAX_HEADER = 16_384
_MAX_CONNECTIONS = 1000
_FIRST_FINAL, _LAST = 200, 599


@dataclass(frozen=True, slots=True)
class Outbound:
    """One request to an upstream."""

    method: str
    url: str
    fields: Fields
    body: RequestBody | None
    timeout_seconds: float  # until the head of the answer, and between chunks of its body


class Answer(Protocol):
    """The head of an answer, and its body to come."""

    status: int
    fields: Fields

    @property
    def length(self) -> int | None:
        """Return the declared length in bytes."""
        ...

    def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body. Raises `Refused` or `UpstreamBrokeError` when it ends early."""
        ...

    def close(self) -> None:
        """Give up the connection; harmless after the body has ended."""
        ...


class Upstream(Protocol):
    """Whatever answers requests."""

    async def send(self, outbound: Outbound) -> Answer:
        """Return the answer's head. Raises `Refused` (upstream-…), and what the body raised."""
        ...


class AiohttpUpstream:
    """Upstreams over HTTP/1.1, with pooled connections."""

    def __init__(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=_MAX_CONNECTIONS),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            max_line_size=_MAX_HEADER,
            max_field_size=_MAX_HEADER,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        )

    async def send(self, outbound: Outbound) -> Answer:
        body = outbound.body
        try:
            async with asyncio.timeout(outbound.timeout_seconds):
                response = await self._session.request(
                    outbound.method,
                    URL(outbound.url, encoded=True),
                    headers=[(name, _transcoded(value)) for name, value in outbound.fields],
                    data=None if body is None else body.chunks(),
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(
                        total=None, sock_read=outbound.timeout_seconds, connect=None
                    ),
                )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if body is not None and body.failure is not None:
                raise body.failure from None
            raise _translated(error) from None
        if not _FIRST_FINAL <= response.status <= _LAST:
            response.close()
            raise refused(catalog.UPSTREAM_INVALID, "The upstream's answer has no known status.")
        return _AiohttpAnswer(response, body)

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()


class _AiohttpAnswer:
    def __init__(self, response: aiohttp.ClientResponse, body: RequestBody | None) -> None:
        self._response = response
        self._request_body = body
        self.status = response.status
        self.fields: Fields = [
            (name.decode("latin-1").lower(), value.decode("latin-1"))
            for name, value in response.raw_headers
        ]

    @property
    def length(self) -> int | None:
        return self._response.content_length

    async def chunks(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._response.content.iter_chunked(_CHUNK):
                yield chunk
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise UpstreamBrokeError(type(error).__name__) from error

    def close(self) -> None:
        self._response.close()


def _translated(error: Exception) -> Refused:
    """Return the refusal; the exception's text stays inside, it may name internal addresses."""
    if isinstance(error, TimeoutError):
        return refused(catalog.UPSTREAM_TIMEOUT, "The upstream did not answer in time.")
    if isinstance(error, aiohttp.ClientConnectorError):
        return refused(catalog.UPSTREAM_UNREACHABLE, "The upstream refuses connections.")
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return refused(catalog.UPSTREAM_INVALID, "The upstream closed without an answer.")
    if isinstance(error, OSError):
        return refused(catalog.UPSTREAM_UNREACHABLE, "The connection to the upstream broke.")
    return refused(catalog.UPSTREAM_INVALID, "The upstream's answer is not valid HTTP.")


def _transcoded(value: str) -> str:
    """Return the value so that aiohttp, which writes UTF-8, sends the bytes that came."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value
