"""messages: words of a supervisor to one operator."""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table('message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('to_id', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('at', WHEN, nullable=False),
    sa.Column('read_at', WHEN, nullable=True),
    sa.Column('words_sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_message_author_id')),
    sa.ForeignKeyConstraint(['to_id'], ['user.id'], name=op.f('fk_message_to_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message')),
    sa.UniqueConstraint('uid', name=op.f('uq_message_uid'))
    )
    op.create_index(op.f('ix_message_to_id'), 'message', ['to_id'])


def downgrade() -> None:
    op.drop_table('message')
