"""last calls: how the last call of a case ended, by whom and when, kept beside its schedule."""

import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0027'

_LAST = """
UPDATE case_schedule SET last_code = call.disposition, last_by_id = call.operator_id,
    last_began_at = call.started_at
FROM attempt AS call
WHERE call.id IN (
    SELECT max(id) FROM attempt
    WHERE disposition <> '' AND NOT blind
      AND id NOT IN (SELECT supersedes_id FROM attempt WHERE supersedes_id IS NOT NULL)
    GROUP BY case_id
) AND call.case_id = case_schedule.case_id
"""


def upgrade() -> None:
    op.add_column('case_schedule', sa.Column('last_code', sa.String(), nullable=True))
    op.add_column(
        'case_schedule', sa.Column('last_began_at', sa.DateTime(timezone=True), nullable=True)
    )
    if op.get_bind().dialect.name == 'sqlite':  # it can add a reference only in one clause
        op.execute('ALTER TABLE case_schedule ADD COLUMN last_by_id INTEGER REFERENCES "user" (id)')
    else:
        op.add_column('case_schedule', sa.Column('last_by_id', sa.Integer(), nullable=True))
        name = op.f('fk_case_schedule_last_by_id')
        op.create_foreign_key(name, 'case_schedule', 'user', ['last_by_id'], ['id'])
    op.execute(_LAST)


def downgrade() -> None:
    for column in ('last_by_id', 'last_began_at', 'last_code'):
        op.drop_column('case_schedule', column)
