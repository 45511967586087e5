"""Runs migrations on the engine that `registry.db.migrate` hands over, or on the settings' one."""

from alembic import context

from registry.db import models
from registry.db.engine import make_engine
from registry.db.orm import Base, UtcDateTime
from registry.settings import Settings

assert models.Team  # all tables are declared once the package is imported  # noqa: S101


def render(kind, item, _autogenerate_context):
    """Write our own types as the plain ones they are in the database."""
    return (
        "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False
    )


engine = context.config.attributes.get("engine") or make_engine(Settings().database)

with engine.connect() as connection:
    if connection.dialect.name == "postgresql":
        # A migration that cannot get its lock must give way to the traffic, not queue before it.
        connection.exec_driver_sql("SET lock_timeout = '5s'")
        connection.exec_driver_sql("SET statement_timeout = '60s'")
        connection.commit()
    connection.execution_options(writes=True)
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        render_item=render,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
