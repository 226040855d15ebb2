"""kinds of campaigns: waves, spot checks, replicates of single units, joined strata, drafts of sizes."""

import sqlalchemy as sa
from alembic import op

from migrations import guards
from migrations.rebuilding import allow, rebuilt

revision = '0005'
down_revision = '0004'

WHEN = sa.DateTime(timezone=True)
PROJECT = sa.Enum('new_employment', 're_employment', 'hardship', 'overcapacity', name='project', native_enum=False, create_constraint=True, length=40)
CODES = {
    'kind': ('campaignkind', 'yearly', ('spot_check', 'authenticity', 'follow_up')),
    'coordination': ('coordination', 'afresh', ('apart', 'overlap')),
    'release_rule': ('releaserule', 'by_hand', ('widest_first',)),
}
REASONS = ('planned', 'few_answers', 'widest', 'undetermined')
CODE = sa.String(length=40)


def upgrade() -> None:
    with rebuilt('campaign') as batch_op:
        for column, (name, first, others) in CODES.items():
            batch_op.add_column(sa.Column(column, CODE, nullable=False, server_default=first))
            allow(batch_op, f'ck_campaign_{name}', column, (first, *others), new=True)
        batch_op.add_column(sa.Column('follows_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f('fk_campaign_follows_id'), 'campaign', ['follows_id'], ['id'])
        for column in ('certain_from', 'merge_below'):
            batch_op.add_column(sa.Column(column, sa.Integer(), nullable=False, server_default='0'))
    with rebuilt('stratum') as batch_op:
        batch_op.add_column(sa.Column('certain', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('part', CODE, nullable=False, server_default='whole'))
        allow(batch_op, 'ck_stratum_stratumpart', 'part', ('whole', 'earlier', 'added'), new=True)
    with rebuilt('replicate') as batch_op:
        batch_op.add_column(sa.Column('unit_code', sa.String(), nullable=True))
        batch_op.create_foreign_key(op.f('fk_replicate_unit_code'), 'region', ['unit_code'], ['code'])
        batch_op.add_column(sa.Column('part', sa.Integer(), nullable=False, server_default='1'))
        batch_op.add_column(sa.Column('reason', CODE, nullable=True))
        allow(batch_op, 'ck_replicate_releasereason', 'reason', REASONS, new=True)
    _number_parts()
    op.create_table('campaign_place',
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('region_code', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_campaign_place_campaign_id')),
    sa.ForeignKeyConstraint(['region_code'], ['region.code'], name=op.f('fk_campaign_place_region_code')),
    sa.PrimaryKeyConstraint('campaign_id', 'region_code', name=op.f('pk_campaign_place'))
    )
    op.create_table('size_draft',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('project', PROJECT, nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('wishes', sa.JSON(), nullable=False),
    sa.Column('figures', sa.JSON(), nullable=False),
    sa.Column('saved_by_id', sa.Integer(), nullable=False),
    sa.Column('saved_at', WHEN, nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_size_draft_campaign_id')),
    sa.ForeignKeyConstraint(['saved_by_id'], ['user.id'], name=op.f('fk_size_draft_saved_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_size_draft')),
    sa.UniqueConstraint('campaign_id', 'project', 'number', name=op.f('uq_size_draft_campaign_id_project_number'))
    )
    op.create_table('rehearsal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('project', PROJECT, nullable=False),
    sa.Column('wishes', sa.JSON(), nullable=False),
    sa.Column('rounds', sa.Integer(), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('figures', sa.JSON(), nullable=False),
    sa.Column('failure', sa.String(), nullable=False),
    sa.Column('requested_by_id', sa.Integer(), nullable=False),
    sa.Column('requested_at', WHEN, nullable=False),
    sa.Column('finished_at', WHEN, nullable=True),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_rehearsal_campaign_id')),
    sa.ForeignKeyConstraint(['requested_by_id'], ['user.id'], name=op.f('fk_rehearsal_requested_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rehearsal')),
    sa.UniqueConstraint('uid', name=op.f('uq_rehearsal_uid'))
    )
    op.create_index(op.f('ix_rehearsal_campaign_id'), 'rehearsal', ['campaign_id'])


def _number_parts() -> None:
    """Call the replicates of the first release by the part they are, past the guard of open ones."""
    guards.drop('replicate', 'UPDATE')
    op.execute('UPDATE replicate SET part = number')
    guards.refuse('replicate', 'UPDATE', when='OLD.released_at IS NOT NULL', message='this row of replicate is finished')


def downgrade() -> None:
    op.drop_table('rehearsal')
    op.drop_table('size_draft')
    op.drop_table('campaign_place')
    with rebuilt('replicate') as batch_op:
        batch_op.drop_constraint(op.f('ck_replicate_releasereason'), type_='check')
        batch_op.drop_constraint(op.f('fk_replicate_unit_code'), type_='foreignkey')
        for column in ('reason', 'part', 'unit_code'):
            batch_op.drop_column(column)
    with rebuilt('stratum') as batch_op:
        batch_op.drop_constraint(op.f('ck_stratum_stratumpart'), type_='check')
        for column in ('part', 'certain'):
            batch_op.drop_column(column)
    with rebuilt('campaign') as batch_op:
        for name, _first, _others in CODES.values():
            batch_op.drop_constraint(op.f(f'ck_campaign_{name}'), type_='check')
        batch_op.drop_constraint(op.f('fk_campaign_follows_id'), type_='foreignkey')
        for column in ('merge_below', 'certain_from', 'follows_id', *CODES):
            batch_op.drop_column(column)
