"""Small JSON documents from other servers: bounded in size and time, never redirected.

Called by `jwks` and `introspection`. What goes wrong is one `AwayError`, without values.
"""

import asyncio
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import aiohttp

_SECONDS = 4.0
_MAX_BYTES = 262_144


class AwayError(Exception):
    """The server did not give what it was asked for; the text says how."""


async def ask(
    url: str,
    types: frozenset[str],
    *,
    form: Mapping[str, str] | None = None,
    authorization: str | None = None,
    max_bytes: int = _MAX_BYTES,
) -> dict[str, Any]:
    """Return the JSON object at the URL; POST where there is a form. Raises `AwayError`."""
    import aiohttp  # noqa: PLC0415  # 10 MB, which a gateway that asks nobody does not need

    fields = {"Accept": ", ".join(sorted(types)), "Accept-Encoding": "identity"}
    if authorization is not None:
        fields["Authorization"] = authorization
    try:
        async with (
            asyncio.timeout(_SECONDS),
            aiohttp.ClientSession(
                trust_env=False, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
            ) as session,
            session.request(
                "GET" if form is None else "POST",
                url,
                data=None if form is None else dict(form),
                headers=fields,
                allow_redirects=False,
            ) as response,
        ):
            return _object(await _body(response, types, max_bytes))
    except TimeoutError:
        raise AwayError("it took too long") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise AwayError(type(error).__name__) from None


async def _body(response: "aiohttp.ClientResponse", types: frozenset[str], max_bytes: int) -> bytes:
    if response.status != 200:  # noqa: PLR2004  # redirects too: the address is what was configured
        raise AwayError(f"status {response.status}")
    if response.content_type not in types or "Content-Encoding" in response.headers:
        raise AwayError("its media type is not the one asked for")
    chunks, size = list[bytes](), 0
    async for chunk in response.content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size > max_bytes:
            raise AwayError("its answer is too large")
    return b"".join(chunks)


def _object(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text.decode("utf-8"), object_pairs_hook=_members)
    except (ValueError, RecursionError):
        raise AwayError("its answer is no JSON") from None
    if not isinstance(value, dict):
        raise AwayError("its answer is no JSON object")
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate member")
    return members
