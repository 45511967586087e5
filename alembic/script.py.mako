"""${message}

Every migration runs while the previous release still serves:
- add columns as nullable or with a server default; fill them in batches in a later migration
- never rename or drop what the previous release reads; drop one release later
- create indexes on large PostgreSQL tables with postgresql_concurrently=True, outside a transaction
- lock and statement timeouts are set in env.py; a migration that hits them is to be split
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
