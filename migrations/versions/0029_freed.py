"""cases that a supervisor frees, and the case of which another one is a duplicate."""

import sqlalchemy as sa
from alembic import op

from migrations.rebuilding import allow, rebuilt

revision = '0029'
down_revision = '0028'

RULINGS = ('return', 'finish', 'out_of_sample')


def upgrade() -> None:
    with rebuilt('supervisor_reply') as batch_op:
        allow(batch_op, 'ck_supervisor_reply_ruling', 'ruling', (*RULINGS, 'free'))
        batch_op.add_column(sa.Column('duplicate_of_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f('fk_supervisor_reply_duplicate_of_id'), 'case', ['duplicate_of_id'], ['id'])


def downgrade() -> None:
    with rebuilt('supervisor_reply') as batch_op:
        batch_op.drop_constraint(op.f('fk_supervisor_reply_duplicate_of_id'), type_='foreignkey')
        batch_op.drop_column('duplicate_of_id')
        allow(batch_op, 'ck_supervisor_reply_ruling', 'ruling', RULINGS)
