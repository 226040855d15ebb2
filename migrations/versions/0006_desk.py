"""desk: telephone calls as the dialler placed them, and the words of a campaign's callers."""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table('placed_call',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('attempt_id', sa.Integer(), nullable=False),
    sa.Column('dialler', sa.String(), nullable=False),
    sa.Column('reference', sa.String(), nullable=False),
    sa.Column('recording', sa.String(), nullable=False),
    sa.Column('placed_at', WHEN, nullable=False),
    sa.Column('hung_up_at', WHEN, nullable=True),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id'], name=op.f('fk_placed_call_attempt_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_placed_call'))
    )
    op.create_index(op.f('ix_placed_call_attempt_id'), 'placed_call', ['attempt_id'])
    op.create_table('caller_words',
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('agency', sa.String(), nullable=False),
    sa.Column('hotline', sa.String(), nullable=False),
    sa.Column('check_place', sa.String(), nullable=False),
    sa.Column('changed_by_id', sa.Integer(), nullable=False),
    sa.Column('changed_at', WHEN, nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_caller_words_campaign_id')),
    sa.ForeignKeyConstraint(['changed_by_id'], ['user.id'], name=op.f('fk_caller_words_changed_by_id')),
    sa.PrimaryKeyConstraint('campaign_id', name=op.f('pk_caller_words'))
    )


def downgrade() -> None:
    op.drop_table('caller_words')
    op.drop_table('placed_call')
