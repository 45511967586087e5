"""Migrations on both databases: one head, from nothing to it, and nothing left to generate."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from registry_world import DATABASES, database
from sqlalchemy import text

from contracts.errors import TreatyError
from registry.db import models
from registry.db.engine import make_engine
from registry.db.migrate import _config, migrate, require_current
from registry.db.orm import Base, UtcDateTime


@pytest.fixture(params=DATABASES)
def engine(request, tmp_path):
    with database(request.param, tmp_path) as url:
        made = make_engine(url)
        yield made
        made.dispose()


def test_one_head(engine):
    assert len(ScriptDirectory.from_config(_config(engine)).get_heads()) == 1


def test_from_nothing_twice(engine):
    with pytest.raises(TreatyError, match="treaty migrate"):
        require_current(engine)
    assert migrate(engine) == migrate(engine)
    require_current(engine)


def test_autogenerate_finds_nothing(engine):
    assert models.Team.__table__.metadata is Base.metadata
    migrate(engine)

    def same(_context, _inspected, _column, inspected_type, own_type):
        return False if isinstance(own_type, UtcDateTime) else None

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": same})
        assert compare_metadata(context, Base.metadata) == []


# What the release before 0002 writes; it knows none of the new columns and tables.
BEFORE_0002 = """
INSERT INTO teams (name, title, revision, created_at) VALUES ('t', 'T', 1, '2026-01-01');
INSERT INTO services (name, title, kind, domain, owner, criticality, system_of_record, tags, links,
  revision, created_at)
VALUES ('s', 'S', 'other', '', 't', 'low', '[]', '[]', '[]', 1, '2026-01-01');
INSERT INTO contracts (id, service, name, title, format, compatibility, revision, created_at)
VALUES ('s.c', 's', 'c', '', 'json-schema', 'backward', 1, '2026-01-01')
"""


def _write(engine, statements):
    with engine.begin() as connection:
        for statement in statements.split(";"):
            connection.execute(text(statement))


def test_the_previous_release_writes_beside_the_new_schema(engine):
    migrate(engine)
    _write(engine, BEFORE_0002)
    with engine.connect() as connection:
        row = connection.execute(text("SELECT profile, policy FROM contracts")).one()
    assert tuple(row) == ("containment", None)


def test_what_was_there_survives_up_and_down(engine):
    config = _config(engine)
    command.upgrade(config, "0001")
    _write(engine, BEFORE_0002)
    for revision in ("0002", "0001", "0002"):
        move = command.downgrade if revision == "0001" else command.upgrade
        move(config, revision)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT id FROM contracts")).scalars().all() == ["s.c"]
            current = MigrationContext.configure(connection).get_current_revision()
            assert current == revision


# What the release before 0006 writes of a deployment; it knows neither routing nor pins.
BEFORE_0006 = """
INSERT INTO environments (name, title, production, revision, created_at)
VALUES ('e', 'E', false, 1, '2026-01-01');
INSERT INTO contents (digest, source, text) VALUES ('d', 's', '{}');
INSERT INTO versions (contract, version, sequence, digest, state, baseline, published_at, published_by)
VALUES ('s.c', '1', 1, 'd', 'published', '[]', '2026-01-01', 'x');
INSERT INTO deployments (id, environment, contract, version, upstream, base_path, timeout_seconds,
  created_at)
VALUES ('1', 'e', 's.c', '1', 'http://u', '/s', 30, '2026-01-01')
"""


@pytest.mark.parametrize("written_at", ["0005", "0006"])
def test_deployments_of_the_previous_release_survive(engine, written_at):
    config = _config(engine)
    command.upgrade(config, written_at)
    _write(engine, BEFORE_0002)
    _write(engine, BEFORE_0006)
    for revision in ("0006", "0005", "0006"):
        move = command.downgrade if revision == "0005" else command.upgrade
        move(config, revision)
        with engine.connect() as connection:
            found = connection.execute(text("SELECT id, base_path FROM deployments")).all()
        assert [tuple(row) for row in found] == [("1", "/s")]
    with engine.connect() as connection:
        assert connection.execute(text("SELECT routing FROM deployments")).scalar() is None
