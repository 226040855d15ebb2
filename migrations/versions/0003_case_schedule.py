"""case schedule: one narrow row for each case in the queue, rules of calling, skills."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'

WHEN = sa.DateTime(timezone=True)
STANDING = sa.Enum('due', 'resting', 'out', name='standing', native_enum=False, create_constraint=True, length=40)
CHUNK = 1000
PARTS = ('daytime', 'evening', 'weekend')


def upgrade() -> None:
    op.create_table('case_schedule',
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('region_code', sa.String(), nullable=False),
    sa.Column('standing', STANDING, nullable=False),
    sa.Column('tier', sa.Integer(), nullable=False),
    sa.Column('skill', sa.String(), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('due_at', WHEN, nullable=False),
    sa.Column('window_end', WHEN, nullable=True),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('owned_until', WHEN, nullable=True),
    sa.Column('tried', sa.Integer(), nullable=False),
    sa.Column('tried_on', sa.Date(), nullable=True),
    sa.Column('tried_that_day', sa.Integer(), nullable=False),
    *(sa.Column(f'tried_{part}', sa.Integer(), nullable=False) for part in PARTS),
    sa.Column('no_call', sa.Boolean(), nullable=False),
    sa.Column('turn', sa.BigInteger(), nullable=False),
    sa.Column('claimed_as', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_case_schedule_campaign_id')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_case_schedule_case_id')),
    sa.ForeignKeyConstraint(['owner_id'], ['user.id'], name=op.f('fk_case_schedule_owner_id')),
    sa.ForeignKeyConstraint(['region_code'], ['region.code'], name=op.f('fk_case_schedule_region_code')),
    sa.PrimaryKeyConstraint('case_id', name=op.f('pk_case_schedule'))
    )
    op.create_table('calling_rules',
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('opens', sa.Time(), nullable=False),
    sa.Column('ends', sa.Time(), nullable=False),
    sa.Column('rest_from', sa.Time(), nullable=True),
    sa.Column('rest_until', sa.Time(), nullable=True),
    sa.Column('calls_of_a_case', sa.Integer(), nullable=False),
    sa.Column('calls_a_day', sa.Integer(), nullable=False),
    sa.Column('fresh_share', sa.Integer(), nullable=False),
    sa.Column('slot_capacity', sa.Integer(), nullable=False),
    sa.Column('changed_by_id', sa.Integer(), nullable=False),
    sa.Column('changed_at', WHEN, nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_calling_rules_campaign_id')),
    sa.ForeignKeyConstraint(['changed_by_id'], ['user.id'], name=op.f('fk_calling_rules_changed_by_id')),
    sa.PrimaryKeyConstraint('campaign_id', name=op.f('pk_calling_rules'))
    )
    op.add_column('user', sa.Column('skills', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('attempt', sa.Column('claimed_as', sa.Integer(), nullable=True))
    op.drop_index(op.f('ix_attempt_operator_id'), table_name='attempt')
    op.create_index('ix_attempt_operator_id_started_at', 'attempt', ['operator_id', 'started_at'])
    _fill()
    _index()
    op.drop_index('ix_case_due', table_name='case')
    op.drop_column('case', 'due_at')
    op.drop_column('case', 'has_appointment')


def downgrade() -> None:
    op.add_column('case', sa.Column('due_at', WHEN, nullable=False, server_default='1970-01-01 00:00:00+00:00'))
    op.add_column('case', sa.Column('has_appointment', sa.Boolean(), nullable=False, server_default=sa.false()))
    of_case = 'FROM case_schedule WHERE case_id = "case".id'
    op.execute(f'UPDATE "case" SET due_at = (SELECT due_at {of_case}), has_appointment = (SELECT tier IN (2, 3) {of_case})')
    op.create_index('ix_case_due', 'case', ['state', 'due_at', 'id'])
    op.drop_index('ix_attempt_operator_id_started_at', table_name='attempt')
    op.create_index(op.f('ix_attempt_operator_id'), 'attempt', ['operator_id'])
    op.drop_column('attempt', 'claimed_as')
    op.drop_column('user', 'skills')
    op.drop_table('calling_rules')
    op.drop_table('case_schedule')


def _index() -> None:
    due, resting = (sa.text(f"standing = '{code}'") for code in ('due', 'resting'))
    op.create_index(op.f('ix_case_schedule_campaign_id'), 'case_schedule', ['campaign_id'])
    op.create_index('ix_case_schedule_agreed', 'case_schedule', ['tier', 'window_end', 'turn'], postgresql_where=due, sqlite_where=due)
    for part in PARTS:
        columns = ['tier', 'skill', f'tried_{part}', 'priority', 'due_at', 'turn']
        op.create_index(f'ix_case_schedule_{part}', 'case_schedule', columns, postgresql_where=due, sqlite_where=due)
    op.create_index('ix_case_schedule_resting', 'case_schedule', ['due_at'], postgresql_where=resting, sqlite_where=resting)


def _fill() -> None:
    """Give every case its row: what the case itself knew, and its closed calls counted."""
    bind, meta = op.get_bind(), sa.MetaData()
    case, attempt, appointment, schedule = (
        sa.Table(name, meta, autoload_with=bind) for name in ('case', 'attempt', 'appointment', 'case_schedule')
    )
    # As stored: SQLite keeps times without a zone, in UTC.
    calls: dict[int, list[datetime]] = {}
    for case_id, began in bind.execute(sa.select(attempt.c.case_id, attempt.c.started_at).where(attempt.c.disposition != '').order_by(attempt.c.started_at)):
        calls.setdefault(case_id, []).append(began)
    ends = dict(bind.execute(sa.select(appointment.c.case_id, sa.func.max(appointment.c.window_end)).where(appointment.c.kept_at.is_(None)).group_by(appointment.c.case_id)).all())
    rows = [_row(row, calls.get(row.id, []), ends.get(row.id)) for row in bind.execute(sa.select(case))]
    for start in range(0, len(rows), CHUNK):
        bind.execute(sa.insert(schedule), rows[start : start + CHUNK])


def _row(case: sa.Row, calls: list[datetime], window_end: datetime | None) -> dict[str, object]:
    days = [(at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(ZoneInfo('Asia/Shanghai')) for at in calls]
    parts = ['weekend' if d.weekday() >= 5 else 'evening' if d.hour >= 17 else 'daytime' for d in days]
    return {
        'case_id': case.id,
        'campaign_id': case.campaign_id,
        'region_code': case.region_code,
        'standing': 'resting' if case.state == 'ready' else 'out',
        'tier': 2 if case.has_appointment else 4 if calls else 5,
        'skill': '',
        'priority': 50,
        'due_at': case.due_at,
        'window_end': window_end if case.has_appointment else None,
        'tried': len(days),
        'tried_on': days[-1].date() if days else None,
        'tried_that_day': sum(d.date() == days[-1].date() for d in days),
        **{f'tried_{part}': parts.count(part) for part in PARTS},
        'no_call': False,
        'turn': int(case.uid[:16], 16) >> 1,
    }
