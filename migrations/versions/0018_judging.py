"""judging: how far a run is, signatures, overrides, objections with their evidence."""

import sqlalchemy as sa
from alembic import op

from migrations import guards

revision = '0018'
down_revision = '0017'

WHEN = sa.DateTime(timezone=True)
TABLES = ('objection_file', 'objection', 'override', 'run_signature', 'run_standing')
PROJECTS = ('new_employment', 're_employment', 'hardship', 'overcapacity')


def _codes(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [other], name=op.f(f'fk_{table}_{column}'))


def upgrade() -> None:
    op.create_table('run_standing',
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('stage', _codes('runstage', 'draft', 'preliminary', 'final', 'published', 'withdrawn'), nullable=False),
    sa.Column('announced_on', sa.Date(), nullable=False),
    sa.Column('published_on', sa.Date(), nullable=True),
    _key('run_standing', 'run_id', 'estimate_run.id'),
    sa.PrimaryKeyConstraint('run_id', name=op.f('pk_run_standing'))
    )
    op.create_table('run_signature',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('region_code', sa.String(), nullable=False),
    sa.Column('signed_by_id', sa.Integer(), nullable=False),
    sa.Column('signed_at', WHEN, nullable=False),
    sa.Column('input_digest', sa.String(), nullable=False),
    _key('run_signature', 'run_id', 'estimate_run.id'),
    _key('run_signature', 'region_code', 'region.code'),
    _key('run_signature', 'signed_by_id', 'user.id'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_run_signature')),
    sa.UniqueConstraint('run_id', 'region_code', name=op.f('uq_run_signature_run_id_region_code'))
    )
    op.create_table('override',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('region_code', sa.String(), nullable=False),
    sa.Column('project', _codes('project', *PROJECTS), nullable=False),
    sa.Column('input_digest', sa.String(), nullable=False),
    sa.Column('computed', sa.String(), nullable=False),
    sa.Column('decision', sa.String(), nullable=False),
    sa.Column('reason_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('state', _codes('overridestate', 'proposed', 'confirmed', 'refused', 'void'), nullable=False),
    sa.Column('proposed_by_id', sa.Integer(), nullable=False),
    sa.Column('proposed_at', WHEN, nullable=False),
    sa.Column('settled_by_id', sa.Integer(), nullable=True),
    sa.Column('settled_at', WHEN, nullable=True),
    _key('override', 'run_id', 'estimate_run.id'),
    _key('override', 'region_code', 'region.code'),
    _key('override', 'proposed_by_id', 'user.id'),
    _key('override', 'settled_by_id', 'user.id'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_override')),
    sa.UniqueConstraint('uid', name=op.f('uq_override_uid'))
    )
    op.create_index(op.f('ix_override_run_id'), 'override', ['run_id'])
    op.create_table('objection',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('region_code', sa.String(), nullable=False),
    sa.Column('project', _codes('project', *PROJECTS), nullable=False),
    sa.Column('state', _codes('objectionstate', 'open', 'answered', 'closed', 'taken_back'), nullable=False),
    sa.Column('filed_by_id', sa.Integer(), nullable=False),
    sa.Column('filed_at', WHEN, nullable=False),
    sa.Column('text_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('answer_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.Column('answered_at', WHEN, nullable=True),
    sa.Column('closed_by_id', sa.Integer(), nullable=True),
    sa.Column('closed_at', WHEN, nullable=True),
    _key('objection', 'run_id', 'estimate_run.id'),
    _key('objection', 'region_code', 'region.code'),
    _key('objection', 'filed_by_id', 'user.id'),
    _key('objection', 'answered_by_id', 'user.id'),
    _key('objection', 'closed_by_id', 'user.id'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_objection')),
    sa.UniqueConstraint('uid', name=op.f('uq_objection_uid'))
    )
    op.create_index(op.f('ix_objection_run_id'), 'objection', ['run_id'])
    op.create_table('objection_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('objection_id', sa.Integer(), nullable=False),
    sa.Column('name_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('content_sealed', sa.LargeBinary(), nullable=False),
    _key('objection_file', 'objection_id', 'objection.id'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_objection_file')),
    sa.UniqueConstraint('uid', name=op.f('uq_objection_file_uid'))
    )
    op.create_index(op.f('ix_objection_file_objection_id'), 'objection_file', ['objection_id'])
    for table in ('run_signature', 'objection_file'):
        guards.append_only(table)
    finished = {
        'override': "OLD.state <> 'proposed'",
        'objection': "OLD.state IN ('closed', 'taken_back')",
        'run_standing': "OLD.stage IN ('published', 'withdrawn')",
    }
    for table, when in finished.items():
        guards.refuse(table, 'DELETE', message=f'rows of {table} are kept')
        guards.refuse(table, 'UPDATE', when=when, message=f'this row of {table} is finished')


def downgrade() -> None:
    for table in TABLES:
        for verb in ('UPDATE', 'DELETE'):
            guards.drop(table, verb)
        op.drop_table(table)
