"""head-counts of enterprises."""

import sqlalchemy as sa
from alembic import op

from migrations import guards

revision = '0017'
down_revision = '0016'

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table('head_count',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('unit_code', sa.String(), nullable=False),
    sa.Column('enterprise', sa.String(), nullable=False),
    sa.Column('inspector_id', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('resettled', sa.JSON(), nullable=False),
    sa.Column('waived', sa.Integer(), nullable=False),
    sa.Column('unsettled', sa.JSON(), nullable=False),
    sa.Column('confirmed', sa.Boolean(), nullable=False),
    sa.Column('found_at', WHEN, nullable=False),
    sa.Column('received_at', WHEN, nullable=False),
    sa.Column('skew_seconds', sa.Integer(), nullable=True),
    sa.Column('idempotency_key', sa.String(), nullable=False),
    sa.Column('note_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('inspector_signature', sa.LargeBinary(), nullable=True),
    sa.Column('clerk_signature', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_head_count_campaign_id')),
    sa.ForeignKeyConstraint(['inspector_id'], ['user.id'], name=op.f('fk_head_count_inspector_id')),
    sa.ForeignKeyConstraint(['unit_code'], ['region.code'], name=op.f('fk_head_count_unit_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_head_count')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_head_count_idempotency_key')),
    sa.UniqueConstraint('uid', name=op.f('uq_head_count_uid'))
    )
    op.create_index('ix_head_count_enterprise', 'head_count', ['campaign_id', 'unit_code', 'enterprise'])
    guards.append_only('head_count')


def downgrade() -> None:
    for verb in ('UPDATE', 'DELETE'):
        guards.drop('head_count', verb)
    op.drop_table('head_count')
