"""The registry as the gateway uses it: a bearer token from a file, JSON both ways, bounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from gateway.pacing import RegistryAwayError

_MAX_BYTES = 64 * 1024 * 1024
_TIMEOUT_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Answer:
    """What the registry said; header names in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Registry:
    """One registry; the token file is read anew for every call, so that it can be rotated."""

    def __init__(self, url: str, token_file: Path) -> None:
        self._url = url.rstrip("/")
        self._token_file = token_file
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS),
        )

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Return the answer, whatever its status. Raises `RegistryAwayError`."""
        try:
            token = self._token_file.read_text(encoding="ascii").strip()
            async with self._session.request(
                method,
                self._url + path,
                json=body,
                headers={"Authorization": f"Bearer {token}", **(headers or {})},
                allow_redirects=False,
            ) as response:
                chunks, size = list[bytes](), 0
                async for chunk in response.content.iter_any():
                    chunks.append(chunk)
                    size += len(chunk)
                    if size > _MAX_BYTES:
                        raise RegistryAwayError("its answer is too large")
                return Answer(response.status, response.headers, b"".join(chunks))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise RegistryAwayError(type(error).__name__) from None

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()
