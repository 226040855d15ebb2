"""The proof that one row of a ledger is in a sealed frame, which shows nothing of the others.

A frame keeps a level of its hash tree, with one node for each block of rows. A proof then needs
the rows of one block only, and finds out by the way whether they are those that were sealed.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.models import Campaign, Coordination, Frame, FrameEntry
from casework.campaigns.protocol import local_day
from casework.campaigns.protocol_errors import (
    FrameWithoutRoot,
    RowNotAccepted,
    RowNotInFrame,
    RowsChanged,
    StillSecret,
)
from casework.campaigns.rows import BLOCK, FrameRows, nonces, rows_of
from casework.db import db, transaction
from casework.errors import NotFound
from casework.ledgers.models import Ledger, LedgerEntry, LedgerState
from sampling import merkle
from sampling.commitments import NONCE_BYTES, row_leaves


def proof_of_row(
    campaign_id: int, ledger_id: int, sheet: str, row: int, *, actor: User, at: datetime
) -> dict[str, Any]:
    """Return the proof that a row of a ledger is in the frame of a campaign.

    ``verify_draw.py proof FILE manifest.json`` checks it. It does not depend on the draw.

    Raises NotFound for a ledger that is not the actor's to see, RowNotAccepted or RowNotInFrame for
    a row without proof, FrameWithoutRoot for a frame of the first release, RowsChanged if the rows
    are not those that were sealed, StillSecret for a follow-up wave before the day of its results.
    """
    with transaction() as session:
        uid = _accepted(session, ledger_id, sheet, row, actor)
        frame = session.scalar(
            select(Frame)
            .join(FrameEntry, FrameEntry.frame_id == Frame.id)
            .where(Frame.campaign_id == campaign_id, FrameEntry.entry_uid == uid)
        )
        if frame is None:
            raise RowNotInFrame(campaign=campaign_id, row=row)
        if not frame.root or frame.blocks is None:
            raise FrameWithoutRoot(campaign=campaign_id)
        campaign = session.get_one(Campaign, campaign_id)
        split = campaign.coordination is not Coordination.AFRESH
        if split and local_day(at) < campaign.results_from:
            raise StillSecret(until=campaign.results_from)  # its strata tell who was drawn before
        before = select(func.count()).where(
            FrameEntry.frame_id == frame.id, FrameEntry.entry_uid < uid
        )
        index = session.scalar(before) or 0
        first = index - index % BLOCK
        part = rows_of(campaign_id).offset(first).limit(BLOCK)
        rows = FrameRows.of(session.execute(part))
        trail.record(
            session,
            AuditAction.FRAME_PROVE,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            facts={"ledger": ledger_id, "row": row},
        )
        named = {"campaign": campaign.name, "frame_id": campaign.uid}
    return named | _proof(frame, rows, first, index)


def provable(*, actor: User) -> tuple[list[Campaign], list[Ledger], list[str]]:
    """Return the campaigns, ledgers and sheets of which the actor may ask for proofs."""
    own = in_scope(actor, LedgerEntry.region_code)
    framed = select(Campaign).join(Frame).where(Frame.root != "").order_by(Campaign.id.desc())
    inside = (
        select(Frame.campaign_id)
        .join(FrameEntry, FrameEntry.frame_id == Frame.id)
        .join(LedgerEntry, LedgerEntry.uid == FrameEntry.entry_uid)
        .where(own)
    )
    campaigns = framed if actor.sees_all_regions else framed.where(Campaign.id.in_(inside))
    accepted = (
        select(Ledger)
        .where(Ledger.state == LedgerState.ACCEPTED, in_scope(actor, Ledger.region_code))
        .order_by(Ledger.id.desc())
    )
    sheets = select(LedgerEntry.sheet).where(own).distinct().order_by(LedgerEntry.sheet)
    return (
        list(db.session.scalars(campaigns)),
        list(db.session.scalars(accepted)),
        list(db.session.scalars(sheets)),
    )


def _accepted(session: Session, ledger_id: int, sheet: str, row: int, actor: User) -> str:
    """Return the id of the entry at a place. Raises NotFound or RowNotAccepted."""
    own = LedgerEntry.ledger_id == ledger_id, in_scope(actor, LedgerEntry.region_code)
    here = *own, LedgerEntry.sheet == sheet
    uid = session.scalar(select(LedgerEntry.uid).where(*here, LedgerEntry.row == row))
    if uid is not None:
        return uid
    if session.scalar(select(LedgerEntry.id).where(*own).limit(1)) is None:
        raise NotFound(ledger=ledger_id)
    rows = func.min(LedgerEntry.row), func.max(LedgerEntry.row), func.count()
    first, last, entries = session.execute(select(*rows).where(*here)).one()
    raise RowNotAccepted(
        sheet=sheet, row=row, entries=entries, first=first or 0, last=last or 0, ledger=ledger_id
    )


def _proof(frame: Frame, rows: FrameRows, first: int, index: int) -> dict[str, Any]:
    each = nonces(frame.nonce_key, first, len(rows))
    leaves = row_leaves(rows.columns, each)
    blocks, place, within = frame.blocks or b"", first // BLOCK, index - first
    if merkle.root(leaves) != merkle.node(blocks, place):
        last = min(first + BLOCK, frame.entries)
        raise RowsChanged(sealed=frame.entries, first=first + 1, last=last)
    path = merkle.inclusion_path(leaves, within) + merkle.inclusion_path(blocks, place)
    return {
        "row": [column[within] for column in rows.columns],
        "nonce": each[within * NONCE_BYTES : (within + 1) * NONCE_BYTES].hex(),
        "index": index,
        "frame_rows": frame.entries,
        "path": [sibling.hex() for sibling in path],
        "root": frame.root,
    }
