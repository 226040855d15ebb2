"""answers: what an operator answers to a message of a supervisor."""

import sqlalchemy as sa
from alembic import op

from migrations.rebuilding import rebuilt

revision = '0021'
down_revision = '0020'


def upgrade() -> None:
    with rebuilt('message') as batch_op:
        batch_op.add_column(sa.Column('answers_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f('fk_message_answers_id'), 'message', ['answers_id'], ['id'])
        batch_op.create_unique_constraint(op.f('uq_message_answers_id'), ['answers_id'])


def downgrade() -> None:
    op.execute('DELETE FROM message WHERE answers_id IS NOT NULL')
    with rebuilt('message') as batch_op:
        batch_op.drop_constraint(op.f('uq_message_answers_id'), type_='unique')
        batch_op.drop_constraint(op.f('fk_message_answers_id'), type_='foreignkey')
        batch_op.drop_column('answers_id')
