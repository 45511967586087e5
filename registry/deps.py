"""What endpoints depend on: the process's parts, and a unit of work in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.security import APIKeyCookie, HTTPBearer
from sqlalchemy import Engine

from contracts import catalog
from contracts.errors import TreatyError
from registry.auth import COOKIE, authenticate
from registry.db.engine import transaction
from registry.db.orm import Revised
from registry.issuer.keyring import Keyring
from registry.services.work import IssuerFacts, Units, Work
from registry.settings import Settings


@dataclass(frozen=True)
class Parts:
    """What the composition root made, reachable from every request."""

    settings: Settings
    engine: Engine
    keyring: Keyring
    issuer: IssuerFacts


def parts_of(request: Request) -> Parts:
    """Return the parts of the application that serves the request."""
    parts: Parts = request.app.state.parts
    return parts


def _work(request: Request, *, writes: bool) -> Iterator[Work]:
    parts = parts_of(request)
    with transaction(parts.engine, writes=writes) as session:
        actor = authenticate(request, session, datetime.now(UTC))
        yield Work(session, actor, parts.issuer)


def _reading(request: Request) -> Iterator[Work]:
    yield from _work(request, writes=False)


def _writing(request: Request) -> Iterator[Work]:
    yield from _work(request, writes=True)


def _units(request: Request) -> Units:
    parts = parts_of(request)

    @contextmanager
    def unit(*, writes: bool = False) -> Iterator[Work]:
        with transaction(parts.engine, writes=writes) as session:
            yield Work(session, authenticate(request, session, datetime.now(UTC)), parts.issuer)

    return unit


_bearer = HTTPBearer(auto_error=False, scheme_name="apiToken", description="An API token, `trt_…`")
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, scheme_name="session")

# The transaction ends before the answer leaves: a failed commit must not look like success.
Reading = Annotated[Work, Depends(_reading, scope="function")]
Writing = Annotated[Work, Depends(_writing, scope="function")]
# For what takes long: several short transactions instead of one that everybody waits for.
Stepwise = Annotated[Units, Depends(_units)]
SECURITY = [Depends(_bearer), Depends(_cookie)]

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The ETag of the representation that the change is based on (RFC 9110 13.1.1).",
        max_length=100,
    ),
]


def etag(row: Revised) -> str:
    """Return the entity tag of a row."""
    return f'"{row.revision}"'


def require_match(if_match: str | None, row: Revised) -> None:
    """Raise `TreatyError` (precondition-required, precondition-failed) unless the tag fits."""
    if if_match is None:
        raise TreatyError(
            catalog.PRECONDITION_REQUIRED,
            "Send the ETag you read as `If-Match`, so that nobody's change is lost.",
        )
    tags = {tag.strip() for tag in if_match.split(",")}
    if not tags & {"*", etag(row)}:
        raise TreatyError(
            catalog.PRECONDITION_FAILED,
            f"The resource is at {etag(row)} by now; read it again.",
        )
