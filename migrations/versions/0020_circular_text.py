"""circular text and files of answers: what people made of a draft, and what came with an answer."""

import sqlalchemy as sa
from alembic import op

from migrations import guards

revision = '0020'
down_revision = '0019'

WHEN = sa.DateTime(timezone=True)
TABLES = ('matter_file', 'circular_text')


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [other], name=op.f(f'fk_{table}_{column}'))


def upgrade() -> None:
    op.create_table('circular_text',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('region_code', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('written_by_id', sa.Integer(), nullable=False),
    sa.Column('written_at', WHEN, nullable=False),
    sa.Column('words_sealed', sa.LargeBinary(), nullable=True),
    _key('circular_text', 'campaign_id', 'campaign.id'),
    _key('circular_text', 'run_id', 'estimate_run.id'),
    _key('circular_text', 'region_code', 'region.code'),
    _key('circular_text', 'written_by_id', 'user.id'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_circular_text')),
    sa.UniqueConstraint('uid', name=op.f('uq_circular_text_uid')),
    sa.UniqueConstraint('campaign_id', 'region_code', 'version', name=op.f('uq_circular_text_campaign_id_region_code_version'))
    )
    op.create_table('matter_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('step_id', sa.Integer(), nullable=False),
    sa.Column('name_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('content_sealed', sa.LargeBinary(), nullable=False),
    _key('matter_file', 'step_id', 'matter_step.id'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_matter_file')),
    sa.UniqueConstraint('uid', name=op.f('uq_matter_file_uid')),
    sa.UniqueConstraint('step_id', name=op.f('uq_matter_file_step_id'))
    )
    for table in TABLES:
        guards.append_only(table)


def downgrade() -> None:
    for table in TABLES:
        for verb in ('UPDATE', 'DELETE'):
            guards.drop(table, verb)
        op.drop_table(table)
