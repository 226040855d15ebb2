"""handouts: papers, workbooks and bundles of a run, kept as they were made."""

import sqlalchemy as sa
from alembic import op

from migrations import guards

revision = '0013'
down_revision = '0012'

WHEN = sa.DateTime(timezone=True)
KINDS = sa.Enum('report_word', 'report_pdf', 'annex', 'notice_word', 'notice_pdf', 'bundle', name='handoutkind', native_enum=False, create_constraint=True, length=40)
STATES = sa.Enum('requested', 'making', 'done', 'failed', name='handoutstate', native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table('handout',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('region_code', sa.String(), nullable=False),
    sa.Column('kind', KINDS, nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('state', STATES, nullable=False),
    sa.Column('requested_by_id', sa.Integer(), nullable=False),
    sa.Column('requested_at', WHEN, nullable=False),
    sa.Column('finished_at', WHEN, nullable=True),
    sa.Column('steps_total', sa.Integer(), nullable=False),
    sa.Column('steps_done', sa.Integer(), nullable=False),
    sa.Column('failure', sa.String(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['region_code'], ['region.code'], name=op.f('fk_handout_region_code')),
    sa.ForeignKeyConstraint(['requested_by_id'], ['user.id'], name=op.f('fk_handout_requested_by_id')),
    sa.ForeignKeyConstraint(['run_id'], ['estimate_run.id'], name=op.f('fk_handout_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handout')),
    sa.UniqueConstraint('uid', name=op.f('uq_handout_uid'))
    )
    op.create_index(op.f('ix_handout_run_id'), 'handout', ['run_id'])
    op.create_table('handout_part',
    sa.Column('handout_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['handout_id'], ['handout.id'], name=op.f('fk_handout_part_handout_id')),
    sa.PrimaryKeyConstraint('handout_id', 'number', name=op.f('pk_handout_part'))
    )
    guards.append_only('handout_part')
    guards.refuse('handout', 'DELETE', message='rows of handout are kept')
    guards.refuse('handout', 'UPDATE', when="OLD.state IN ('done', 'failed')", message='this row of handout is finished')


def downgrade() -> None:
    for table in ('handout', 'handout_part'):
        for verb in ('UPDATE', 'DELETE'):
            guards.drop(table, verb)
    op.drop_table('handout_part')
    op.drop_index(op.f('ix_handout_run_id'), table_name='handout')
    op.drop_table('handout')
