"""A bound on request bodies, before anything reads them."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts import catalog
from contracts.problem import Problem
from registry.problems import respond


class _TooLargeError(Exception):
    pass


class BodyLimit:
    """ASGI middleware: 413 for a declared or streamed body above the bound."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app, self._max = app, max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = next((v for k, v in scope["headers"] if k == b"content-length"), b"0")
        if declared.isdigit() and int(declared) > self._max:
            await self._refuse(scope, receive, send)
            return
        seen = 0
        started = False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._max:
                raise _TooLargeError
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _TooLargeError:
            if not started:
                await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = Problem(catalog.BODY_TOO_LARGE, f"A body may have at most {self._max} bytes.")
        await respond(problem)(scope, receive, send)
