"""What is forgotten

Columns that the previous release leaves empty: it runs beside this schema.
"""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ('runs', 'flow_inbox'):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column('forgotten_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for name in ('flow_inbox', 'runs'):
        with op.batch_alter_table(name) as table:
            table.drop_column('forgotten_at')
