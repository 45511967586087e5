"""In which form a report leaves: by `?format=`, else by the Accept header (RFC 9110 12.5.1)."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from fastapi import Request, Response

from contracts import catalog
from contracts.errors import TreatyError

_MAX_ACCEPT = 1000


class Form(StrEnum):
    """The forms of a report."""

    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"
    SARIF = "sarif"
    TEXT = "text"
    JUNIT = "junit"


MEDIA: Mapping[Form, str] = {
    Form.JSON: "application/json",
    Form.MARKDOWN: "text/markdown",
    Form.HTML: "text/html",
    Form.SARIF: "application/sarif+json",
    Form.TEXT: "text/plain",
    Form.JUNIT: "application/xml",
}
_SAFE = {
    # The page carries its own style and asks nobody for anything.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def chosen(request: Request, form: Form | None, offered: Sequence[Form]) -> Form:
    """Return the form that is asked for. Raises `TreatyError` (not-acceptable)."""
    if form is None:
        return _by_accept(request.headers.get("accept", "*/*"), offered)
    if form not in offered:
        raise _refused(offered)
    return form


def respond(text: str, form: Form, location: str) -> Response:
    """Return the text in its media type; `location` is where this very report can be read again."""
    return Response(
        text.encode(errors="backslashreplace"),
        media_type=MEDIA[form],
        headers={"Content-Location": location, "Vary": "Accept", **_SAFE},
    )


def described(model: Any, offered: Sequence[Form], meaning: str) -> dict[int | str, dict[str, Any]]:
    """Return the description of the answer for the registry's own OpenAPI."""
    texts: dict[str, Any] = {
        MEDIA[form]: {"schema": {"type": "string"}} for form in offered if form is not Form.JSON
    }
    if Form.SARIF in offered:
        texts[MEDIA[Form.SARIF]] = {"schema": {"type": "object"}}
    return {200: {"description": meaning, "model": model, "content": texts}}


def _by_accept(header: str, offered: Sequence[Form]) -> Form:
    wanted: list[tuple[float, int, Form]] = []
    for place, entry in enumerate(header[:_MAX_ACCEPT].split(",")):
        name, _, parameters = entry.partition(";")
        quality = _quality(parameters)
        for form in offered:
            if quality > 0 and _covers(name.strip().lower(), MEDIA[form]):
                wanted.append((quality, -place, form))
                break
    if not wanted:
        raise _refused(offered)
    return max(wanted, key=lambda each: each[:2])[2]


def _covers(range_: str, media: str) -> bool:
    return range_ in ("*/*", media, media.partition("/")[0] + "/*")


def _quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _refused(offered: Sequence[Form]) -> TreatyError:
    names = ", ".join(MEDIA[form] for form in offered)
    return TreatyError(catalog.NOT_ACCEPTABLE, f"This is offered as {names}.")
