"""Freezing the accepted entries of a campaign into a sealed frame."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from unicodedata import normalize

from sqlalchemy import Select, insert, or_, select, true
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.design import campaign_in_state
from casework.campaigns.errors import FrameEmpty
from casework.campaigns.models import (
    Campaign,
    CampaignState,
    CampaignWork,
    Frame,
    FrameEntry,
)
from casework.campaigns.rows import (
    FrameRows,
    NewKey,
    Row,
    is_intact,
    new_nonce_key,
    seal_of,
    stored_rows,
)
from casework.campaigns.strata import new_stratum, placed, stratum_key
from casework.db import db, transaction
from casework.errors import CaseworkError, NotFound
from casework.ledgers.models import Ledger, LedgerEntry, LedgerState
from casework.ledgers.projects import Project
from casework.regions.models import Region

CHUNK = 5000

Progress = Callable[[int, int], None]


def request_freeze(campaign_id: int, *, actor: User, at: datetime) -> Campaign:
    """Ask for the frame to be frozen. The caller rings the worker once this has returned."""
    with transaction() as session:
        campaign = campaign_in_state(session, campaign_id, CampaignState.DESIGN)
        if session.scalar(_entries_of(campaign).limit(1)) is None:
            raise FrameEmpty(campaign=campaign_id)
        campaign.work, campaign.work_by_id = CampaignWork.FREEZE, actor.id
        campaign.work_done, campaign.work_total, campaign.work_failure = 0, 0, ""
    return campaign


def freeze_frame(uid: str, *, at: datetime, nonce_key: NewKey = new_nonce_key) -> None:
    """Freeze the frame that was asked for. A campaign that is frozen already is left as it is.

    *nonce_key* makes the secret key of the row commitments.
    """
    campaign = db.session.scalar(select(Campaign).where(Campaign.uid == uid))
    if campaign is None:
        raise NotFound(campaign=uid)
    if campaign.work is not CampaignWork.FREEZE:
        return
    members = _members(campaign, lambda done, total: _show(uid, done, total))
    rows = FrameRows.of(placed(campaign, members, db.session()))
    if not rows:  # the ledgers were withdrawn after the freezing was asked for
        _fail(uid, FrameEmpty)
        return
    with transaction() as session:
        campaign = session.scalars(
            select(Campaign).where(Campaign.uid == uid).with_for_update()
        ).one()
        if campaign.work is not CampaignWork.FREEZE:
            return
        _write_frame(session, campaign, rows, nonce_key=nonce_key(), at=at)


def frame_is_intact(campaign_id: int) -> bool:
    """Recompute the digests and the row commitments of a frame, and compare them."""
    frame = db.session.scalar(select(Frame).where(Frame.campaign_id == campaign_id))
    if frame is None:
        raise NotFound(campaign=campaign_id)
    return is_intact(frame, stored_rows(campaign_id))


def _entries_of(campaign: Campaign) -> Select[str, Project, str, str, str, str, str, str, int]:
    chosen = [place.region_code for place in campaign.places]
    return (
        select(
            LedgerEntry.uid,
            LedgerEntry.project,
            LedgerEntry.region_code,
            LedgerEntry.enterprise,
            LedgerEntry.content_digest,
            LedgerEntry.id_index,
            Ledger.file_digest,
            LedgerEntry.sheet,
            LedgerEntry.row,
        )
        .join(Ledger, Ledger.id == LedgerEntry.ledger_id)
        .join(Region, Region.code == LedgerEntry.region_code)
        .where(
            Ledger.state == LedgerState.ACCEPTED,
            LedgerEntry.year == campaign.year,
            or_(LedgerEntry.started_on.is_(None), LedgerEntry.started_on <= campaign.cutoff_on),
            LedgerEntry.project.in_([row.project for row in campaign.projects]),
            Region.unit_code.in_([unit.region_code for unit in campaign.units]),
            Region.code.in_(chosen) if chosen else true(),
        )
        # Where a missing date goes by itself differs between the databases.
        .order_by(LedgerEntry.started_on.asc().nulls_last(), Ledger.accepted_at, LedgerEntry.id)
    )


def _members(campaign: Campaign, progress: Progress) -> Iterator[Row]:
    """The entries of the frame; of one person in several ledgers only the earliest counts."""
    entries = db.session.execute(_entries_of(campaign)).all()
    first = {(entry.project, entry.id_index): entry for entry in reversed(entries)}
    units = dict(db.session.execute(select(Region.code, Region.unit_code)).all())
    progress(0, len(entries))
    for uid, project, region, enterprise, digest, _, file, sheet, row in first.values():
        named = normalize("NFC", enterprise)  # as the row commitments write it
        stratum = stratum_key(project, _place(project, region, units), named)
        yield uid, stratum, file, sheet, row, digest


def _place(project: Project, region: str, units: dict[str, str | None]) -> str:
    """The reporting place of a stratum; overcapacity is counted by unit."""
    return (units[region] or region) if project is Project.OVERCAPACITY else region


def _show(uid: str, done: int, total: int) -> None:
    with transaction() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.uid == uid)).one()
        campaign.work_done, campaign.work_total = done, total


def _fail(uid: str, broken: type[CaseworkError]) -> None:
    with transaction() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.uid == uid)).one()
        campaign.work, campaign.work_failure = CampaignWork.NONE, broken.__name__


def _write_frame(
    session: Session, campaign: Campaign, rows: FrameRows, *, nonce_key: str, at: datetime
) -> None:
    seal = seal_of(rows, nonce_key)
    strata = _write_strata(session, campaign, Counter(rows.strata))
    frame = Frame(
        campaign_id=campaign.id,
        digest=seal.digest,
        content_digest=seal.content_digest,
        root=seal.root,
        blocks=seal.blocks,
        entries=len(rows),
        frozen_by_id=campaign.work_by_id,
        frozen_at=at,
    )
    frame.nonce_key = nonce_key
    session.add(frame)
    session.flush()  # the rows name the frame
    kept = zip(rows.entry_ids, rows.strata, rows.contents, strict=True)
    while part := list(islice(kept, CHUNK)):
        session.execute(
            insert(FrameEntry),
            [
                {
                    "frame_id": frame.id,
                    "entry_uid": uid,
                    "stratum_id": strata[stratum],
                    "content_digest": digest,
                }
                for uid, stratum, digest in part
            ],
        )
    frame.sealed = True
    campaign.state, campaign.work = CampaignState.FROZEN, CampaignWork.NONE
    campaign.work_done = campaign.work_total = len(rows)
    trail.record(
        session,
        AuditAction.FRAME_FREEZE,
        actor_id=campaign.work_by_id,
        at=at,
        subject=f"campaign:{campaign.id}",
        facts={
            "entries": len(rows),
            "strata": len(strata),
            "digest": seal.digest,
            "root": seal.root,
        },
    )


def _write_strata(session: Session, campaign: Campaign, sizes: Counter[str]) -> dict[str, int]:
    units = dict(session.execute(select(Region.code, Region.unit_code)).all())
    rows = [new_stratum(campaign, key, size, units) for key, size in sorted(sizes.items())]
    session.add_all(rows)
    session.flush()  # the rows of the frame name their strata
    return {row.key: row.id for row in rows}
