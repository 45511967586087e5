"""Shared base paths

The previous release neither reads nor writes the columns, and looks for a base path before it adds
one: it runs beside this schema. It cannot compile what shares a path, so share after the upgrade.
"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('grants', sa.Column('version', sa.String(length=200), nullable=True))
    with op.batch_alter_table('deployments') as table:
        table.add_column(sa.Column('routing', sa.JSON(), nullable=True))
        table.drop_constraint('uq_deployments_environment_base_path', type_='unique')
        table.create_unique_constraint(
            'uq_deployments_environment_base_path_contract_version',
            ['environment', 'base_path', 'contract', 'version'],
        )


def downgrade() -> None:
    with op.batch_alter_table('deployments') as table:
        table.drop_constraint('uq_deployments_environment_base_path_contract_version', type_='unique')
        table.create_unique_constraint(
            'uq_deployments_environment_base_path', ['environment', 'base_path']
        )
        table.drop_column('routing')
    op.drop_column('grants', 'version')
