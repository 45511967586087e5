"""Migrations on both databases: one head, from nothing to it, and nothing left to generate."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from registry_world import DATABASES, database

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
