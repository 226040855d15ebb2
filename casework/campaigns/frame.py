"""Freezing the accepted entries of a campaign into a sealed frame."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, insert, or_, select
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
    Stratum,
)
from casework.db import db, transaction
from casework.errors import CaseworkError, NotFound
from casework.ledgers.models import Ledger, LedgerEntry, LedgerState
from casework.ledgers.projects import Project
from casework.regions.models import Region
from sampling.draw import frame_digest

CHUNK = 5000

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Member:
    """What the frame keeps of an entry."""

    uid: str
    stratum: str
    content_digest: str


@dataclass(frozen=True, slots=True)
class Seal:
    """The two digests that fix a frame."""

    digest: str
    content_digest: str


def request_freeze(campaign_id: int, *, actor: User, at: datetime) -> Campaign:
    """Ask for the frame to be frozen. The caller rings the worker once this has returned."""
    with transaction() as session:
        campaign = campaign_in_state(session, campaign_id, CampaignState.DESIGN)
        if session.scalar(_entries_of(campaign).limit(1)) is None:
            raise FrameEmpty(campaign=campaign_id)
        campaign.work, campaign.work_by_id = CampaignWork.FREEZE, actor.id
        campaign.work_done, campaign.work_total, campaign.work_failure = 0, 0, ""
    return campaign


def freeze_frame(uid: str, *, at: datetime) -> None:
    """Freeze the frame that was asked for. A campaign that is frozen already is left as it is."""
    campaign = db.session.scalar(select(Campaign).where(Campaign.uid == uid))
    if campaign is None:
        raise NotFound(campaign=uid)
    if campaign.work is not CampaignWork.FREEZE:
        return
    members = _members(campaign, lambda done, total: _show(uid, done, total))
    if not members:  # the ledgers were withdrawn after the freezing was asked for
        _fail(uid, FrameEmpty)
        return
    with transaction() as session:
        campaign = session.scalars(
            select(Campaign).where(Campaign.uid == uid).with_for_update()
        ).one()
        if campaign.work is not CampaignWork.FREEZE:
            return
        _write_frame(session, campaign, members, at=at)


def seal_of(members: Sequence[Member]) -> Seal:
    r"""Return the digests of a frame.

    ``digest`` is what ``heyan draw`` computes from entry ids and strata. ``content_digest`` is the
    SHA-256 of the sorted ``entry_id\x1fcontent digest\n`` lines; the digests of the rows are keyed,
    so that nobody can try out identity numbers against them.
    """
    digest = frame_digest([m.uid for m in members], [m.stratum for m in members])
    lines = sorted(f"{m.uid}\x1f{m.content_digest}\n" for m in members)
    return Seal(digest, hashlib.sha256("".join(lines).encode()).hexdigest())


def frame_members(campaign_id: int) -> list[Member]:
    """Read the frame back, in the order of entry ids."""
    rows = db.session.execute(
        select(FrameEntry.entry_uid, Stratum.key, FrameEntry.content_digest)
        .join(Frame, Frame.id == FrameEntry.frame_id)
        .join(Stratum, Stratum.id == FrameEntry.stratum_id)
        .where(Frame.campaign_id == campaign_id)
        .order_by(FrameEntry.entry_uid)
    )
    return [Member(*row) for row in rows]


def frame_is_intact(campaign_id: int) -> bool:
    """Recompute the seal of a frame from its rows and compare it."""
    frame = db.session.scalar(select(Frame).where(Frame.campaign_id == campaign_id))
    if frame is None:
        raise NotFound(campaign=campaign_id)
    seal = seal_of(frame_members(campaign_id))
    return seal == Seal(frame.digest, frame.content_digest)


def stratum_key(project: Project, region_code: str, enterprise: str = "") -> str:
    """Name a stratum: project and place; for overcapacity unit and enterprise."""
    parts = [project.value, region_code, *([enterprise] if enterprise else [])]
    return "|".join(parts)


def _entries_of(campaign: Campaign) -> Select[str, Project, str, str, str, str]:
    return (
        select(
            LedgerEntry.uid,
            LedgerEntry.project,
            LedgerEntry.region_code,
            LedgerEntry.enterprise,
            LedgerEntry.content_digest,
            LedgerEntry.id_index,
        )
        .join(Ledger, Ledger.id == LedgerEntry.ledger_id)
        .join(Region, Region.code == LedgerEntry.region_code)
        .where(
            Ledger.state == LedgerState.ACCEPTED,
            LedgerEntry.year == campaign.year,
            or_(LedgerEntry.started_on.is_(None), LedgerEntry.started_on <= campaign.cutoff_on),
            LedgerEntry.project.in_([row.project for row in campaign.projects]),
            Region.unit_code.in_([unit.region_code for unit in campaign.units]),
        )
        # Where a missing date goes by itself differs between the databases.
        .order_by(LedgerEntry.started_on.asc().nulls_last(), Ledger.accepted_at, LedgerEntry.id)
    )


def _members(campaign: Campaign, progress: Progress) -> list[Member]:
    """The entries of the frame; of one person in several ledgers only the earliest counts."""
    rows = db.session.execute(_entries_of(campaign)).all()
    first = {(row.project, row.id_index): row for row in reversed(rows)}
    units = dict(db.session.execute(select(Region.code, Region.unit_code)).all())
    progress(0, len(rows))
    return [
        Member(uid, stratum_key(project, _place(project, region, units), enterprise), digest)
        for uid, project, region, enterprise, digest, _ in first.values()
    ]


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
    session: Session, campaign: Campaign, members: list[Member], *, at: datetime
) -> None:
    seal = seal_of(members)
    strata = _write_strata(session, campaign, Counter(m.stratum for m in members))
    frame = Frame(
        campaign_id=campaign.id,
        digest=seal.digest,
        content_digest=seal.content_digest,
        entries=len(members),
        frozen_by_id=campaign.work_by_id,
        frozen_at=at,
    )
    session.add(frame)
    session.flush()  # the rows name the frame
    rows = [
        {
            "frame_id": frame.id,
            "entry_uid": member.uid,
            "stratum_id": strata[member.stratum],
            "content_digest": member.content_digest,
        }
        for member in members
    ]
    for start in range(0, len(rows), CHUNK):
        session.execute(insert(FrameEntry), rows[start : start + CHUNK])
    frame.sealed = True
    campaign.state, campaign.work = CampaignState.FROZEN, CampaignWork.NONE
    campaign.work_done = campaign.work_total = len(members)
    trail.record(
        session,
        AuditAction.FRAME_FREEZE,
        actor_id=campaign.work_by_id,
        at=at,
        subject=f"campaign:{campaign.id}",
        facts={"entries": len(members), "strata": len(strata), "digest": seal.digest},
    )


def _write_strata(session: Session, campaign: Campaign, sizes: Counter[str]) -> dict[str, int]:
    units = dict(session.execute(select(Region.code, Region.unit_code)).all())
    rows = []
    for key, size in sorted(sizes.items()):
        project, region_code, *enterprise = key.split("|", 2)
        rows.append(
            Stratum(
                campaign_id=campaign.id,
                key=key,
                project=Project(project),
                region_code=region_code,
                unit_code=units[region_code] or region_code,
                enterprise="".join(enterprise),
                frame_size=size,
            )
        )
    session.add_all(rows)
    session.flush()  # the rows of the frame name their strata
    return {row.key: row.id for row in rows}
