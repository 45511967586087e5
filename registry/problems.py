"""The HTTP edge's one translator: every error leaves as application/problem+json (RFC 9457)."""

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from contracts import catalog
from contracts import pointer as jp
from contracts.errors import TreatyError
from contracts.problem import MEDIA_TYPE, Detail, Problem, ProblemType

BY_STATUS: dict[int, ProblemType] = {
    400: catalog.MALFORMED_REQUEST,
    401: catalog.UNAUTHENTICATED,
    403: catalog.FORBIDDEN,
    404: catalog.NOT_FOUND,
    405: catalog.METHOD_NOT_ALLOWED,
    406: catalog.NOT_ACCEPTABLE,
    413: catalog.BODY_TOO_LARGE,
    415: catalog.UNSUPPORTED_MEDIA_TYPE,
}


def respond(problem: Problem, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return the answer; a 401 always carries a challenge (RFC 9110 section 11.6.1)."""
    extra = dict(headers or {})
    if problem.type.status == HTTPStatus.UNAUTHORIZED:
        extra.setdefault("WWW-Authenticate", 'Bearer realm="treaty-registry"')
    return JSONResponse(
        problem.as_json(), problem.type.status, headers=extra, media_type=MEDIA_TYPE
    )


def _domain(_request: Request, error: Exception) -> Response:
    assert isinstance(error, TreatyError)  # noqa: S101  # registered for this class only
    return respond(error.problem)


def _framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # registered for this class only
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        # The framework names the methods of one route; a path may have several.
        allowed = ", ".join(allowed_methods(request))
        return respond(
            Problem(catalog.METHOD_NOT_ALLOWED, f"This path takes {allowed}."), {"Allow": allowed}
        )
    kind = BY_STATUS.get(error.status_code, catalog.INTERNAL)
    return respond(Problem(kind, f"{kind.title}."), dict(error.headers or {}))


def allowed_methods(request: Request) -> list[str]:
    """Return the methods that some route takes for the request's path."""
    probe = dict(request.scope)
    found = set()
    for method in ("DELETE", "GET", "PATCH", "POST", "PUT"):
        probe["method"] = method
        if any(route.matches(probe)[0] is Match.FULL for route in request.app.routes):
            found.add(method)
    return sorted(found)


def _validation(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # registered for this class only
    causes = error.errors()
    malformed = any(cause["type"] == "json_invalid" for cause in causes)
    kind = catalog.MALFORMED_REQUEST if malformed else catalog.INVALID_REQUEST
    # The offending value stays out of the answer: it may be a secret in the wrong place.
    details = tuple(Detail(cause["msg"], jp.join("", *cause["loc"])) for cause in causes[:20])
    sentence = f"{details[0].pointer}: {details[0].detail}" if details else kind.title
    return respond(Problem(kind, sentence, details))


def _integrity(_request: Request, _error: Exception) -> Response:
    """A constraint caught what two requests did at the same time."""
    return respond(
        Problem(catalog.CONFLICT, "Somebody else changed this at the same time; try again.")
    )


def _unexpected(request: Request, error: Exception) -> Response:
    logging.getLogger("registry").error(
        "%s %s failed", request.method, request.url.path, exc_info=error
    )
    return respond(Problem(catalog.INTERNAL, "The registry failed; its log says why."))


def install(app: FastAPI) -> None:
    """Make `app` answer every error as a problem."""
    app.add_exception_handler(TreatyError, _domain)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(IntegrityError, _integrity)
    app.add_exception_handler(Exception, _unexpected)
