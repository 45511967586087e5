"""Trusted issuers

Only adds: the previous release neither reads nor writes the table.
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('trusted_issuers',
    sa.Column('environment', sa.String(length=200), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['environment'], ['environments.name'], name=op.f('fk_trusted_issuers_environment_environments')),
    sa.PrimaryKeyConstraint('environment', 'name', name=op.f('pk_trusted_issuers'))
    )


def downgrade() -> None:
    op.drop_table('trusted_issuers')
