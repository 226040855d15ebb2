"""people who ring back about a case that cannot be taken: written down for a supervisor."""

import sqlalchemy as sa
from alembic import op

revision = '0026'
down_revision = '0025'

WHEN = sa.DateTime(timezone=True)


def _key(column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [other], name=op.f(f'fk_call_back_{column}'))


def upgrade() -> None:
    op.create_table('call_back',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('operator_id', sa.Integer(), nullable=False),
    sa.Column('at', WHEN, nullable=False),
    sa.Column('settled_by_id', sa.Integer(), nullable=True),
    sa.Column('settled_at', WHEN, nullable=True),
    sa.Column('words_sealed', sa.LargeBinary(), nullable=True),
    _key('case_id', 'case.id'),
    _key('operator_id', 'user.id'),
    _key('settled_by_id', 'user.id'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call_back')),
    sa.UniqueConstraint('uid', name=op.f('uq_call_back_uid'))
    )
    op.create_index(op.f('ix_call_back_case_id'), 'call_back', ['case_id'])


def downgrade() -> None:
    op.drop_table('call_back')
