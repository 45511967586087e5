"""Cross references

A new table that the previous release does not know: it runs beside this schema.
"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('cross_references',
    sa.Column('entity', sa.String(length=200), nullable=False),
    sa.Column('system', sa.String(length=200), nullable=False),
    sa.Column('external_id', sa.String(length=200), nullable=False),
    sa.Column('canonical', sa.String(length=200), nullable=False),
    sa.Column('run', sa.String(length=200), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('entity', 'system', 'external_id', name=op.f('pk_cross_references'))
    )
    op.create_index('ix_cross_references_entity_canonical', 'cross_references', ['entity', 'canonical'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_cross_references_entity_canonical', table_name='cross_references')
    op.drop_table('cross_references')
