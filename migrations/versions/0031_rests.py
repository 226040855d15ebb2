"""rests: how long a case rests after a call, as a campaign sets it; unset ones are the table's."""

import sqlalchemy as sa
from alembic import op

revision = '0031'
down_revision = '0030'


def upgrade() -> None:
    op.add_column('calling_rules', sa.Column('rests', sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column('calling_rules', 'rests')
