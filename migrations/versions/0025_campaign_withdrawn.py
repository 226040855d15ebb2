"""campaign withdrawn: a campaign that is not frozen yet may be withdrawn with a reason."""

import sqlalchemy as sa
from alembic import op

from migrations.rebuilding import allow, rebuilt

revision = '0025'
down_revision = '0024'

STATES = ('design', 'frozen', 'drawn', 'calling', 'visiting', 'closed', 'void')


def upgrade() -> None:
    with rebuilt('campaign') as batch_op:
        batch_op.add_column(sa.Column('withdrawn_because', sa.String(), nullable=False, server_default=''))
        allow(batch_op, 'ck_campaign_campaignstate', 'state', (*STATES, 'withdrawn'))


def downgrade() -> None:
    op.execute("UPDATE campaign SET state = 'void' WHERE state = 'withdrawn'")
    with rebuilt('campaign') as batch_op:
        allow(batch_op, 'ck_campaign_campaignstate', 'state', STATES)
        batch_op.drop_column('withdrawn_because')
