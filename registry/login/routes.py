"""The pages of signing in and out; not part of the described API."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select

from contracts import catalog
from contracts.errors import TreatyError
from registry.auth import COOKIE
from registry.console.pages import page
from registry.db.engine import transaction
from registry.db.models import Person
from registry.deps import Parts, parts_of
from registry.issuer.routes import ISSUER
from registry.login import oidc, sessions
from registry.permissions import ROLES
from registry.services.work import Work

router = APIRouter(include_in_schema=False)
_Process = Annotated[Parts, Depends(parts_of)]
_FLOW = "treaty_login"
_FLOW_SECONDS = 600


def _signed_in(work: Work, parts: Parts, person: Person) -> Response:
    answer = RedirectResponse("/", 303)
    settings = parts.settings
    answer.set_cookie(
        COOKIE,
        sessions.start(work, person, settings),
        max_age=settings.session_lifetime_hours * 3600,
        httponly=True,
        samesite="lax",
        secure=settings.public_url.startswith("https"),
    )
    return answer


@router.get("/login/link/{secret}")
def follow_link(secret: str, request: Request, parts: _Process) -> Response:
    """Sign a person in by a one-time link."""
    with transaction(parts.engine, writes=True) as session:
        work = Work(session, ISSUER, parts.issuer)
        person = sessions.use_link(work, secret)
        if person is not None:
            return _signed_in(work, parts, person)
    return page(request, "sign_in.html", 410, spent=True, oidc=oidc.configured(parts.settings))


@router.get("/login")
def sign_in(request: Request, parts: _Process) -> Response:
    """Say how to sign in."""
    return page(request, "sign_in.html", 200, spent=False, oidc=oidc.configured(parts.settings))


@router.get("/login/oidc")
def start_oidc(parts: _Process) -> Response:
    """Send the browser to the identity provider."""
    _require_oidc(parts)
    started = oidc.start(parts.settings)
    answer = RedirectResponse(started.url, 303)
    flow = json.dumps([started.state, started.nonce, started.verifier])
    # Sealed, so that a page on the same host cannot plant a flow of its own.
    answer.set_cookie(
        _FLOW, parts.keyring.seal(flow.encode(), _FLOW), max_age=_FLOW_SECONDS, httponly=True,
        samesite="lax", secure=parts.settings.public_url.startswith("https"),
    )  # fmt: skip
    return answer


@router.get("/login/oidc/callback")
def finish_oidc(request: Request, parts: _Process) -> Response:
    """Take the browser back from the identity provider."""
    _require_oidc(parts)
    state, nonce, verifier = _flow(request, parts)
    if request.query_params.get("state") != state or not request.query_params.get("code"):
        raise TreatyError(
            catalog.UNAUTHENTICATED, "The sign-in was not started here, or was refused."
        )
    claims = oidc.finish(parts.settings, request.query_params["code"], nonce, verifier)
    with transaction(parts.engine, writes=True) as session:
        work = Work(session, ISSUER, parts.issuer)
        answer = _signed_in(work, parts, _person(work, parts, claims))
    answer.delete_cookie(_FLOW)
    return answer


@router.post("/logout")
def sign_out(request: Request, parts: _Process) -> Response:
    """End the session."""
    cookie = request.cookies.get(COOKIE)
    if cookie:
        with transaction(parts.engine, writes=True) as session:
            sessions.end(session, cookie)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE)
    return answer


def _require_oidc(parts: Parts) -> None:
    if not oidc.configured(parts.settings):
        raise TreatyError(catalog.NOT_FOUND, "OpenID Connect is not configured here.")


def _flow(request: Request, parts: Parts) -> tuple[str, str, str]:
    try:
        sealed = request.cookies.get(_FLOW, "")
        state, nonce, verifier = json.loads(parts.keyring.open(sealed, _FLOW))
    except Exception:  # noqa: BLE001  # absent, foreign, cut short: all the same to the person
        raise TreatyError(catalog.UNAUTHENTICATED, "The sign-in was not started here.") from None
    return state, nonce, verifier


def _person(work: Work, parts: Parts, claims: dict[str, Any]) -> Person:
    """Return the person of a subject: known, invited by a verified address, or new."""
    subject = f"{claims['iss']}#{claims['sub']}"[:200]
    known = work.session.scalars(select(Person).where(Person.subject == subject)).first()
    if known is not None:
        return known
    email = claims.get("email") if claims.get("email_verified") is True else None
    invited = None
    if isinstance(email, str):
        query = select(Person).where(Person.email == email, Person.subject.is_(None))
        invited = work.session.scalars(query).first()
    role = parts.settings.oidc_default_role
    person = invited or Person(
        name=str(claims.get("name") or "New person")[:200], email=email,
        role=role if role in ROLES else "consumer", created_at=work.now(),
    )  # fmt: skip
    person.subject = subject
    work.session.add(person)
    work.session.flush()
    work.record("person.linked", person.id)
    return person
