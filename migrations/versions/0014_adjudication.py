"""adjudication: opinions on cases where phone and site disagree, and what was settled."""

import sqlalchemy as sa
from alembic import op

from migrations import guards

revision = '0014'
down_revision = '0013'


def upgrade() -> None:
    op.create_table('opinion',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('finding_id', sa.Integer(), nullable=False),
    sa.Column('judge_id', sa.Integer(), nullable=False),
    sa.Column('seat', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.String(), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('words_sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_opinion_case_id')),
    sa.ForeignKeyConstraint(['finding_id'], ['finding.id'], name=op.f('fk_opinion_finding_id')),
    sa.ForeignKeyConstraint(['judge_id'], ['user.id'], name=op.f('fk_opinion_judge_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_opinion')),
    sa.UniqueConstraint('finding_id', 'judge_id', name=op.f('uq_opinion_finding_id_judge_id')),
    sa.UniqueConstraint('finding_id', 'seat', name=op.f('uq_opinion_finding_id_seat')),
    sa.UniqueConstraint('uid', name=op.f('uq_opinion_uid'))
    )
    op.create_index(op.f('ix_opinion_case_id'), 'opinion', ['case_id'])
    op.add_column('case', sa.Column('settled_outcome', sa.String(), nullable=False, server_default=''))
    guards.append_only('opinion')


def downgrade() -> None:
    for verb in ('UPDATE', 'DELETE'):
        guards.drop('opinion', verb)
    op.drop_column('case', 'settled_outcome')
    op.drop_table('opinion')
