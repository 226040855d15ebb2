"""run inputs: what each run was computed from, kept with it."""

import sqlalchemy as sa
from alembic import op

from migrations import guards

revision = '0009'
down_revision = '0008'


def upgrade() -> None:
    op.create_table('run_inputs',
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('digests', sa.JSON(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('chances', sa.JSON(), nullable=False),
    sa.Column('result_digest', sa.String(), nullable=False),
    sa.Column('method_version', sa.String(), nullable=False),
    sa.Column('seed', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['estimate_run.id'], name=op.f('fk_run_inputs_run_id')),
    sa.PrimaryKeyConstraint('run_id', name=op.f('pk_run_inputs'))
    )
    guards.append_only('run_inputs')


def downgrade() -> None:
    for verb in ('UPDATE', 'DELETE'):
        guards.drop('run_inputs', verb)
    op.drop_table('run_inputs')
