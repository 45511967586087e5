"""Composition root of the registry: settings in, ASGI application out."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from sqlalchemy import text

from registry.api import (
    access,
    agents,
    alerts,
    business,
    catalog,
    contracts,
    exceptions,
    flows,
    issuers,
    journal,
    lifecycle,
    lint,
    plans,
    references,
    reports,
    runtime,
    systems,
    waivers,
)
from registry.api.wire import ProblemOut
from registry.console import judgements
from registry.console.routes import router as console
from registry.db.engine import make_engine, transaction
from registry.db.migrate import require_current
from registry.db.sealing import SEALER
from registry.deps import Parts
from registry.issuer import keys
from registry.issuer.attempts import Attempts
from registry.issuer.keyring import Keyring
from registry.issuer.routes import ISSUER
from registry.issuer.routes import router as issuer
from registry.limits import BodyLimit
from registry.login.routes import router as login
from registry.problems import install
from registry.services.work import IssuerFacts, Work
from registry.settings import Settings

ROUTERS = (
    catalog.router, contracts.router, reports.router, runtime.router, access.router,
    plans.router, journal.router, issuers.router, waivers.router, lint.router,
    lifecycle.router, flows.router, exceptions.router, references.router, alerts.router, systems.router, agents.router, business.router,
    issuer, login, console, judgements.router,
)  # fmt: skip


def make_parts(settings: Settings) -> Parts:
    """Return the parts that every request shares. Nothing is read or written yet but the key files."""
    SEALER.use(settings.payload_key_file)
    return Parts(
        settings=settings,
        engine=make_engine(settings.database),
        keyring=Keyring(settings.data_dir / "issuer.key"),
        issuer=IssuerFacts(settings.public_url, settings.audience),
    )


def make_app(parts: Parts) -> FastAPI:
    """Return the application. Raises `TreatyError` on a database of another release."""
    require_current(parts.engine)
    with transaction(parts.engine, writes=True) as session:
        keys.ensure(Work(session, ISSUER, parts.issuer), parts.keyring)
    app = FastAPI(
        title="Treaty registry",
        version="1.0.0",
        summary="Catalog, contracts, grants, policies and the token issuer.",
        description="Every refusal is `application/problem+json` (RFC 9457).",
        # The bundled pages would load scripts from other hosts.
        docs_url=None,
        redoc_url=None,
    )
    app.state.parts = parts
    app.state.attempts = Attempts()
    for router in ROUTERS:
        app.include_router(router)
    _add_probes(app, parts)
    install(app)
    app.add_middleware(BodyLimit, max_bytes=parts.settings.max_body_bytes)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # FastAPI's documented way
    return app


def _add_probes(app: FastAPI, parts: Parts) -> None:
    @app.get("/healthz", operation_id="isAlive", tags=["probes"])
    def is_alive() -> dict[str, str]:
        """Say that the process runs."""
        return {"status": "alive"}

    @app.get(
        "/readyz", operation_id="isReady", tags=["probes"],
        responses={503: {"description": "The database does not answer"}},
    )  # fmt: skip
    def is_ready() -> JSONResponse:
        """Say whether the database answers."""
        try:
            with parts.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except Exception:  # noqa: BLE001  # whatever it is, we are not ready
            return JSONResponse({"status": "the database does not answer"}, 503)
        return JSONResponse({"status": "ready"})


def _openapi(app: FastAPI) -> dict[str, Any]:
    """Return the description, with the problem schema that all responses refer to."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, summary=app.summary,
            description=app.description, routes=app.routes,
        )  # fmt: skip
        components = schema.setdefault("components", {}).setdefault("schemas", {})
        components["ProblemOut"] = ProblemOut.model_json_schema()
        for unused in ("HTTPValidationError", "ValidationError"):
            components.pop(unused, None)
        app.openapi_schema = schema
    return app.openapi_schema
