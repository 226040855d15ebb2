"""official table and certificate: more kinds of hand-outs."""

from alembic import op

from migrations import guards
from migrations.rebuilding import allow, rebuilt

revision = '0019'
down_revision = '0018'

BEFORE = ('report_word', 'report_pdf', 'annex', 'notice_word', 'notice_pdf', 'bundle')
NEW = ('weekly_sheet', 'weekly_pdf', 'certificate_word', 'certificate_pdf')


def upgrade() -> None:
    with rebuilt('handout') as batch_op:
        allow(batch_op, 'ck_handout_handoutkind', 'kind', (*BEFORE, *NEW))


def downgrade() -> None:
    for table in ('handout_part', 'handout'):
        guards.drop(table, 'DELETE')
    listed = ', '.join(f"'{kind}'" for kind in NEW)
    op.execute(f'DELETE FROM handout_part WHERE handout_id IN (SELECT id FROM handout WHERE kind IN ({listed}))')
    op.execute(f'DELETE FROM handout WHERE kind IN ({listed})')
    with rebuilt('handout') as batch_op:
        allow(batch_op, 'ck_handout_handoutkind', 'kind', BEFORE)
    guards.refuse('handout_part', 'DELETE', message='handout_part is append-only')
    guards.refuse('handout', 'DELETE', message='rows of handout are kept')
