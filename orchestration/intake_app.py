"""The worker's own HTTP: events and signals in, health out. CloudEvents 1.0 in structured JSON mode."""

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from contracts import catalog
from contracts.document import Json
from contracts.errors import TreatyError
from contracts.problem import MEDIA_TYPE, Problem
from orchestration.agent.door import Door
from orchestration.agent.hub import Hub
from orchestration.runs import intake, people
from orchestration.worker import now
from registry.db.engine import transaction

MAX_BODY = 1_000_000
_Handler = Callable[[Request], Awaitable[Response]]


def app(
    engine: Engine,
    wake: Callable[[], None],
    token: str = "",
    apis: Mapping[str, ASGIApp] | None = None,
    hub: Hub | None = None,
) -> Starlette:
    """Return the application; with a token, callers have to show it (RFC 6750).

    `apis` are served below `/api/NAME`; agents of the hub come in at `/agents/SITE`.
    """

    async def events(request: Request) -> Response:
        body = await _json(request)
        if isinstance(body, dict):
            # The CloudEvents extension comes first: it says where the event began.
            body.setdefault("traceparent", request.headers.get("traceparent"))
        event = intake.event(body)

        def take() -> int:
            try:
                with transaction(engine, writes=True) as session:
                    return intake.accept(session, event, now())
            except IntegrityError:
                return -1  # it has come twice at the same time, and the other one is kept

        runs = await run_in_threadpool(take)
        wake()
        told = "known" if runs < 0 else "accepted"
        return JSONResponse({"event": told, "runs": max(0, runs)}, 202)

    async def signal(request: Request) -> Response:
        data = await _json(request)
        run, name = request.path_params["run"], request.path_params["name"]

        def keep() -> bool:
            with transaction(engine, writes=True) as session:
                return people.signal(session, run, name, data, now())

        kept = await run_in_threadpool(keep)
        wake()
        if not kept:
            raise TreatyError(catalog.INVALID_STATE, "The run has ended.")
        return JSONResponse({"signal": name}, 202)

    async def ready(_: Request) -> Response:
        return JSONResponse({"status": "ready"})

    routes = [
        Route("/events", _guarded(events, token), methods=["POST"]),
        Route("/runs/{run}/signals/{name}", _guarded(signal, token), methods=["POST"]),
        Route("/-/ready", ready),
        *(Mount(f"/api/{name}", _Guard(api, token)) for name, api in (apis or {}).items()),
    ]
    doors = [WebSocketRoute("/agents/{site}", Door(hub, engine).serve)] if hub is not None else []
    return Starlette(routes=[*routes, *doors])


class _Guard:
    """Lets calls with the worker's token through to an application."""

    def __init__(self, inner: ASGIApp, token: str) -> None:
        self._inner, self._token = inner, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _may(Request(scope), self._token):
            await _stranger()(scope, receive, send)
            return
        await self._inner(scope, receive, send)


def _may(request: Request, token: str) -> bool:
    offered = request.headers.get("authorization", "")
    return not token or hmac.compare_digest(offered.encode(), f"Bearer {token}".encode())


def _stranger() -> Response:
    refused = Problem(catalog.UNAUTHENTICATED, "Send the worker's token.")
    return _problem(refused, {"WWW-Authenticate": "Bearer"})


def _guarded(handler: _Handler, token: str) -> _Handler:
    async def guarded(request: Request) -> Response:
        if not _may(request, token):
            return _stranger()
        try:
            return await handler(request)
        except TreatyError as error:
            return _problem(error.problem)

    return guarded


def _problem(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(problem.as_json(), problem.type.status, headers, MEDIA_TYPE)


async def _json(request: Request) -> Json:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise TreatyError(catalog.BODY_TOO_LARGE, f"A body may have {MAX_BODY} bytes.")
    try:
        value: Json = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise TreatyError(catalog.MALFORMED_REQUEST, "The body is not JSON.") from None
    return value


def _no_constant(_: str) -> None:
    raise ValueError("NaN and Infinity are no JSON (RFC 8259 section 6)")
