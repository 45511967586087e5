"""Response bodies: held in memory where a rule reads them, passed on as they come elsewhere."""

from collections.abc import AsyncIterator

from contracts import catalog
from gateway.refusal import Refused, refused
from gateway.runtime import Bounds, Target
from gateway.transport.downstream import UpstreamBrokeError
from gateway.transport.upstream import Answer


async def collect(response: Answer, target: Target) -> bytes | AsyncIterator[bytes]:
    """Return the whole body where a rule needs it, else a stream that is cut off at its bound.

    Raises `Refused`: response-too-large, or upstream-invalid when the body breaks off.
    """
    bounds = target.bounds
    if bounds.response_bytes is not None and (response.length or 0) > bounds.response_bytes:
        raise _too_large(bounds)
    if not target.needs_body:
        return _relay(response.chunks(), bounds)
    chunks, held, size = response.chunks(), list[bytes](), 0
    try:
        async for chunk in chunks:
            held.append(chunk)
            size += len(chunk)
            if size > bounds.buffer_bytes:
                if target.changes_body:
                    raise _too_large(bounds)
                # A rule that only observes must not fail the call: it goes without the body.
                return _relay(_chained(held, chunks), bounds)
    except UpstreamBrokeError:
        sentence = "The upstream's answer broke off."
        raise refused(catalog.UPSTREAM_INVALID, sentence) from None
    return b"".join(held)


async def _relay(chunks: AsyncIterator[bytes], bounds: Bounds) -> AsyncIterator[bytes]:
    seen = 0
    async for chunk in chunks:
        seen += len(chunk)
        if bounds.response_bytes is not None and seen > bounds.response_bytes:
            raise UpstreamBrokeError("larger than allowed")
        yield chunk


async def _chained(held: list[bytes], rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    for chunk in held:
        yield chunk
    async for chunk in rest:
        yield chunk


def _too_large(bounds: Bounds) -> Refused:
    sentence = f"The upstream's answer has more than {bounds.buffer_bytes} bytes."
    return refused(catalog.RESPONSE_TOO_LARGE, sentence, source=bounds.source)
