"""calls kept: late outcomes, interrupted calls told about, corrections, numbers to find and to spare."""

import sqlalchemy as sa
from alembic import op

from migrations import guards

revision = '0007'
down_revision = '0006'

WHEN = sa.DateTime(timezone=True)


def _codes(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table('late_outcome',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('operator_id', sa.Integer(), nullable=False),
    sa.Column('fence', sa.Integer(), nullable=False),
    sa.Column('received_at', WHEN, nullable=False),
    sa.Column('idempotency_key', sa.String(), nullable=False),
    sa.Column('report_digest', sa.String(), nullable=False),
    sa.Column('disposition', sa.String(), nullable=False),
    sa.Column('report_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('state', _codes('latestate', 'waiting', 'accepted', 'dismissed'), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', WHEN, nullable=True),
    sa.Column('reason_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('attempt_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id'], name=op.f('fk_late_outcome_attempt_id')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_late_outcome_case_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_late_outcome_decided_by_id')),
    sa.ForeignKeyConstraint(['operator_id'], ['user.id'], name=op.f('fk_late_outcome_operator_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_late_outcome')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_late_outcome_idempotency_key')),
    sa.UniqueConstraint('uid', name=op.f('uq_late_outcome_uid'))
    )
    op.create_index(op.f('ix_late_outcome_case_id'), 'late_outcome', ['case_id'])
    op.create_index(op.f('ix_late_outcome_state'), 'late_outcome', ['state'])
    op.create_table('interruption',
    sa.Column('attempt_id', sa.Integer(), nullable=False),
    sa.Column('what', _codes('whathappened', 'not_dialled', 'no_answer', 'not_finished', 'finished'), nullable=False),
    sa.Column('told_at', WHEN, nullable=False),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id'], name=op.f('fk_interruption_attempt_id')),
    sa.PrimaryKeyConstraint('attempt_id', name=op.f('pk_interruption'))
    )
    op.create_table('case_number',
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('number_index', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_case_number_case_id')),
    sa.PrimaryKeyConstraint('case_id', 'place', name=op.f('pk_case_number'))
    )
    op.create_index(op.f('ix_case_number_number_index'), 'case_number', ['number_index'])
    op.create_table('no_call',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('number_index', sa.String(), nullable=False),
    sa.Column('added_by_id', sa.Integer(), nullable=False),
    sa.Column('added_at', WHEN, nullable=False),
    sa.Column('reason_sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['added_by_id'], ['user.id'], name=op.f('fk_no_call_added_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_no_call')),
    sa.UniqueConstraint('number_index', name=op.f('uq_no_call_number_index')),
    sa.UniqueConstraint('uid', name=op.f('uq_no_call_uid'))
    )
    op.add_column('attempt', sa.Column('report_digest', sa.String(), nullable=True))
    _reference('attempt', 'supersedes_id', 'attempt')
    op.create_index(op.f('ix_attempt_supersedes_id'), 'attempt', ['supersedes_id'], unique=True)
    for table in ('interruption', 'no_call'):
        guards.append_only(table)
    guards.refuse('late_outcome', 'DELETE', message='rows of late_outcome are kept')
    guards.refuse('late_outcome', 'UPDATE', when="OLD.state <> 'waiting'", message='this row of late_outcome is finished')


def downgrade() -> None:
    for table in ('interruption', 'no_call', 'late_outcome'):
        for verb in ('UPDATE', 'DELETE'):
            guards.drop(table, verb)
    op.drop_index(op.f('ix_attempt_supersedes_id'), table_name='attempt')
    op.drop_column('attempt', 'supersedes_id')
    op.drop_column('attempt', 'report_digest')
    for table in ('no_call', 'case_number', 'interruption', 'late_outcome'):
        op.drop_table(table)


def _reference(table: str, column: str, other: str) -> None:
    """Add a column that names a row of *other*; SQLite can only do it in one clause."""
    if op.get_bind().dialect.name == 'sqlite':
        op.execute(f'ALTER TABLE {table} ADD COLUMN {column} INTEGER REFERENCES "{other}" (id)')
        return
    op.add_column(table, sa.Column(column, sa.Integer(), nullable=True))
    op.create_foreign_key(op.f(f'fk_{table}_{column}'), table, other, [column], ['id'])
