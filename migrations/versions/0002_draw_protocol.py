"""draw protocol: row commitments, committed secrets, a public value, draws given up."""

import sqlalchemy as sa
from alembic import op

from migrations import guards
from migrations.rebuilding import allow, rebuilt

revision = '0002'
down_revision = '0001'

STATES = ('design', 'frozen', 'drawn', 'calling', 'visiting', 'closed')
ACTIONS = ('campaign:close', 'campaign:open', 'case:claim', 'case:release', 'case:reveal', 'desk_outcome:enter', 'draw:refuse', 'draw:run', 'estimate:export', 'estimate:request', 'evidence:show', 'finding:record', 'frame:freeze', 'ledger:accept', 'ledger:request_acceptance', 'ledger:check', 'ledger:download', 'ledger:remove_rows', 'ledger:upload', 'ledger:withdraw', 'log_in:succeed', 'log_in:fail', 'log_out', 'outcome:record', 'person:reveal', 'replicate:release', 'sizes:set', 'targets:load', 'user:change', 'user:create', 'visit:assign', 'visit_rates:set', 'visits:select')
PARTY = sa.Enum('operator', 'supervisor', 'inspector', 'verifier', 'coordinator', 'clerk', 'administrator', 'auditor', name='role', native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    with rebuilt('audit_event') as batch_op:
        batch_op.drop_constraint(op.f('ck_audit_event_auditaction'), type_='check')
    with rebuilt('campaign') as batch_op:
        batch_op.add_column(sa.Column('replaces_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f('fk_campaign_replaces_id'), 'campaign', ['replaces_id'], ['id'])
        batch_op.create_unique_constraint(op.f('uq_campaign_replaces_id'), ['replaces_id'])
        allow(batch_op, 'ck_campaign_campaignstate', 'state', (*STATES, 'void'))
    # Plain additions: a frame that is sealed stays as it is, without a root.
    op.add_column('frame', sa.Column('root', sa.String(), nullable=False, server_default=''))
    op.add_column('frame', sa.Column('blocks', sa.LargeBinary(), nullable=True))
    op.add_column('frame', sa.Column('nonce_key_sealed', sa.LargeBinary(), nullable=True))

    op.create_table('public_value',
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('known_on', sa.Date(), nullable=False),
    sa.Column('named_by_id', sa.Integer(), nullable=False),
    sa.Column('named_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('value', sa.String(), nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_public_value_campaign_id')),
    sa.ForeignKeyConstraint(['named_by_id'], ['user.id'], name=op.f('fk_public_value_named_by_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['user.id'], name=op.f('fk_public_value_recorded_by_id')),
    sa.PrimaryKeyConstraint('campaign_id', name=op.f('pk_public_value'))
    )
    op.create_table('draw_secret',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('party', PARTY, nullable=False),
    sa.Column('holder_id', sa.Integer(), nullable=False),
    sa.Column('commitment', sa.String(), nullable=False),
    sa.Column('committed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('secret_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('salt_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('revealed_by_id', sa.Integer(), nullable=True),
    sa.Column('revealed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_draw_secret_campaign_id')),
    sa.ForeignKeyConstraint(['holder_id'], ['user.id'], name=op.f('fk_draw_secret_holder_id')),
    sa.ForeignKeyConstraint(['revealed_by_id'], ['user.id'], name=op.f('fk_draw_secret_revealed_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draw_secret')),
    sa.UniqueConstraint('campaign_id', 'commitment', name=op.f('uq_draw_secret_campaign_id_commitment')),
    sa.UniqueConstraint('campaign_id', 'holder_id', name=op.f('uq_draw_secret_campaign_id_holder_id')),
    sa.UniqueConstraint('campaign_id', 'party', name=op.f('uq_draw_secret_campaign_id_party')),
    sa.UniqueConstraint('uid', name=op.f('uq_draw_secret_uid'))
    )
    op.create_table('redraw_approval',
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('party', PARTY, nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_redraw_approval_campaign_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_redraw_approval_user_id')),
    sa.PrimaryKeyConstraint('campaign_id', 'party', name=op.f('pk_redraw_approval')),
    sa.UniqueConstraint('campaign_id', 'user_id', name=op.f('uq_redraw_approval_campaign_id_user_id'))
    )
    guards.keep_promises()
    guards.append_only('redraw_approval')


def downgrade() -> None:
    for verb in ('UPDATE', 'DELETE'):
        guards.drop('redraw_approval', verb)
    guards.release_promises()
    op.drop_table('redraw_approval')
    op.drop_table('draw_secret')
    op.drop_table('public_value')
    op.drop_column('frame', 'nonce_key_sealed')
    op.drop_column('frame', 'blocks')
    op.drop_column('frame', 'root')
    with rebuilt('campaign') as batch_op:
        allow(batch_op, 'ck_campaign_campaignstate', 'state', STATES)
        batch_op.drop_constraint(op.f('uq_campaign_replaces_id'), type_='unique')
        batch_op.drop_constraint(op.f('fk_campaign_replaces_id'), type_='foreignkey')
        batch_op.drop_column('replaces_id')
    with rebuilt('audit_event') as batch_op:
        allow(batch_op, 'ck_audit_event_auditaction', 'action', ACTIONS, new=True)
