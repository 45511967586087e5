"""Exceptions by their cause, and what a retry would send

Columns that the previous release leaves at their defaults: it runs beside this schema.
"""

import hashlib
import re

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('flow_exceptions') as table:
        table.add_column(sa.Column('cause', sa.String(length=200), nullable=False, server_default=''))
        table.add_column(sa.Column('preview', sa.JSON(), nullable=True))
        table.add_column(sa.Column('preview_asked_at', sa.DateTime(timezone=True), nullable=True))
        table.create_index('ix_flow_exceptions_cause_state', ['cause', 'state'])
        table.create_index('ix_flow_exceptions_preview_asked_at', ['preview_asked_at'])
    rows = sa.table('flow_exceptions', *(sa.column(name) for name in ('id', 'flow', 'step', 'category', 'sentence', 'cause')))
    connection = op.get_bind()
    for row in connection.execute(sa.select(rows)).all():
        connection.execute(rows.update().where(rows.c.id == row.id).values(cause=_cause(row)))


def _cause(row: sa.Row) -> str:
    step, sentence = re.sub(r'\[[0-9]+\]', '[]', row.step), re.sub(r'[0-9]+', '#', row.sentence)
    return hashlib.sha256('\n'.join([row.flow, step, row.category, sentence]).encode()).hexdigest()[:16]


def downgrade() -> None:
    with op.batch_alter_table('flow_exceptions') as table:
        table.drop_index('ix_flow_exceptions_preview_asked_at')
        table.drop_index('ix_flow_exceptions_cause_state')
        table.drop_column('preview_asked_at')
        table.drop_column('preview')
        table.drop_column('cause')
