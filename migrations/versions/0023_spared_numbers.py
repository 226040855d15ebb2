"""spared numbers: how a number of the list is shown, covered, so that its row is told from others."""

import sqlalchemy as sa
from alembic import op

from migrations.rebuilding import rebuilt

revision = '0023'
down_revision = '0022'


def upgrade() -> None:
    op.add_column('no_call', sa.Column('shown_sealed', sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with rebuilt('no_call') as batch_op:
        batch_op.drop_column('shown_sealed')
