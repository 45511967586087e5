"""The console's pages: the catalog and a contract. Not part of the described API."""

from datetime import UTC, datetime
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import func, select

from registry.auth import session_actor
from registry.console.pages import page
from registry.db.engine import transaction
from registry.db.models import ContractRow, Deployment, Grant, Service, VersionRow, WaiverRow
from registry.deps import Parts, parts_of
from registry.services.judging import terms_of
from registry.services.work import Actor, Work

router = APIRouter(include_in_schema=False)
_Process = Annotated[Parts, Depends(parts_of)]


@router.get("/static/console.css")
def stylesheet() -> Response:
    """The one stylesheet."""
    css = files("registry.console").joinpath("static", "console.css").read_bytes()
    return Response(css, media_type="text/css", headers={"Cache-Control": "max-age=300"})


@router.get("/")
def catalog_page(request: Request, parts: _Process) -> Response:
    """Services with their contracts and newest versions."""
    with transaction(parts.engine, writes=False) as session:
        actor = session_actor(request, session, datetime.now(UTC))
        if actor is None:
            return RedirectResponse("/login", 303)
        work = Work(session, actor, parts.issuer)
        services = list(session.scalars(select(Service).order_by(Service.title)))
        contracts = list(session.scalars(select(ContractRow).order_by(ContractRow.id)))
        return page(
            request, "catalog.html", 200, actor=actor, services=services,
            contracts={
                service.name: [(row, _versions(work, row)) for row in contracts if row.service == service.name]
                for service in services
            },
        )  # fmt: skip


@router.get("/contracts/{contract}")
def contract_page(contract: str, request: Request, parts: _Process) -> Response:
    """A contract: versions, deployments, grants."""
    with transaction(parts.engine, writes=False) as session:
        actor = session_actor(request, session, datetime.now(UTC))
        if actor is None:
            return RedirectResponse("/login", 303)
        row = session.get(ContractRow, contract)
        if row is None:
            return page(request, "missing.html", 404, actor=actor, name=contract)
        return _contract(request, Work(session, actor, parts.issuer), row, actor)


def _contract(request: Request, work: Work, row: ContractRow, actor: Actor) -> Response:
    deployments = (
        select(Deployment).where(Deployment.contract == row.id).order_by(Deployment.base_path)
    )
    standing = select(func.count()).where(
        WaiverRow.contract == row.id, WaiverRow.state != "revoked"
    )
    grants = select(Grant).where(Grant.contract == row.id).order_by(Grant.application)
    return page(
        request, "contract.html", 200, actor=actor, contract=row,
        service=work.get(Service, row.service, "service"), versions=_versions(work, row),
        terms=terms_of(row), waivers=work.session.scalar(standing),
        deployments=list(work.session.scalars(deployments)), grants=list(work.session.scalars(grants)),
    )  # fmt: skip


def _versions(work: Work, row: ContractRow) -> list[VersionRow]:
    query = select(VersionRow).where(VersionRow.contract == row.id)
    return list(work.session.scalars(query.order_by(VersionRow.sequence.desc())))
