"""The issuer's endpoints: token, introspection, revocation, keys and metadata."""

import base64
import math
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from registry.api.wire import Moment, Out, problems
from registry.db.engine import transaction
from registry.deps import SECURITY, Parts, Writing, parts_of
from registry.issuer import keys
from registry.issuer.attempts import Attempts
from registry.issuer.client import METHODS
from registry.issuer.server import Reply, Server
from registry.services.work import Actor, Work

router = APIRouter(tags=["issuer"])
ISSUER = Actor("system", "issuer", "issuer", "admin", frozenset(), frozenset())
_FORM = "application/x-www-form-urlencoded"
_MAX_VALUE = 10_000
_KNOWN = ("grant_type", "scope", "client_id", "client_secret", "token", "token_type_hint")
_Process = Annotated[Parts, Depends(parts_of)]


class TokenOut(BaseModel):
    """RFC 6749 section 5.1."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str


class OAuthError(BaseModel):
    """RFC 6749 section 5.2."""

    error: str
    error_description: str | None = None


class KeyOut(Out):
    """A signing key, its public side."""

    kid: str
    algorithm: str
    created_at: Moment
    signs_from: Moment
    retired_at: Moment | None


def _body(required: list[str], **properties: dict[str, Any]) -> dict[str, Any]:
    """Describe a form body; client credentials may come in it, or as HTTP Basic."""
    texts = {"type": "string", "maxLength": _MAX_VALUE, "pattern": "^[ -~]*$"}
    fields = {
        "client_id": texts,
        "client_secret": texts,
        **{n: texts | p for n, p in properties.items()},
    }
    schema = {"type": "object", "required": required, "properties": fields}
    return {"requestBody": {"required": True, "content": {_FORM: {"schema": schema}}}}


_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": OAuthError, "description": "The request is not valid"},
    401: {"model": OAuthError, "description": "Client authentication failed"},
    429: {"model": OAuthError, "description": "Too many failed attempts"},
    "default": problems()["default"],
}


async def _serve(request: Request, parts: Parts, name: str) -> Response:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        return _reply(_error(f"send the parameters as {_FORM}"))
    sent = (await request.form()).multi_items()
    # RFC 6749 section 3.2: unknown parameters are ignored, known ones must not be repeated.
    pairs = [(key, value) for key, value in sent if key in _KNOWN and isinstance(value, str)]
    form = dict(pairs)
    if len(form) != len(pairs):
        return _reply(_error("a parameter stands there twice"))
    if any(len(value) > _MAX_VALUE or "\x00" in value for value in form.values()):
        return _reply(_error("a parameter is too long or holds a control character"))
    if name != "token" and not form.get("token"):
        return _reply(_error("the parameter token is missing"))
    return _reply(await run_in_threadpool(_answer, request, parts, name, form))


def _answer(request: Request, parts: Parts, name: str, form: dict[str, str]) -> Reply:
    attempts: Attempts = request.app.state.attempts
    client = form.get("client_id") or _basic_user(request.headers.get("authorization", ""))
    address = request.client.host if request.client else ""
    wait = attempts.wait_seconds(client, address)
    if wait:
        body = {"error": "invalid_client", "error_description": "too many failed attempts"}
        return Reply(429, body, {"Retry-After": str(math.ceil(wait)), "Cache-Control": "no-store"})
    headers = {"Authorization": request.headers.get("authorization", "")}
    if not headers["Authorization"]:
        headers = {}
    with transaction(parts.engine, writes=True) as session:
        work = Work(session, ISSUER, parts.issuer)
        server = Server(work, parts.keyring)
        reply = (
            server.token(form, headers) if name == "token" else server.endpoint(name, form, headers)
        )
    if reply.body.get("error") == "invalid_client":
        attempts.failed(client, address)
        # RFC 6749 section 5.2: 401 with a challenge, whichever way the client authenticated.
        return Reply(401, reply.body, reply.headers | {"WWW-Authenticate": 'Basic realm="treaty"'})
    return reply


def _basic_user(authorization: str) -> str:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[0][:200]
    except ValueError:
        return ""


def _error(sentence: str) -> Reply:
    body = {"error": "invalid_request", "error_description": sentence}
    return Reply(400, body, {"Cache-Control": "no-store"})


def _reply(reply: Reply) -> Response:
    return JSONResponse(reply.body, reply.status, headers=reply.headers)


@router.post(
    "/oauth/token",
    operation_id="issueToken",
    response_model=TokenOut,
    responses=_ERRORS,
    openapi_extra=_body(["grant_type"], grant_type={"enum": ["client_credentials"]}, scope={}),
)
async def issue_token(request: Request, parts: _Process) -> Response:
    """Issue an access token to an application (RFC 6749 section 4.4, RFC 9068)."""
    return await _serve(request, parts, "token")


@router.post(
    "/oauth/introspect",
    operation_id="introspectToken",
    response_model=dict[str, Any],
    responses=_ERRORS,
    openapi_extra=_body(["token"], token={"minLength": 1}, token_type_hint={}),
)
async def introspect_token(request: Request, parts: _Process) -> Response:
    """Say whether a token of the application is active (RFC 7662)."""
    return await _serve(request, parts, "introspection")


@router.post(
    "/oauth/revoke",
    operation_id="revokeAccessToken",
    response_model=dict[str, Any],
    responses=_ERRORS,
    openapi_extra=_body(["token"], token={"minLength": 1}, token_type_hint={}),
)
async def revoke_access_token(request: Request, parts: _Process) -> Response:
    """End a token of the application (RFC 7009)."""
    return await _serve(request, parts, "revocation")


@router.get("/oauth/jwks.json", operation_id="getKeys")
def get_keys(parts: _Process) -> dict[str, Any]:
    """Read the public keys (RFC 7517)."""
    with transaction(parts.engine, writes=False) as session:
        return keys.public(Work(session, ISSUER, parts.issuer))


@router.get("/.well-known/oauth-authorization-server", operation_id="getIssuerMetadata")
def get_metadata(parts: _Process) -> dict[str, Any]:
    """Read what this issuer offers (RFC 8414)."""
    base = parts.issuer.issuer
    return {
        "issuer": base,
        "token_endpoint": f"{base}/oauth/token",
        "introspection_endpoint": f"{base}/oauth/introspect",
        "revocation_endpoint": f"{base}/oauth/revoke",
        "jwks_uri": f"{base}/oauth/jwks.json",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": list(METHODS),
        "introspection_endpoint_auth_methods_supported": list(METHODS),
        "revocation_endpoint_auth_methods_supported": list(METHODS),
        "service_documentation": f"{base}/openapi.json",
    }


@router.post(
    "/v1/issuer/keys/rotate",
    operation_id="rotateKeys",
    status_code=201,
    dependencies=SECURITY,
    responses=problems(409),
)
def rotate_keys(work: Writing, parts: _Process) -> KeyOut:
    """Add a signing key; it signs once every gateway has had time to hear of it."""
    return KeyOut.model_validate(keys.rotate(work, parts.keyring))
