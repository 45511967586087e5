"""Reports and waivers

Only adds: the previous release neither reads nor writes what is new, so its rows get the defaults.
"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('contracts', sa.Column('profile', sa.String(length=200), server_default='containment', nullable=False))
    op.add_column('contracts', sa.Column('policy', sa.String(length=200), nullable=True))
    op.create_table('reports',
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=200), nullable=False),
    sa.Column('contract', sa.String(length=200), nullable=False),
    sa.Column('old_version', sa.String(length=200), nullable=True),
    sa.Column('old_digest', sa.String(length=200), nullable=True),
    sa.Column('new_version', sa.String(length=200), nullable=False),
    sa.Column('new_digest', sa.String(length=200), nullable=False),
    sa.Column('publication', sa.String(length=200), nullable=True),
    sa.Column('engine', sa.String(length=200), nullable=False),
    sa.Column('mode', sa.String(length=200), nullable=True),
    sa.Column('profile', sa.String(length=200), nullable=True),
    sa.Column('policy', sa.String(length=200), nullable=True),
    sa.Column('consumer', sa.String(length=200), nullable=True),
    sa.Column('ruleset', sa.String(length=200), nullable=True),
    sa.Column('verdict', sa.String(length=200), nullable=False),
    sa.Column('judged_on', sa.Date(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['contract'], ['contracts.id'], name=op.f('fk_reports_contract_contracts')),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_reports')),
    sa.UniqueConstraint('id', name=op.f('uq_reports_id'))
    )
    op.create_index('ix_reports_contract_seq', 'reports', ['contract', 'seq'], unique=False)
    op.create_table('waivers',
    sa.Column('id', sa.String(length=200), nullable=False),
    sa.Column('contract', sa.String(length=200), nullable=False),
    sa.Column('rule', sa.String(length=200), nullable=False),
    sa.Column('pointer', sa.Text(), nullable=False),
    sa.Column('operation', sa.Text(), nullable=False),
    sa.Column('consumer', sa.String(length=200), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('owner', sa.String(length=200), nullable=False),
    sa.Column('expires', sa.Date(), nullable=False),
    sa.Column('state', sa.String(length=200), nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('requested_by', sa.String(length=200), nullable=False),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('approved_by', sa.String(length=200), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_by', sa.String(length=200), nullable=True),
    sa.ForeignKeyConstraint(['consumer'], ['applications.id'], name=op.f('fk_waivers_consumer_applications')),
    sa.ForeignKeyConstraint(['contract'], ['contracts.id'], name=op.f('fk_waivers_contract_contracts')),
    sa.ForeignKeyConstraint(['owner'], ['teams.name'], name=op.f('fk_waivers_owner_teams')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_waivers'))
    )
    op.create_index(op.f('ix_waivers_contract'), 'waivers', ['contract'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_waivers_contract'), 'waivers')
    op.drop_table('waivers')
    op.drop_index('ix_reports_contract_seq', 'reports')
    op.drop_table('reports')
    op.drop_column('contracts', 'policy')
    op.drop_column('contracts', 'profile')
