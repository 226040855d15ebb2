"""numbers not called: taking one off the list, and putting it on again, with reasons."""

import sqlalchemy as sa
from alembic import op

from migrations import guards

revision = '0008'
down_revision = '0007'


def upgrade() -> None:
    op.create_table('no_call_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('no_call_id', sa.Integer(), nullable=False),
    sa.Column('listed', sa.Boolean(), nullable=False),
    sa.Column('changed_by_id', sa.Integer(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason_sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['changed_by_id'], ['user.id'], name=op.f('fk_no_call_change_changed_by_id')),
    sa.ForeignKeyConstraint(['no_call_id'], ['no_call.id'], name=op.f('fk_no_call_change_no_call_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_no_call_change')),
    sa.UniqueConstraint('uid', name=op.f('uq_no_call_change_uid'))
    )
    op.create_index(op.f('ix_no_call_change_no_call_id'), 'no_call_change', ['no_call_id'])
    guards.append_only('no_call_change')


def downgrade() -> None:
    for verb in ('UPDATE', 'DELETE'):
        guards.drop('no_call_change', verb)
    op.drop_table('no_call_change')
