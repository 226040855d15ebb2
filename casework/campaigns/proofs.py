"""The proof that one row of a ledger is in a sealed frame, which shows nothing of the others.

A frame keeps a level of its hash tree, with one node for each block of rows. A proof then needs
the rows of one block only, and finds out by the way whether they are those that were sealed.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.models import Campaign, Coordination, Frame, FrameEntry
from casework.campaigns.protocol import local_day
from casework.campaigns.protocol_errors import FrameChanged, FrameWithoutRoot, StillSecret
from casework.campaigns.rows import BLOCK, FrameRows, nonces, rows_of
from casework.db import transaction
from casework.errors import NotFound
from casework.ledgers.models import LedgerEntry
from sampling import merkle
from sampling.commitments import NONCE_BYTES, row_leaves


def proof_of_row(
    campaign_id: int, ledger_id: int, sheet: str, row: int, *, actor: User, at: datetime
) -> dict[str, Any]:
    """Return the proof that a row of a ledger is in the frame of a campaign.

    ``verify_draw.py proof FILE manifest.json`` checks it. It does not depend on the draw.

    Raises NotFound for a row that is not in the frame or not the actor's to see, FrameWithoutRoot
    for a frame of the first release, FrameChanged if the rows are not those that were sealed,
    StillSecret for a follow-up wave before the day of its results.
    """
    with transaction() as session:
        found = session.execute(
            select(LedgerEntry.uid, Frame)
            .join(FrameEntry, FrameEntry.entry_uid == LedgerEntry.uid)
            .join(Frame, Frame.id == FrameEntry.frame_id)
            .where(
                Frame.campaign_id == campaign_id,
                LedgerEntry.ledger_id == ledger_id,
                LedgerEntry.sheet == sheet,
                LedgerEntry.row == row,
                in_scope(actor, LedgerEntry.region_code),
            )
        ).first()
        if found is None:
            raise NotFound(campaign=campaign_id, ledger=ledger_id)
        uid, frame = found
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


def _proof(frame: Frame, rows: FrameRows, first: int, index: int) -> dict[str, Any]:
    each = nonces(frame.nonce_key, first, len(rows))
    leaves = row_leaves(rows.columns, each)
    blocks, place, within = frame.blocks or b"", first // BLOCK, index - first
    if merkle.root(leaves) != merkle.node(blocks, place):
        raise FrameChanged(sealed=frame.entries, found=len(rows))
    path = merkle.inclusion_path(leaves, within) + merkle.inclusion_path(blocks, place)
    return {
        "row": [column[within] for column in rows.columns],
        "nonce": each[within * NONCE_BYTES : (within + 1) * NONCE_BYTES].hex(),
        "index": index,
        "frame_rows": frame.entries,
        "path": [sibling.hex() for sibling in path],
        "root": frame.root,
    }
