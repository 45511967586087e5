"""Running migrations, and refusing to serve on a database of another release."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from contracts import catalog
from contracts.errors import TreatyError


def scripts() -> Path:
    """Return the migrations: `alembic/` of a checkout, or those inside an installed wheel."""
    here = Path(__file__).resolve().parent
    checkout = here.parents[1] / "alembic"
    return checkout if (checkout / "env.py").exists() else here / "migrations"


def _config(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts()).replace("%", "%%"))
    config.attributes["engine"] = engine
    return config


def migrate(engine: Engine) -> str:
    """Bring the database to the newest revision and return it."""
    config = _config(engine)
    command.upgrade(config, "head")
    return ScriptDirectory.from_config(config).get_current_head() or ""


def require_current(engine: Engine) -> None:
    """Raise `TreatyError` (conflict) where the database is not at this release's revision."""
    head = ScriptDirectory.from_config(_config(engine)).get_current_head()
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current != head:
        raise TreatyError(
            catalog.CONFLICT,
            f"The database is at revision {current or 'none'}, this release needs {head}. "
            "Run `treaty migrate`; if the database is newer, install the newer release.",
        )
