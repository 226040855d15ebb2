"""supervision: blind re-calls, replies of supervisors, requests to open a replicate."""

import sqlalchemy as sa
from alembic import op

from migrations import guards

revision = '0004'
down_revision = '0003'

WHEN = sa.DateTime(timezone=True)


def _codes(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table('recall_plan',
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('share', sa.Double(), nullable=False),
    sa.Column('changed_by_id', sa.Integer(), nullable=False),
    sa.Column('changed_at', WHEN, nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_recall_plan_campaign_id')),
    sa.ForeignKeyConstraint(['changed_by_id'], ['user.id'], name=op.f('fk_recall_plan_changed_by_id')),
    sa.PrimaryKeyConstraint('campaign_id', name=op.f('pk_recall_plan'))
    )
    op.create_table('recall',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('first_id', sa.Integer(), nullable=False),
    sa.Column('operator_id', sa.Integer(), nullable=False),
    sa.Column('reason', _codes('recallreason', 'random', 'signal'), nullable=False),
    sa.Column('state', _codes('recallstate', 'open', 'held', 'missed'), nullable=False),
    sa.Column('chosen_by_id', sa.Integer(), nullable=True),
    sa.Column('chosen_at', WHEN, nullable=False),
    sa.Column('second_id', sa.Integer(), nullable=True),
    sa.Column('ended_at', WHEN, nullable=True),
    sa.Column('contradicts', sa.Boolean(), nullable=False),
    sa.Column('settlement', _codes('settlement', 'lead', 'kept'), nullable=True),
    sa.Column('settled_by_id', sa.Integer(), nullable=True),
    sa.Column('settled_at', WHEN, nullable=True),
    sa.Column('note_sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_recall_campaign_id')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_recall_case_id')),
    sa.ForeignKeyConstraint(['chosen_by_id'], ['user.id'], name=op.f('fk_recall_chosen_by_id')),
    sa.ForeignKeyConstraint(['first_id'], ['attempt.id'], name=op.f('fk_recall_first_id')),
    sa.ForeignKeyConstraint(['operator_id'], ['user.id'], name=op.f('fk_recall_operator_id')),
    sa.ForeignKeyConstraint(['second_id'], ['attempt.id'], name=op.f('fk_recall_second_id')),
    sa.ForeignKeyConstraint(['settled_by_id'], ['user.id'], name=op.f('fk_recall_settled_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recall')),
    sa.UniqueConstraint('case_id', name=op.f('uq_recall_case_id')),
    sa.UniqueConstraint('uid', name=op.f('uq_recall_uid'))
    )
    op.create_index('ix_recall_campaign_id_state', 'recall', ['campaign_id', 'state'])
    op.create_index(op.f('ix_recall_operator_id'), 'recall', ['operator_id'])
    op.create_table('supervisor_reply',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('ruling', _codes('ruling', 'return', 'finish', 'out_of_sample'), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('at', WHEN, nullable=False),
    sa.Column('words_sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_supervisor_reply_author_id')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_supervisor_reply_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supervisor_reply')),
    sa.UniqueConstraint('uid', name=op.f('uq_supervisor_reply_uid'))
    )
    op.create_index(op.f('ix_supervisor_reply_case_id'), 'supervisor_reply', ['case_id'])
    op.create_table('release_request',
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('replicate', sa.Integer(), nullable=False),
    sa.Column('asked_by_id', sa.Integer(), nullable=False),
    sa.Column('asked_at', WHEN, nullable=False),
    sa.ForeignKeyConstraint(['asked_by_id'], ['user.id'], name=op.f('fk_release_request_asked_by_id')),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_release_request_campaign_id')),
    sa.PrimaryKeyConstraint('campaign_id', 'replicate', name=op.f('pk_release_request'))
    )
    op.add_column('attempt', sa.Column('blind', sa.Boolean(), nullable=False, server_default=sa.false()))
    _reference('case_schedule', 'not_for_id', 'user')
    guards.append_only('supervisor_reply')
    guards.refuse('recall', 'DELETE', message='rows of recall are kept')
    guards.refuse('recall', 'UPDATE', when='OLD.settled_at IS NOT NULL', message='this row of recall is finished')


def downgrade() -> None:
    for verb in ('UPDATE', 'DELETE'):
        guards.drop('supervisor_reply', verb)
        guards.drop('recall', verb)
    op.drop_column('case_schedule', 'not_for_id')
    op.drop_column('attempt', 'blind')
    for table in ('release_request', 'supervisor_reply', 'recall', 'recall_plan'):
        op.drop_table(table)


def _reference(table: str, column: str, other: str) -> None:
    """Add a column that names a row of *other*; SQLite can only do it in one clause."""
    if op.get_bind().dialect.name == 'sqlite':
        op.execute(f'ALTER TABLE {table} ADD COLUMN {column} INTEGER REFERENCES "{other}" (id)')
        return
    op.add_column(table, sa.Column(column, sa.Integer(), nullable=True))
    op.create_foreign_key(op.f(f'fk_{table}_{column}'), table, other, [column], ['id'])
