"""breaks of operators: when they left the desk and when they were back."""

import sqlalchemy as sa
from alembic import op

revision = '0030'
down_revision = '0029'

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table('work_break',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('operator_id', sa.Integer(), nullable=False),
    sa.Column('began_at', WHEN, nullable=False),
    sa.Column('ended_at', WHEN, nullable=True),
    sa.ForeignKeyConstraint(['operator_id'], ['user.id'], name=op.f('fk_work_break_operator_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_work_break'))
    )
    op.create_index(op.f('ix_work_break_began_at'), 'work_break', ['began_at'])


def downgrade() -> None:
    op.drop_table('work_break')
