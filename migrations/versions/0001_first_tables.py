"""first tables."""

import sqlalchemy as sa
from alembic import op

from migrations import guards

revision = '0001'
down_revision = None


def upgrade() -> None:
    op.create_table('region',
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('kind', sa.Enum('province', 'city', 'district', 'county', 'county_city', 'zone', name='regionkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('parent_code', sa.String(), nullable=True),
    sa.Column('unit_code', sa.String(), nullable=True),
    sa.Column('unit_order', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['parent_code'], ['region.code'], name=op.f('fk_region_parent_code')),
    sa.ForeignKeyConstraint(['unit_code'], ['region.code'], name=op.f('fk_region_unit_code')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_region'))
    )
    with op.batch_alter_table('region', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_region_unit_code'), ['unit_code'], unique=False)

    op.create_table('user',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('login', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('role', sa.Enum('operator', 'supervisor', 'inspector', 'verifier', 'coordinator', 'clerk', 'administrator', 'auditor', name='role', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('region_code', sa.String(), nullable=False),
    sa.Column('password_hash', sa.String(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['region_code'], ['region.code'], name=op.f('fk_user_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user')),
    sa.UniqueConstraint('login', name=op.f('uq_user_login'))
    )
    op.create_table('audit_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('action', sa.Enum('campaign:close', 'campaign:open', 'case:claim', 'case:release', 'case:reveal', 'desk_outcome:enter', 'draw:refuse', 'draw:run', 'estimate:export', 'estimate:request', 'evidence:show', 'finding:record', 'frame:freeze', 'ledger:accept', 'ledger:request_acceptance', 'ledger:check', 'ledger:download', 'ledger:remove_rows', 'ledger:upload', 'ledger:withdraw', 'log_in:succeed', 'log_in:fail', 'log_out', 'outcome:record', 'person:reveal', 'replicate:release', 'sizes:set', 'targets:load', 'user:change', 'user:create', 'visit:assign', 'visit_rates:set', 'visits:select', name='auditaction', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('previous', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['user.id'], name=op.f('fk_audit_event_actor_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_event')),
    sa.UniqueConstraint('digest', name=op.f('uq_audit_event_digest'))
    )
    with op.batch_alter_table('audit_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_event_actor_id'), ['actor_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_event_subject'), ['subject'], unique=False)

    op.create_table('campaign',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('cutoff_on', sa.Date(), nullable=False),
    sa.Column('fieldwork_ends_on', sa.Date(), nullable=False),
    sa.Column('results_from', sa.Date(), nullable=False),
    sa.Column('state', sa.Enum('design', 'frozen', 'drawn', 'calling', 'visiting', 'closed', name='campaignstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('phone_answers_accepted', sa.Boolean(), nullable=False),
    sa.Column('work', sa.Enum('none', 'freeze', 'draw', name='campaignwork', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('work_by_id', sa.Integer(), nullable=True),
    sa.Column('work_replicates', sa.Integer(), nullable=False),
    sa.Column('work_done', sa.Integer(), nullable=False),
    sa.Column('work_total', sa.Integer(), nullable=False),
    sa.Column('work_failure', sa.String(), nullable=False),
    sa.Column('opened_by_id', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['opened_by_id'], ['user.id'], name=op.f('fk_campaign_opened_by_id')),
    sa.ForeignKeyConstraint(['work_by_id'], ['user.id'], name=op.f('fk_campaign_work_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_campaign')),
    sa.UniqueConstraint('name', name=op.f('uq_campaign_name')),
    sa.UniqueConstraint('uid', name=op.f('uq_campaign_uid'))
    )
    op.create_table('ledger',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('project', sa.Enum('new_employment', 're_employment', 'hardship', 'overcapacity', name='project', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('period_end', sa.Date(), nullable=False),
    sa.Column('region_code', sa.String(), nullable=False),
    sa.Column('state', sa.Enum('uploaded', 'checking', 'refused', 'faulty', 'clean', 'accepting', 'accepted', 'withdrawn', name='ledgerstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('file_name', sa.String(), nullable=False),
    sa.Column('file_digest', sa.String(), nullable=False),
    sa.Column('file_size', sa.Integer(), nullable=False),
    sa.Column('content_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('rows_total', sa.Integer(), nullable=False),
    sa.Column('rows_done', sa.Integer(), nullable=False),
    sa.Column('rows_faulty', sa.Integer(), nullable=False),
    sa.Column('refusal', sa.String(), nullable=False),
    sa.Column('refusal_facts', sa.JSON(), nullable=False),
    sa.Column('uploaded_by_id', sa.Integer(), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['region_code'], ['region.code'], name=op.f('fk_ledger_region_code')),
    sa.ForeignKeyConstraint(['uploaded_by_id'], ['user.id'], name=op.f('fk_ledger_uploaded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger')),
    sa.UniqueConstraint('uid', name=op.f('uq_ledger_uid'))
    )
    with op.batch_alter_table('ledger', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ledger_region_code'), ['region_code'], unique=False)
        batch_op.create_index('uq_ledger_same_file', ['file_digest'], unique=True, sqlite_where=sa.text("state NOT IN ('refused', 'withdrawn')"), postgresql_where=sa.text("state NOT IN ('refused', 'withdrawn')"))

    op.create_table('login_session',
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_login_session_user_id')),
    sa.PrimaryKeyConstraint('token_digest', name=op.f('pk_login_session'))
    )
    with op.batch_alter_table('login_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_login_session_user_id'), ['user_id'], unique=False)

    op.create_table('campaign_project',
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('project', sa.Enum('new_employment', 're_employment', 'hardship', 'overcapacity', name='project', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_campaign_project_campaign_id')),
    sa.PrimaryKeyConstraint('campaign_id', 'project', name=op.f('pk_campaign_project'))
    )
    op.create_table('campaign_unit',
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('region_code', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_campaign_unit_campaign_id')),
    sa.ForeignKeyConstraint(['region_code'], ['region.code'], name=op.f('fk_campaign_unit_region_code')),
    sa.PrimaryKeyConstraint('campaign_id', 'region_code', name=op.f('pk_campaign_unit'))
    )
    op.create_table('desk_outcome',
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('region_code', sa.String(), nullable=False),
    sa.Column('met', sa.Boolean(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('entered_by_id', sa.Integer(), nullable=False),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_desk_outcome_campaign_id')),
    sa.ForeignKeyConstraint(['entered_by_id'], ['user.id'], name=op.f('fk_desk_outcome_entered_by_id')),
    sa.ForeignKeyConstraint(['region_code'], ['region.code'], name=op.f('fk_desk_outcome_region_code')),
    sa.PrimaryKeyConstraint('campaign_id', 'region_code', name=op.f('pk_desk_outcome'))
    )
    op.create_table('draw',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('frame_digest', sa.String(), nullable=False),
    sa.Column('seed_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('manifest_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('drawn_by_id', sa.Integer(), nullable=False),
    sa.Column('drawn_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_draw_campaign_id')),
    sa.ForeignKeyConstraint(['drawn_by_id'], ['user.id'], name=op.f('fk_draw_drawn_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draw')),
    sa.UniqueConstraint('campaign_id', name=op.f('uq_draw_campaign_id')),
    sa.UniqueConstraint('uid', name=op.f('uq_draw_uid'))
    )
    op.create_table('estimate_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('requested', 'computing', 'done', 'failed', name='runstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('interim', sa.Boolean(), nullable=False),
    sa.Column('requested_by_id', sa.Integer(), nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('method', sa.JSON(), nullable=False),
    sa.Column('input_digest', sa.String(), nullable=False),
    sa.Column('code_version', sa.String(), nullable=False),
    sa.Column('steps_total', sa.Integer(), nullable=False),
    sa.Column('steps_done', sa.Integer(), nullable=False),
    sa.Column('failure', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_estimate_run_campaign_id')),
    sa.ForeignKeyConstraint(['requested_by_id'], ['user.id'], name=op.f('fk_estimate_run_requested_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_estimate_run')),
    sa.UniqueConstraint('uid', name=op.f('uq_estimate_run_uid'))
    )
    with op.batch_alter_table('estimate_run', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_estimate_run_campaign_id'), ['campaign_id'], unique=False)

    op.create_table('frame',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('content_digest', sa.String(), nullable=False),
    sa.Column('entries', sa.Integer(), nullable=False),
    sa.Column('sealed', sa.Boolean(), nullable=False),
    sa.Column('frozen_by_id', sa.Integer(), nullable=False),
    sa.Column('frozen_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_frame_campaign_id')),
    sa.ForeignKeyConstraint(['frozen_by_id'], ['user.id'], name=op.f('fk_frame_frozen_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_frame')),
    sa.UniqueConstraint('campaign_id', name=op.f('uq_frame_campaign_id'))
    )
    op.create_table('ledger_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('ledger_id', sa.Integer(), nullable=False),
    sa.Column('project', sa.Enum('new_employment', 're_employment', 'hardship', 'overcapacity', name='project', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('region_code', sa.String(), nullable=False),
    sa.Column('sheet', sa.String(), nullable=False),
    sa.Column('row', sa.Integer(), nullable=False),
    sa.Column('enterprise', sa.String(), nullable=False),
    sa.Column('started_on', sa.Date(), nullable=True),
    sa.Column('claims_not_settled', sa.Boolean(), nullable=False),
    sa.Column('name_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('id_no_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('phones_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('details_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('id_index', sa.String(), nullable=False),
    sa.Column('content_digest', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['ledger_id'], ['ledger.id'], name=op.f('fk_ledger_entry_ledger_id')),
    sa.ForeignKeyConstraint(['region_code'], ['region.code'], name=op.f('fk_ledger_entry_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_entry')),
    sa.UniqueConstraint('ledger_id', 'sheet', 'row', name=op.f('uq_ledger_entry_ledger_id_sheet_row')),
    sa.UniqueConstraint('uid', name=op.f('uq_ledger_entry_uid'))
    )
    with op.batch_alter_table('ledger_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ledger_entry_id_index'), ['id_index'], unique=False)
        batch_op.create_index(batch_op.f('ix_ledger_entry_ledger_id'), ['ledger_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_ledger_entry_region_code'), ['region_code'], unique=False)

    op.create_table('ledger_problem',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ledger_id', sa.Integer(), nullable=False),
    sa.Column('sheet', sa.String(), nullable=False),
    sa.Column('row', sa.Integer(), nullable=False),
    sa.Column('column', sa.String(), nullable=False),
    sa.Column('rule', sa.String(), nullable=False),
    sa.Column('severity', sa.Enum('error', 'warn', name='severity', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['ledger_id'], ['ledger.id'], name=op.f('fk_ledger_problem_ledger_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_problem'))
    )
    with op.batch_alter_table('ledger_problem', schema=None) as batch_op:
        batch_op.create_index('ix_ledger_problem_place', ['ledger_id', 'row', 'id'], unique=False)

    op.create_table('ledger_removal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ledger_id', sa.Integer(), nullable=False),
    sa.Column('sheet', sa.String(), nullable=False),
    sa.Column('row', sa.Integer(), nullable=False),
    sa.Column('removal_class', sa.Enum('duplicate', 'invalid', 'incomplete', name='removalclass', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('removed_by_id', sa.Integer(), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['ledger_id'], ['ledger.id'], name=op.f('fk_ledger_removal_ledger_id')),
    sa.ForeignKeyConstraint(['removed_by_id'], ['user.id'], name=op.f('fk_ledger_removal_removed_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_removal')),
    sa.UniqueConstraint('ledger_id', 'sheet', 'row', name=op.f('uq_ledger_removal_ledger_id_sheet_row'))
    )
    op.create_table('replicate',
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('entries', sa.Integer(), nullable=False),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('released_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_replicate_campaign_id')),
    sa.ForeignKeyConstraint(['released_by_id'], ['user.id'], name=op.f('fk_replicate_released_by_id')),
    sa.PrimaryKeyConstraint('campaign_id', 'number', name=op.f('pk_replicate'))
    )
    op.create_table('stratum',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('project', sa.Enum('new_employment', 're_employment', 'hardship', 'overcapacity', name='project', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('region_code', sa.String(), nullable=False),
    sa.Column('unit_code', sa.String(), nullable=False),
    sa.Column('enterprise', sa.String(), nullable=False),
    sa.Column('frame_size', sa.Integer(), nullable=False),
    sa.Column('sample_size', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_stratum_campaign_id')),
    sa.ForeignKeyConstraint(['region_code'], ['region.code'], name=op.f('fk_stratum_region_code')),
    sa.ForeignKeyConstraint(['unit_code'], ['region.code'], name=op.f('fk_stratum_unit_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stratum')),
    sa.UniqueConstraint('campaign_id', 'key', name=op.f('uq_stratum_campaign_id_key'))
    )
    op.create_table('target',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('project', sa.Enum('new_employment', 're_employment', 'hardship', 'overcapacity', name='project', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('region_code', sa.String(), nullable=False),
    sa.Column('persons', sa.Integer(), nullable=False),
    sa.Column('carry_over', sa.Integer(), nullable=True),
    sa.Column('planned', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_target_campaign_id')),
    sa.ForeignKeyConstraint(['region_code'], ['region.code'], name=op.f('fk_target_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_target')),
    sa.UniqueConstraint('campaign_id', 'project', 'region_code', name=op.f('uq_target_campaign_id_project_region_code'))
    )
    op.create_table('visit_rate',
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('unit_code', sa.String(), nullable=False),
    sa.Column('phone_class', sa.Enum('achieved', 'deemed', 'not_achieved', 'dead_number', 'wrong_person', 'no_answer', 'refused', 'away', name='phoneclass', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('share', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_visit_rate_campaign_id')),
    sa.ForeignKeyConstraint(['unit_code'], ['region.code'], name=op.f('fk_visit_rate_unit_code')),
    sa.PrimaryKeyConstraint('campaign_id', 'unit_code', 'phone_class', name=op.f('pk_visit_rate'))
    )
    op.create_table('case',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('entry_uid', sa.String(), nullable=False),
    sa.Column('stratum_id', sa.Integer(), nullable=False),
    sa.Column('project', sa.Enum('new_employment', 're_employment', 'hardship', 'overcapacity', name='project', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('region_code', sa.String(), nullable=False),
    sa.Column('replicate', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('ready', 'held', 'escalated', 'phoned', 'to_visit', 'closed', name='casestate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('has_appointment', sa.Boolean(), nullable=False),
    sa.Column('holder_id', sa.Integer(), nullable=True),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('fence', sa.Integer(), nullable=False),
    sa.Column('phone_class', sa.Enum('achieved', 'deemed', 'not_achieved', 'dead_number', 'wrong_person', 'no_answer', 'refused', 'away', name='phoneclass', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('phone_outcome', sa.String(), nullable=False),
    sa.Column('lead_cause', sa.String(), nullable=False),
    sa.Column('site_outcome', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_case_campaign_id')),
    sa.ForeignKeyConstraint(['entry_uid'], ['ledger_entry.uid'], name=op.f('fk_case_entry_uid')),
    sa.ForeignKeyConstraint(['holder_id'], ['user.id'], name=op.f('fk_case_holder_id')),
    sa.ForeignKeyConstraint(['region_code'], ['region.code'], name=op.f('fk_case_region_code')),
    sa.ForeignKeyConstraint(['stratum_id'], ['stratum.id'], name=op.f('fk_case_stratum_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case')),
    sa.UniqueConstraint('campaign_id', 'code', name=op.f('uq_case_campaign_id_code')),
    sa.UniqueConstraint('campaign_id', 'entry_uid', name=op.f('uq_case_campaign_id_entry_uid')),
    sa.UniqueConstraint('uid', name=op.f('uq_case_uid'))
    )
    with op.batch_alter_table('case', schema=None) as batch_op:
        batch_op.create_index('ix_case_due', ['state', 'due_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_case_holder_id'), ['holder_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_case_region_code'), ['region_code'], unique=False)
        batch_op.create_index(batch_op.f('ix_case_stratum_id'), ['stratum_id'], unique=False)

    op.create_table('estimate_row',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('level', sa.Enum('stratum', 'place', 'unit', 'province', name='level', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('project', sa.Enum('new_employment', 're_employment', 'hardship', 'overcapacity', name='project', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('region_code', sa.String(), nullable=False),
    sa.Column('stratum_id', sa.Integer(), nullable=True),
    sa.Column('frame_size', sa.Integer(), nullable=False),
    sa.Column('sampled', sa.Integer(), nullable=False),
    sa.Column('resolved', sa.Integer(), nullable=False),
    sa.Column('share', sa.Double(), nullable=True),
    sa.Column('share_se', sa.Double(), nullable=True),
    sa.Column('share_low', sa.Double(), nullable=True),
    sa.Column('share_high', sa.Double(), nullable=True),
    sa.Column('completed', sa.Double(), nullable=True),
    sa.Column('completed_se', sa.Double(), nullable=True),
    sa.Column('completed_low', sa.Double(), nullable=True),
    sa.Column('completed_high', sa.Double(), nullable=True),
    sa.Column('target', sa.Integer(), nullable=True),
    sa.Column('rate', sa.Double(), nullable=True),
    sa.Column('rate_low', sa.Double(), nullable=True),
    sa.Column('rate_high', sa.Double(), nullable=True),
    sa.Column('bounds_low', sa.Double(), nullable=True),
    sa.Column('bounds_high', sa.Double(), nullable=True),
    sa.Column('decision', sa.String(), nullable=False),
    sa.Column('method', sa.String(), nullable=False),
    sa.Column('flags', sa.JSON(), nullable=False),
    sa.Column('classes', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['region_code'], ['region.code'], name=op.f('fk_estimate_row_region_code')),
    sa.ForeignKeyConstraint(['run_id'], ['estimate_run.id'], name=op.f('fk_estimate_row_run_id')),
    sa.ForeignKeyConstraint(['stratum_id'], ['stratum.id'], name=op.f('fk_estimate_row_stratum_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_estimate_row'))
    )
    with op.batch_alter_table('estimate_row', schema=None) as batch_op:
        batch_op.create_index('ix_estimate_row_run', ['run_id', 'level', 'project', 'region_code'], unique=False)

    op.create_table('frame_entry',
    sa.Column('frame_id', sa.Integer(), nullable=False),
    sa.Column('entry_uid', sa.String(), nullable=False),
    sa.Column('stratum_id', sa.Integer(), nullable=False),
    sa.Column('content_digest', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['entry_uid'], ['ledger_entry.uid'], name=op.f('fk_frame_entry_entry_uid')),
    sa.ForeignKeyConstraint(['frame_id'], ['frame.id'], name=op.f('fk_frame_entry_frame_id')),
    sa.ForeignKeyConstraint(['stratum_id'], ['stratum.id'], name=op.f('fk_frame_entry_stratum_id')),
    sa.PrimaryKeyConstraint('frame_id', 'entry_uid', name=op.f('pk_frame_entry'))
    )
    with op.batch_alter_table('frame_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_frame_entry_stratum_id'), ['stratum_id'], unique=False)

    op.create_table('roll_up',
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('region_code', sa.String(), nullable=False),
    sa.Column('completion', sa.Enum('complete', 'not_complete', 'undetermined', 'no_task', name='completion', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('reasons', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['region_code'], ['region.code'], name=op.f('fk_roll_up_region_code')),
    sa.ForeignKeyConstraint(['run_id'], ['estimate_run.id'], name=op.f('fk_roll_up_run_id')),
    sa.PrimaryKeyConstraint('run_id', 'region_code', name=op.f('pk_roll_up'))
    )
    op.create_table('sample_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('stratum_id', sa.Integer(), nullable=False),
    sa.Column('entry_uid', sa.String(), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('replicate', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_sample_entry_campaign_id')),
    sa.ForeignKeyConstraint(['entry_uid'], ['ledger_entry.uid'], name=op.f('fk_sample_entry_entry_uid')),
    sa.ForeignKeyConstraint(['stratum_id'], ['stratum.id'], name=op.f('fk_sample_entry_stratum_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sample_entry')),
    sa.UniqueConstraint('campaign_id', 'entry_uid', name=op.f('uq_sample_entry_campaign_id_entry_uid')),
    sa.UniqueConstraint('stratum_id', 'rank', name=op.f('uq_sample_entry_stratum_id_rank'))
    )
    with op.batch_alter_table('sample_entry', schema=None) as batch_op:
        batch_op.create_index('ix_sample_entry_replicate', ['campaign_id', 'replicate'], unique=False)

    op.create_table('attempt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('operator_id', sa.Integer(), nullable=False),
    sa.Column('fence', sa.Integer(), nullable=False),
    sa.Column('number_used', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('dialled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('interrupted', sa.Boolean(), nullable=False),
    sa.Column('disposition', sa.String(), nullable=False),
    sa.Column('outcome', sa.String(), nullable=False),
    sa.Column('waiver_read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('idempotency_key', sa.String(), nullable=True),
    sa.Column('answers_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('note_sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_attempt_case_id')),
    sa.ForeignKeyConstraint(['operator_id'], ['user.id'], name=op.f('fk_attempt_operator_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempt')),
    sa.UniqueConstraint('case_id', 'fence', name=op.f('uq_attempt_case_id_fence')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_attempt_idempotency_key')),
    sa.UniqueConstraint('uid', name=op.f('uq_attempt_uid'))
    )
    with op.batch_alter_table('attempt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_attempt_operator_id'), ['operator_id'], unique=False)

    op.create_table('case_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('action', sa.Enum('claim', 'hand_back', 'expire', 'escalate', 'return', 'finish_calls', 'send_to_site', 'record_finding', 'close', name='caseaction', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state', sa.Enum('ready', 'held', 'escalated', 'phoned', 'to_visit', 'closed', name='casestate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['user.id'], name=op.f('fk_case_event_actor_id')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_case_event_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_event'))
    )
    with op.batch_alter_table('case_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_event_case_id'), ['case_id'], unique=False)

    op.create_table('lead',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('cause', sa.String(), nullable=False),
    sa.Column('severity', sa.Enum('low', 'normal', 'high', name='leadseverity', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('result', sa.Enum('open', 'true', 'false', 'unresolved', name='leadresult', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('raised_by_id', sa.Integer(), nullable=True),
    sa.Column('raised_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_lead_case_id')),
    sa.ForeignKeyConstraint(['raised_by_id'], ['user.id'], name=op.f('fk_lead_raised_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lead')),
    sa.UniqueConstraint('case_id', 'cause', name=op.f('uq_lead_case_id_cause'))
    )
    op.create_table('visit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Enum('random', 'lead', name='visitreason', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state', sa.Enum('planned', 'assigned', 'done', name='visitstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('place_code', sa.String(), nullable=False),
    sa.Column('inspector_id', sa.Integer(), nullable=True),
    sa.Column('visit_on', sa.Date(), nullable=True),
    sa.Column('assigned_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_visit_case_id')),
    sa.ForeignKeyConstraint(['inspector_id'], ['user.id'], name=op.f('fk_visit_inspector_id')),
    sa.ForeignKeyConstraint(['place_code'], ['region.code'], name=op.f('fk_visit_place_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit')),
    sa.UniqueConstraint('case_id', name=op.f('uq_visit_case_id')),
    sa.UniqueConstraint('uid', name=op.f('uq_visit_uid'))
    )
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_visit_inspector_id'), ['inspector_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_visit_place_code'), ['place_code'], unique=False)

    op.create_table('appointment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('attempt_id', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=False),
    sa.Column('window_start', sa.DateTime(timezone=True), nullable=False),
    sa.Column('window_end', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kept_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id'], name=op.f('fk_appointment_attempt_id')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_appointment_case_id')),
    sa.ForeignKeyConstraint(['owner_id'], ['user.id'], name=op.f('fk_appointment_owner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appointment'))
    )
    with op.batch_alter_table('appointment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_appointment_case_id'), ['case_id'], unique=False)

    op.create_table('finding',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('inspector_id', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.String(), nullable=False),
    sa.Column('checklist', sa.JSON(), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('idempotency_key', sa.String(), nullable=False),
    sa.Column('note_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('reasons_sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['inspector_id'], ['user.id'], name=op.f('fk_finding_inspector_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_finding_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_finding')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_finding_idempotency_key')),
    sa.UniqueConstraint('uid', name=op.f('uq_finding_uid'))
    )
    with op.batch_alter_table('finding', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_finding_visit_id'), ['visit_id'], unique=False)

    op.create_table('photo',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('finding_id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('original_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('shown_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['finding_id'], ['finding.id'], name=op.f('fk_photo_finding_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_photo')),
    sa.UniqueConstraint('uid', name=op.f('uq_photo_uid'))
    )
    with op.batch_alter_table('photo', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_photo_finding_id'), ['finding_id'], unique=False)

    for table in guards.APPEND_ONLY:
        guards.append_only(table)
    guards.keep_work()
    guards.seal_frames()


def downgrade() -> None:
    for table in guards.APPEND_ONLY:
        guards.drop(table, "UPDATE")
        guards.drop(table, "DELETE")
    guards.release_work()
    guards.unseal_frames()
    with op.batch_alter_table('photo', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_photo_finding_id'))

    op.drop_table('photo')
    with op.batch_alter_table('finding', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_finding_visit_id'))

    op.drop_table('finding')
    with op.batch_alter_table('appointment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_appointment_case_id'))

    op.drop_table('appointment')
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_visit_place_code'))
        batch_op.drop_index(batch_op.f('ix_visit_inspector_id'))

    op.drop_table('visit')
    op.drop_table('lead')
    with op.batch_alter_table('case_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_case_event_case_id'))

    op.drop_table('case_event')
    with op.batch_alter_table('attempt', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_attempt_operator_id'))

    op.drop_table('attempt')
    with op.batch_alter_table('sample_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_sample_entry_replicate')

    op.drop_table('sample_entry')
    op.drop_table('roll_up')
    with op.batch_alter_table('frame_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_frame_entry_stratum_id'))

    op.drop_table('frame_entry')
    with op.batch_alter_table('estimate_row', schema=None) as batch_op:
        batch_op.drop_index('ix_estimate_row_run')

    op.drop_table('estimate_row')
    with op.batch_alter_table('case', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_case_stratum_id'))
        batch_op.drop_index(batch_op.f('ix_case_region_code'))
        batch_op.drop_index(batch_op.f('ix_case_holder_id'))
        batch_op.drop_index('ix_case_due')

    op.drop_table('case')
    op.drop_table('visit_rate')
    op.drop_table('target')
    op.drop_table('stratum')
    op.drop_table('replicate')
    op.drop_table('ledger_removal')
    with op.batch_alter_table('ledger_problem', schema=None) as batch_op:
        batch_op.drop_index('ix_ledger_problem_place')

    op.drop_table('ledger_problem')
    with op.batch_alter_table('ledger_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ledger_entry_region_code'))
        batch_op.drop_index(batch_op.f('ix_ledger_entry_ledger_id'))
        batch_op.drop_index(batch_op.f('ix_ledger_entry_id_index'))

    op.drop_table('ledger_entry')
    op.drop_table('frame')
    with op.batch_alter_table('estimate_run', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_estimate_run_campaign_id'))

    op.drop_table('estimate_run')
    op.drop_table('draw')
    op.drop_table('desk_outcome')
    op.drop_table('campaign_unit')
    op.drop_table('campaign_project')
    with op.batch_alter_table('login_session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_login_session_user_id'))

    op.drop_table('login_session')
    with op.batch_alter_table('ledger', schema=None) as batch_op:
        batch_op.drop_index('uq_ledger_same_file', sqlite_where=sa.text("state NOT IN ('refused', 'withdrawn')"), postgresql_where=sa.text("state NOT IN ('refused', 'withdrawn')"))
        batch_op.drop_index(batch_op.f('ix_ledger_region_code'))

    op.drop_table('ledger')
    op.drop_table('campaign')
    with op.batch_alter_table('audit_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_event_subject'))
        batch_op.drop_index(batch_op.f('ix_audit_event_actor_id'))

    op.drop_table('audit_event')
    op.drop_table('user')
    with op.batch_alter_table('region', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_region_unit_code'))

    op.drop_table('region')
