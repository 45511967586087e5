"""Files that came in

A new table that the previous release does not know: it runs beside this schema.
"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('exchange_files',
    sa.Column('exchange', sa.String(length=200), nullable=False),
    sa.Column('digest', sa.String(length=200), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('state', sa.String(length=200), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('rejected', sa.Integer(), nullable=False),
    sa.Column('runs', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('answered', sa.Boolean(), nullable=False),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('exchange', 'digest', name=op.f('pk_exchange_files'))
    )
    op.create_index(op.f('ix_exchange_files_received_at'), 'exchange_files', ['received_at'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_exchange_files_received_at'), table_name='exchange_files')
    op.drop_table('exchange_files')
