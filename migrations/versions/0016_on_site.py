"""on site: clock skew, place and signatures of findings, fingerprints of photos, reports that came too late."""

import sqlalchemy as sa
from alembic import op

from migrations import guards

revision = '0016'
down_revision = '0015'

WHEN = sa.DateTime(timezone=True)


def _codes(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.add_column('finding', sa.Column('skew_seconds', sa.Integer(), nullable=True))
    op.add_column('finding', sa.Column('place_sealed', sa.LargeBinary(), nullable=True))
    op.add_column('photo', sa.Column('fingerprint', sa.String(), nullable=True))
    op.create_table('signature',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('finding_id', sa.Integer(), nullable=False),
    sa.Column('signer', _codes('signer', 'inspector', 'clerk'), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('original_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('shown_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('received_at', WHEN, nullable=False),
    sa.ForeignKeyConstraint(['finding_id'], ['finding.id'], name=op.f('fk_signature_finding_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signature')),
    sa.UniqueConstraint('finding_id', 'signer', name=op.f('uq_signature_finding_id_signer')),
    sa.UniqueConstraint('uid', name=op.f('uq_signature_uid'))
    )
    op.create_table('kept_finding',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('inspector_id', sa.Integer(), nullable=False),
    sa.Column('why', _codes('conflict', 'withdrawn', 'reassigned', 'found_by_other'), nullable=False),
    sa.Column('found_at', WHEN, nullable=False),
    sa.Column('received_at', WHEN, nullable=False),
    sa.Column('skew_seconds', sa.Integer(), nullable=True),
    sa.Column('idempotency_key', sa.String(), nullable=False),
    sa.Column('report_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('state', _codes('keptstate', 'waiting', 'accepted', 'dismissed'), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', WHEN, nullable=True),
    sa.Column('reason_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('finding_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_kept_finding_decided_by_id')),
    sa.ForeignKeyConstraint(['finding_id'], ['finding.id'], name=op.f('fk_kept_finding_finding_id')),
    sa.ForeignKeyConstraint(['inspector_id'], ['user.id'], name=op.f('fk_kept_finding_inspector_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_kept_finding_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kept_finding')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_kept_finding_idempotency_key')),
    sa.UniqueConstraint('uid', name=op.f('uq_kept_finding_uid'))
    )
    op.create_index(op.f('ix_kept_finding_state'), 'kept_finding', ['state'])
    op.create_index(op.f('ix_kept_finding_visit_id'), 'kept_finding', ['visit_id'])
    op.create_table('kept_image',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('kept_id', sa.Integer(), nullable=False),
    sa.Column('signer', _codes('signer', 'inspector', 'clerk'), nullable=True),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('original_sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['kept_id'], ['kept_finding.id'], name=op.f('fk_kept_image_kept_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kept_image')),
    sa.UniqueConstraint('uid', name=op.f('uq_kept_image_uid'))
    )
    op.create_index(op.f('ix_kept_image_kept_id'), 'kept_image', ['kept_id'])
    for table in ('signature', 'kept_image'):
        guards.append_only(table)
    guards.refuse('kept_finding', 'DELETE', message='rows of kept_finding are kept')
    guards.refuse('kept_finding', 'UPDATE', when="OLD.state <> 'waiting'", message='this row of kept_finding is finished')


def downgrade() -> None:
    for table in ('signature', 'kept_image', 'kept_finding'):
        for verb in ('UPDATE', 'DELETE'):
            guards.drop(table, verb)
    for table in ('kept_image', 'kept_finding', 'signature'):
        op.drop_table(table)
    op.drop_column('photo', 'fingerprint')
    op.drop_column('finding', 'place_sealed')
    op.drop_column('finding', 'skew_seconds')
