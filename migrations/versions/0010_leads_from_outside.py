"""leads from outside: their source, subject, owner, due date and stated result."""

import uuid

import sqlalchemy as sa
from alembic import op

from migrations import guards
from migrations.rebuilding import allow, rebuilt

revision = '0010'
down_revision = '0009'

CODE = sa.String(length=40)
SOURCES = ('phone', 'rule', 'match', 'hotline_12345', 'police_110', 'wage_arrears', 'letter', 'audit')
RESULTS = ('open', 'true', 'false', 'unresolved')
SEALED = ('name_sealed', 'words_sealed', 'result_words_sealed')
INDEXED = ('campaign_id', 'case_id', 'owner_id', 'region_code', 'subject_index')
REFERENCES = {'campaign_id': 'campaign.id', 'merged_into_id': 'lead.id', 'owner_id': 'user.id', 'region_code': 'region.code'}


def upgrade() -> None:
    with rebuilt('lead') as batch_op:
        batch_op.add_column(sa.Column('uid', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('campaign_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('region_code', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('source', CODE, nullable=False, server_default='phone'))
        batch_op.add_column(sa.Column('subject', CODE, nullable=False, server_default='person'))
        for column in ('source_no', 'subject_index', 'content_index'):
            batch_op.add_column(sa.Column(column, sa.String(), nullable=False, server_default=''))
        for column in SEALED:
            batch_op.add_column(sa.Column(column, sa.LargeBinary(), nullable=True))
        for column in ('received_on', 'due_on'):
            batch_op.add_column(sa.Column(column, sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('urgent', sa.Boolean(), nullable=False, server_default=sa.false()))
        for column in ('owner_id', 'merged_into_id'):
            batch_op.add_column(sa.Column(column, sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('version', sa.Integer(), nullable=False, server_default='1'))
        batch_op.alter_column('case_id', existing_type=sa.Integer(), nullable=True)
        batch_op.drop_constraint(op.f('uq_lead_case_id_cause'), type_='unique')
        allow(batch_op, 'ck_lead_leadresult', 'result', (*RESULTS, 'passed_on'))
        allow(batch_op, 'ck_lead_leadsource', 'source', SOURCES, new=True)
        allow(batch_op, 'ck_lead_leadsubject', 'subject', ('person', 'enterprise'), new=True)
    _name_the_leads()
    with rebuilt('lead') as batch_op:
        for column, kind in (('uid', sa.String()), ('campaign_id', sa.Integer()), ('region_code', sa.String())):
            batch_op.alter_column(column, existing_type=kind, nullable=False)
        batch_op.create_unique_constraint(op.f('uq_lead_uid'), ['uid'])
        for column, other in REFERENCES.items():
            table, key = other.split('.')
            batch_op.create_foreign_key(op.f(f'fk_lead_{column}'), table, [column], [key])
    for column in INDEXED:
        op.create_index(op.f(f'ix_lead_{column}'), 'lead', [column])
    by_hand = sa.text("cause <> ''")
    op.create_index('uq_lead_case_id_cause', 'lead', ['case_id', 'cause'], unique=True, postgresql_where=by_hand, sqlite_where=by_hand)
    guards.refuse('lead', 'UPDATE', when='OLD.settled_at IS NOT NULL', message='this row of lead is finished')


def _name_the_leads() -> None:
    """Give every lead its own uid, and the campaign and place of its case."""
    lead = sa.table('lead', sa.column('id'), sa.column('uid'))
    connection = op.get_bind()
    op.execute('UPDATE lead SET campaign_id = (SELECT campaign_id FROM "case" c WHERE c.id = lead.case_id), region_code = (SELECT region_code FROM "case" c WHERE c.id = lead.case_id)')
    named = [{'number': number, 'name': uuid.uuid4().hex} for number in connection.scalars(sa.select(lead.c.id))]
    if named:
        connection.execute(sa.update(lead).where(lead.c.id == sa.bindparam('number')).values(uid=sa.bindparam('name')), named)


def downgrade() -> None:
    guards.drop('lead', 'UPDATE')
    guards.drop('lead', 'DELETE')
    op.execute("DELETE FROM lead WHERE case_id IS NULL OR cause = ''")
    op.execute("UPDATE lead SET result = 'unresolved' WHERE result = 'passed_on'")
    op.drop_index('uq_lead_case_id_cause', table_name='lead')
    for column in INDEXED:
        op.drop_index(op.f(f'ix_lead_{column}'), table_name='lead')
    with rebuilt('lead') as batch_op:
        batch_op.drop_constraint(op.f('uq_lead_uid'), type_='unique')
        for column in REFERENCES:
            batch_op.drop_constraint(op.f(f'fk_lead_{column}'), type_='foreignkey')
        for name in ('leadsource', 'leadsubject'):
            batch_op.drop_constraint(op.f(f'ck_lead_{name}'), type_='check')
        for column in ('version', 'settled_at', 'merged_into_id', 'owner_id', 'urgent', 'due_on', 'received_on', *SEALED, 'content_index', 'subject_index', 'source_no', 'subject', 'source', 'region_code', 'campaign_id', 'uid'):
            batch_op.drop_column(column)
        batch_op.alter_column('case_id', existing_type=sa.Integer(), nullable=False)
        allow(batch_op, 'ck_lead_leadresult', 'result', RESULTS)
        batch_op.create_unique_constraint(op.f('uq_lead_case_id_cause'), ['case_id', 'cause'])
    guards.refuse('lead', 'DELETE', message='rows of lead are kept')
