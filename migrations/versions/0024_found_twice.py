"""found twice: the same inspector reports one visit from two pages, one without sight of the other."""

from alembic import op

from migrations import guards
from migrations.rebuilding import allow, rebuilt

revision = '0024'
down_revision = '0023'

CONFLICTS = ('withdrawn', 'reassigned', 'found_by_other', 'closed')


def upgrade() -> None:
    with rebuilt('kept_finding') as batch_op:
        allow(batch_op, 'ck_kept_finding_conflict', 'why', (*CONFLICTS, 'found_twice'))


def downgrade() -> None:
    guards.drop('kept_finding', 'UPDATE')
    op.execute("UPDATE kept_finding SET why = 'found_by_other' WHERE why = 'found_twice'")
    with rebuilt('kept_finding') as batch_op:
        allow(batch_op, 'ck_kept_finding_conflict', 'why', CONFLICTS)
    guards.refuse('kept_finding', 'UPDATE', when="OLD.state <> 'waiting'", message='this row of kept_finding is finished')
