"""rectification: orders, inquiry letters and talks, and their steps."""

import sqlalchemy as sa
from alembic import op

from migrations import guards

revision = '0015'
down_revision = '0014'

WHEN = sa.DateTime(timezone=True)


def _codes(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table('matter',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('kind', _codes('matterkind', 'order', 'inquiry', 'talk'), nullable=False),
    sa.Column('region_code', sa.String(), nullable=False),
    sa.Column('addressee', sa.String(), nullable=False),
    sa.Column('issued_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('state', _codes('matterstate', 'open', 'answered', 'closed'), nullable=False),
    sa.Column('issued_by_id', sa.Integer(), nullable=False),
    sa.Column('issued_at', WHEN, nullable=False),
    sa.Column('steps_taken', sa.Integer(), nullable=False),
    sa.Column('words_sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_matter_campaign_id')),
    sa.ForeignKeyConstraint(['issued_by_id'], ['user.id'], name=op.f('fk_matter_issued_by_id')),
    sa.ForeignKeyConstraint(['region_code'], ['region.code'], name=op.f('fk_matter_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_matter')),
    sa.UniqueConstraint('uid', name=op.f('uq_matter_uid'))
    )
    op.create_table('matter_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('matter_id', sa.Integer(), nullable=False),
    sa.Column('kind', _codes('stepkind', 'answer', 'send_back', 'extend', 'close'), nullable=False),
    sa.Column('taken_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('at', WHEN, nullable=False),
    sa.Column('words_sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_matter_step_by_id')),
    sa.ForeignKeyConstraint(['matter_id'], ['matter.id'], name=op.f('fk_matter_step_matter_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_matter_step')),
    sa.UniqueConstraint('uid', name=op.f('uq_matter_step_uid'))
    )
    for table, column in (('matter', 'campaign_id'), ('matter', 'region_code'), ('matter_step', 'matter_id')):
        op.create_index(op.f(f'ix_{table}_{column}'), table, [column])
    guards.append_only('matter_step')
    guards.refuse('matter', 'DELETE', message='rows of matter are kept')
    guards.refuse('matter', 'UPDATE', when="OLD.state = 'closed'", message='this row of matter is finished')


def downgrade() -> None:
    for table in ('matter', 'matter_step'):
        for verb in ('UPDATE', 'DELETE'):
            guards.drop(table, verb)
    for table in ('matter_step', 'matter'):
        op.drop_table(table)
