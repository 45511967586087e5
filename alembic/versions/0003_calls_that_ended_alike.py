"""Calls that ended alike

Only adds: the previous release writes single calls, so its rows get the default.
"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('ledger', sa.Column('count', sa.Integer(), server_default='1', nullable=False))


def downgrade() -> None:
    op.drop_column('ledger', 'count')
