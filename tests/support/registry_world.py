"""A registry in one process, on a fresh database: SQLite, and PostgreSQL where a server is given."""

import os
import secrets
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from starlette.testclient import TestClient

from contracts import library
from registry.app import make_app, make_parts
from registry.db.migrate import migrate
from registry.services.bootstrap import bootstrap
from registry.settings import Settings

POSTGRES = os.environ.get("TREATY_TEST_POSTGRES_URL", "")
DATABASES = ["sqlite", *(["postgresql"] if POSTGRES else [])]
PSA = library.text("systems/psa.projects-2.0.0.yaml").decode()


@contextmanager
def database(kind, folder):
    """Yield the URL of an empty database; a PostgreSQL one is dropped afterwards."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'registry.db'}"
        return
    name = f"t_{secrets.token_hex(6)}"
    server = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield POSTGRES.replace("/postgres?", f"/{name}?")
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


class World:
    """The API as an administrator calls it, and the parts behind it."""

    def __init__(self, folder, url):
        self.parts = make_parts(Settings(data_dir=Path(folder), database_url=url))
        migrate(self.parts.engine)
        first = bootstrap(self.parts)
        self.token, self.gateway_token = first["admin_token"], first["gateway_token"]
        self.app = make_app(self.parts)
        self.client = TestClient(self.app, raise_server_exceptions=False)

    def call(self, method, path, body=None, *, token=None, status=None, **headers):
        sent = {"Authorization": f"Bearer {token or self.token}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        answer = self.client.request(method, path, json=body, headers=sent)
        if status is not None:
            assert answer.status_code == status, answer.text[:2000]
        return answer

    def seed(self):
        """A team, an environment, the PSA's contract published and deployed, a plan, a consumer."""
        for path, body in [
            ("/v1/teams", {"name": "delivery", "title": "Delivery"}),
            ("/v1/teams", {"name": "clients", "title": "Clients"}),
            ("/v1/environments", {"name": "demo", "title": "Demo"}),
            ("/v1/services", {"name": "psa", "title": "PSA", "kind": "psa", "owner": "delivery"}),
            ("/v1/contracts", {"service": "psa", "name": "projects"}),
            ("/v1/contracts/psa.projects/versions", {"content": PSA}),
            ("/v1/environments/demo/deployments",
             {"contract": "psa.projects", "version": "2.0.0", "upstream": "http://127.0.0.1:9"}),
            ("/v1/plans", {"name": "small", "title": "Small", "approval": "manual",
                           "limits": [{"name": "calls", "quota": 1, "window_seconds": 1}]}),
            ("/v1/applications", {"id": "portal", "name": "Portal", "team": "clients"}),
        ]:  # fmt: skip
            self.call("POST", path, body, status=201)
        return self

    def snapshot(self):
        return self.call("GET", "/v1/environments/demo/snapshot", status=200).json()

    def close(self):
        self.client.close()
        self.parts.engine.dispose()


@contextmanager
def world(kind, folder):
    """Yield a registry on a database of this kind."""
    with database(kind, folder) as url:
        running = World(folder, url)
        try:
            yield running
        finally:
            running.close()
