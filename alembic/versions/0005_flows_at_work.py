"""Flows at work

Only adds: the previous release neither reads nor writes these tables.
"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('facts',
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.String(length=200), nullable=False),
    sa.Column('type', sa.String(length=200), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('run', sa.String(length=200), nullable=False),
    sa.Column('flow', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_facts')),
    sa.UniqueConstraint('id', name=op.f('uq_facts_id'))
    )
    op.create_index('ix_facts_type_at', 'facts', ['type', 'at'], unique=False)
    op.create_table('flow_definitions',
    sa.Column('digest', sa.String(length=200), nullable=False),
    sa.Column('flow', sa.String(length=200), nullable=False),
    sa.Column('version', sa.String(length=200), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('deployed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('live', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_flow_definitions'))
    )
    op.create_index(op.f('ix_flow_definitions_flow'), 'flow_definitions', ['flow'], unique=False)
    op.create_table('flow_exceptions',
    sa.Column('id', sa.String(length=200), nullable=False),
    sa.Column('flow', sa.String(length=200), nullable=False),
    sa.Column('business_key', sa.String(length=200), nullable=False),
    sa.Column('run', sa.String(length=200), nullable=False),
    sa.Column('step', sa.Text(), nullable=False),
    sa.Column('category', sa.String(length=200), nullable=False),
    sa.Column('sentence', sa.Text(), nullable=False),
    sa.Column('owner', sa.String(length=200), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('amount', sa.String(length=200), nullable=False),
    sa.Column('currency', sa.String(length=200), nullable=False),
    sa.Column('state', sa.String(length=200), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.Column('history', sa.JSON(), nullable=False),
    sa.Column('wish', sa.JSON(none_as_null=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_flow_exceptions'))
    )
    op.create_index(op.f('ix_flow_exceptions_run'), 'flow_exceptions', ['run'], unique=False)
    op.create_index('ix_flow_exceptions_state_due_at', 'flow_exceptions', ['state', 'due_at'], unique=False)
    op.create_table('flow_inbox',
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.Column('id', sa.String(length=200), nullable=False),
    sa.Column('type', sa.String(length=200), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('runs', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('source', 'id', name=op.f('pk_flow_inbox'))
    )
    op.create_table('runs',
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.String(length=200), nullable=False),
    sa.Column('flow', sa.String(length=200), nullable=False),
    sa.Column('version', sa.String(length=200), nullable=False),
    sa.Column('digest', sa.String(length=200), nullable=False),
    sa.Column('business_key', sa.String(length=200), nullable=False),
    sa.Column('revision', sa.String(length=200), nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.Column('event_id', sa.String(length=200), nullable=False),
    sa.Column('event', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=200), nullable=False),
    sa.Column('leg', sa.Integer(), nullable=False),
    sa.Column('journal', sa.JSON(), nullable=False),
    sa.Column('signal', sa.String(length=200), nullable=False),
    sa.Column('step', sa.Text(), nullable=False),
    sa.Column('worker', sa.String(length=200), nullable=False),
    sa.Column('resume_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_runs')),
    sa.UniqueConstraint('flow', 'source', 'event_id', name=op.f('uq_runs_flow_source_event_id')),
    sa.UniqueConstraint('id', name=op.f('uq_runs_id'))
    )
    op.create_index('ix_runs_flow_business_key', 'runs', ['flow', 'business_key'], unique=False)
    op.create_index('ix_runs_state_resume_at', 'runs', ['state', 'resume_at'], unique=False)
    op.create_table('watermarks',
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.Column('position', sa.String(length=200), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('source', name=op.f('pk_watermarks'))
    )
    op.create_table('workers',
    sa.Column('id', sa.String(length=200), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_workers'))
    )


def downgrade() -> None:
    op.drop_table('workers')
    op.drop_table('watermarks')
    op.drop_index('ix_runs_state_resume_at', table_name='runs')
    op.drop_index('ix_runs_flow_business_key', table_name='runs')
    op.drop_table('runs')
    op.drop_table('flow_inbox')
    op.drop_index('ix_flow_exceptions_state_due_at', table_name='flow_exceptions')
    op.drop_index(op.f('ix_flow_exceptions_run'), table_name='flow_exceptions')
    op.drop_table('flow_exceptions')
    op.drop_index(op.f('ix_flow_definitions_flow'), table_name='flow_definitions')
    op.drop_table('flow_definitions')
    op.drop_index('ix_facts_type_at', table_name='facts')
    op.drop_table('facts')
