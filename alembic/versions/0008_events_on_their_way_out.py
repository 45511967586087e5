"""Events on their way out

A new table that the previous release does not know: it runs beside this schema.
"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('relay_deliveries',
    sa.Column('seq', BIG, nullable=False),
    sa.Column('relay', sa.String(length=200), nullable=False),
    sa.Column('event', BIG, nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('state', sa.String(length=200), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_relay_deliveries')),
    sa.UniqueConstraint('relay', 'event', name=op.f('uq_relay_deliveries_relay_event'))
    )
    op.create_index('ix_relay_deliveries_relay_state_subject', 'relay_deliveries', ['relay', 'state', 'subject'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_relay_deliveries_relay_state_subject', table_name='relay_deliveries')
    op.drop_table('relay_deliveries')
