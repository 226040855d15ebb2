"""which supervisor corrected a call after its operator's ten minutes."""

import sqlalchemy as sa
from alembic import op

revision = '0027'
down_revision = '0026'


def upgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':  # adds a reference only in one clause
        op.execute('ALTER TABLE attempt ADD COLUMN corrected_by_id INTEGER REFERENCES "user" (id)')
        return
    op.add_column('attempt', sa.Column('corrected_by_id', sa.Integer(), nullable=True))
    op.create_foreign_key(
        op.f('fk_attempt_corrected_by_id'), 'attempt', 'user', ['corrected_by_id'], ['id']
    )


def downgrade() -> None:
    op.drop_column('attempt', 'corrected_by_id')
