"""trips: what one inspector looks at in one place on one day, its code, and who took it over."""

import sqlalchemy as sa
from alembic import op

from migrations import guards

revision = '0011'
down_revision = '0010'

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table('trip',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('place_code', sa.String(), nullable=False),
    sa.Column('enterprise', sa.String(), nullable=False),
    sa.Column('inspector_id', sa.Integer(), nullable=False),
    sa.Column('visit_on', sa.Date(), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=False),
    sa.Column('code_index', sa.String(), nullable=False),
    sa.Column('code_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('made_at', WHEN, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_trip_campaign_id')),
    sa.ForeignKeyConstraint(['inspector_id'], ['user.id'], name=op.f('fk_trip_inspector_id')),
    sa.ForeignKeyConstraint(['place_code'], ['region.code'], name=op.f('fk_trip_place_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trip')),
    sa.UniqueConstraint('code_index', name=op.f('uq_trip_code_index')),
    sa.UniqueConstraint('uid', name=op.f('uq_trip_uid'))
    )
    op.create_table('trip_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('trip_id', sa.Integer(), nullable=False),
    sa.Column('from_id', sa.Integer(), nullable=False),
    sa.Column('to_id', sa.Integer(), nullable=False),
    sa.Column('changed_by_id', sa.Integer(), nullable=False),
    sa.Column('changed_at', WHEN, nullable=False),
    sa.Column('reason_sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['changed_by_id'], ['user.id'], name=op.f('fk_trip_change_changed_by_id')),
    sa.ForeignKeyConstraint(['from_id'], ['user.id'], name=op.f('fk_trip_change_from_id')),
    sa.ForeignKeyConstraint(['to_id'], ['user.id'], name=op.f('fk_trip_change_to_id')),
    sa.ForeignKeyConstraint(['trip_id'], ['trip.id'], name=op.f('fk_trip_change_trip_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trip_change')),
    sa.UniqueConstraint('uid', name=op.f('uq_trip_change_uid'))
    )
    for table, columns in (('trip', ('campaign_id', 'inspector_id')), ('trip_change', ('trip_id',))):
        for column in columns:
            op.create_index(op.f(f'ix_{table}_{column}'), table, [column])
    for table in ('visit', 'lead'):
        _reference(table, 'trip_id', 'trip')
        op.create_index(op.f(f'ix_{table}_trip_id'), table, ['trip_id'])
    guards.append_only('trip_change')
    guards.refuse('trip', 'DELETE', message='rows of trip are kept')


def downgrade() -> None:
    guards.drop('trip', 'DELETE')
    for verb in ('UPDATE', 'DELETE'):
        guards.drop('trip_change', verb)
    for table in ('visit', 'lead'):
        op.drop_index(op.f(f'ix_{table}_trip_id'), table_name=table)
        op.drop_column(table, 'trip_id')
    for table in ('trip_change', 'trip'):
        op.drop_table(table)


def _reference(table: str, column: str, other: str) -> None:
    """Add a column that names a row of *other*; SQLite can only do it in one clause."""
    if op.get_bind().dialect.name == 'sqlite':
        op.execute(f'ALTER TABLE {table} ADD COLUMN {column} INTEGER REFERENCES "{other}" (id)')
        return
    op.add_column(table, sa.Column(column, sa.Integer(), nullable=True))
    op.create_foreign_key(op.f(f'fk_{table}_{column}'), table, other, [column], ['id'])
