"""reports about leads that travelled along; reports that come after a campaign is over."""

import sqlalchemy as sa
from alembic import op

from migrations import guards
from migrations.rebuilding import allow, rebuilt

revision = '0022'
down_revision = '0021'

WHEN = sa.DateTime(timezone=True)
RESULTS = ('open', 'true', 'false', 'unresolved', 'passed_on')
VISIT_CONFLICTS = ('withdrawn', 'reassigned', 'found_by_other')
CONFLICTS = ('settled', 'merged', 'given_over')


def _codes(name: str, codes: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)


def _key(column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [other], name=op.f(f'fk_lead_report_{column}'))


def upgrade() -> None:
    op.create_table('lead_report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=False),
    sa.Column('inspector_id', sa.Integer(), nullable=False),
    sa.Column('result', _codes('leadresult', RESULTS), nullable=False),
    sa.Column('words_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('found_at', WHEN, nullable=False),
    sa.Column('received_at', WHEN, nullable=False),
    sa.Column('skew_seconds', sa.Integer(), nullable=True),
    sa.Column('idempotency_key', sa.String(), nullable=False),
    sa.Column('why', _codes('leadconflict', CONFLICTS), nullable=True),
    sa.Column('noted_by_id', sa.Integer(), nullable=True),
    sa.Column('noted_at', WHEN, nullable=True),
    _key('lead_id', 'lead.id'),
    _key('inspector_id', 'user.id'),
    _key('noted_by_id', 'user.id'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lead_report')),
    sa.UniqueConstraint('uid', name=op.f('uq_lead_report_uid')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_lead_report_idempotency_key'))
    )
    for column in ('lead_id', 'inspector_id'):
        op.create_index(op.f(f'ix_lead_report_{column}'), 'lead_report', [column])
    guards.refuse('lead_report', 'DELETE', message='rows of lead_report are kept')
    guards.refuse('lead_report', 'UPDATE', when='OLD.why IS NULL OR OLD.noted_at IS NOT NULL', message='this row of lead_report is finished')
    with rebuilt('kept_finding') as batch_op:
        allow(batch_op, 'ck_kept_finding_conflict', 'why', (*VISIT_CONFLICTS, 'closed'))


def downgrade() -> None:
    guards.drop('kept_finding', 'UPDATE')
    op.execute("UPDATE kept_finding SET why = 'withdrawn' WHERE why = 'closed'")
    with rebuilt('kept_finding') as batch_op:
        allow(batch_op, 'ck_kept_finding_conflict', 'why', VISIT_CONFLICTS)
    guards.refuse('kept_finding', 'UPDATE', when="OLD.state <> 'waiting'", message='this row of kept_finding is finished')
    for verb in ('UPDATE', 'DELETE'):
        guards.drop('lead_report', verb)
    op.drop_table('lead_report')
