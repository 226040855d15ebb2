"""Sample sizes, and the one draw on a frame."""

from collections import Counter
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.design import campaign_in_state
from casework.campaigns.errors import AlreadyDrawn, NothingToDraw
from casework.campaigns.models import (
    Campaign,
    CampaignState,
    CampaignWork,
    Draw,
    Frame,
    ReleaseRule,
    Replicate,
    SampleEntry,
    Stratum,
)
from casework.campaigns.protocol import revealed_seed, value_is_known
from casework.campaigns.protocol_errors import FrameChanged, SizesFixed
from casework.campaigns.published import signed_manifest
from casework.campaigns.rows import FrameRows, is_intact, stored_rows
from casework.campaigns.size_plans import SizePlan
from casework.campaigns.strata import sizes_of
from casework.db import db, transaction
from casework.errors import NotFound
from casework.ledgers.projects import Project
from sampling.draw import SampleRow, draw
from sampling.manifest import describe
from sampling.replicates import replicates

CHUNK = 5000


def set_sizes(
    campaign_id: int, project: Project, plan: SizePlan, *, actor: User, at: datetime
) -> int:
    """Set the sample sizes of one project's strata; return their sum.

    Raises SizesFixed once the public value is known: by then sizes could be fitted to the order.
    """
    with transaction() as session:
        campaign = campaign_in_state(session, campaign_id, CampaignState.FROZEN)
        total = write_sizes(session, campaign, project, plan)
        trail.record(
            session,
            AuditAction.SIZES_SET,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign.id}",
            facts={"project": project.value, "rule": plan.rule.value, "total": total},
        )
    return total


def write_sizes(session: Session, campaign: Campaign, project: Project, plan: SizePlan) -> int:
    """Set the sizes inside a unit of work; as :func:`set_sizes`."""
    if value_is_known(session, campaign.id):
        raise SizesFixed(campaign=campaign.id)
    strata = session.scalars(
        select(Stratum).where(Stratum.campaign_id == campaign.id, Stratum.project == project)
    ).all()
    sizes = sizes_of(strata, plan, campaign.coordination)
    for stratum in strata:
        stratum.sample_size = sizes[stratum.key]
    return sum(stratum.sample_size for stratum in strata)


def request_draw(campaign_id: int, *, replicates: int, actor: User, at: datetime) -> Campaign:
    """Ask for the draw, split into *replicates*. The caller rings the worker afterwards.

    Raises AlreadyDrawn, and keeps an audit row of the try, when the frame was drawn from before;
    NothingToDraw when no stratum has a sample size; PublicValueMissing or SecretsMissing while
    the seed is not there yet.
    """
    with transaction() as session:
        campaign = session.get(Campaign, campaign_id, with_for_update=True)
        if campaign is None:
            raise NotFound(campaign=campaign_id)
        drawn = session.scalar(select(Draw.id).where(Draw.campaign_id == campaign_id))
        if drawn is None:
            campaign_in_state(session, campaign_id, CampaignState.FROZEN)
            if not _wanted(session, campaign_id):
                raise NothingToDraw(campaign=campaign_id)
            revealed_seed(session, _frame(session, campaign_id))
            campaign.work, campaign.work_by_id = CampaignWork.DRAW, actor.id
            campaign.work_replicates = replicates
            campaign.work_done, campaign.work_total, campaign.work_failure = 0, 0, ""
        else:
            trail.record(
                session,
                AuditAction.DRAW_REFUSE,
                actor_id=actor.id,
                at=at,
                subject=f"campaign:{campaign_id}",
            )
    if drawn is not None:
        raise AlreadyDrawn(campaign=campaign_id)
    return campaign


def draw_sample(uid: str, *, at: datetime) -> None:
    """Draw what was asked for, by the seed of the protocol. A drawn campaign is left as it is.

    A frame that is not as it was sealed is not drawn from: the work ends with FrameChanged, and
    an audit row keeps the numbers.
    """
    asked = db.session.scalar(select(Campaign).where(Campaign.uid == uid))
    if asked is None:
        raise NotFound(campaign=uid)
    if asked.work is not CampaignWork.DRAW:
        return
    # Checking a million rows takes a while, in which nobody else shall wait to write.
    frame_rows = stored_rows(asked.id)
    intact = is_intact(_frame(db.session(), asked.id), frame_rows)
    with transaction() as session:
        campaign = session.scalars(
            select(Campaign).where(Campaign.uid == uid).with_for_update()
        ).one()
        if campaign.work is not CampaignWork.DRAW:
            return
        frame, campaign.work = _frame(session, campaign.id), CampaignWork.NONE
        if intact:
            sampled = _draw(session, campaign, frame, frame_rows, at=at)
            facts = {"sampled": sampled, "replicates": campaign.work_replicates}
        else:
            campaign.work_failure = FrameChanged.__name__
            campaign.work_done, campaign.work_total = len(frame_rows), frame.entries
            facts = {"sealed": frame.entries, "found": len(frame_rows)}
        trail.record(
            session,
            AuditAction.DRAW_REFUSE if campaign.work_failure else AuditAction.DRAW_RUN,
            actor_id=campaign.work_by_id,
            at=at,
            subject=f"campaign:{campaign.id}",
            facts=facts,
        )


def draw_is_intact(campaign_id: int) -> bool:
    """Draw again from the sealed frame and manifest, and compare with the stored sample."""
    stored = db.session.scalar(select(Draw).where(Draw.campaign_id == campaign_id))
    if stored is None:
        raise NotFound(campaign=campaign_id)
    frame = stored_rows(campaign_id)
    sizes: dict[str, int] = stored.manifest["sizes"]
    rows = draw(frame.entry_ids, frame.strata, sizes, stored.seed)
    kept = db.session.execute(
        select(Stratum.key, SampleEntry.rank, SampleEntry.entry_uid, SampleEntry.key)
        .join(Stratum, Stratum.id == SampleEntry.stratum_id)
        .where(SampleEntry.campaign_id == campaign_id)
    )
    return sorted(SampleRow(*row) for row in kept) == sorted(rows)


def _wanted(session: Session, campaign_id: int) -> dict[str, int]:
    rows = session.scalars(
        select(Stratum).where(Stratum.campaign_id == campaign_id, Stratum.sample_size > 0)
    )
    return {stratum.key: stratum.sample_size for stratum in rows}


def _frame(session: Session, campaign_id: int) -> Frame:
    return session.scalars(select(Frame).where(Frame.campaign_id == campaign_id)).one()


def _draw(
    session: Session, campaign: Campaign, frame: Frame, frame_rows: FrameRows, *, at: datetime
) -> int:
    seed, sizes = revealed_seed(session, frame), _wanted(session, campaign.id)
    rows = draw(frame_rows.entry_ids, frame_rows.strata, sizes, seed)
    stored = Draw(
        uid=campaign.uid,
        campaign_id=campaign.id,
        frame_digest=frame.digest,
        drawn_by_id=campaign.work_by_id,
        drawn_at=at,
    )
    stored.seed = seed
    manifest = describe(frame.digest, frame_rows.strata, sizes, seed, rows)
    stored.manifest = signed_manifest(session, campaign, frame, manifest, at=at)
    session.add(stored)
    _write_sample(session, campaign, rows)
    campaign.state = CampaignState.DRAWN
    campaign.work_done = campaign.work_total = len(rows)
    return len(rows)


def _write_sample(session: Session, campaign: Campaign, rows: list[SampleRow]) -> None:
    strata = dict(
        session.execute(
            select(Stratum.key, Stratum.id).where(Stratum.campaign_id == campaign.id)
        ).all()
    )
    opened = _replicates(session, campaign, rows)
    records = [
        {
            "campaign_id": campaign.id,
            "stratum_id": strata[row.stratum],
            "entry_uid": row.entry_id,
            "rank": row.rank,
            "key": row.key,
            "replicate": part,
        }
        for row, part in zip(rows, opened, strict=True)
    ]
    for start in range(0, len(records), CHUNK):
        session.execute(insert(SampleEntry), records[start : start + CHUNK])


def _replicates(session: Session, campaign: Campaign, rows: list[SampleRow]) -> list[int]:
    """Add the replicates, and return the number of the one that each row is in.

    Under the rule "widest interval first" all parts of the draw order but the first are replicates
    of single units, numbered by part and unit.
    """
    units: dict[str, str] = dict(
        session.execute(
            select(Stratum.key, Stratum.unit_code).where(Stratum.campaign_id == campaign.id)
        ).all()
    )
    by_unit = campaign.release_rule is ReleaseRule.WIDEST_FIRST
    parts = replicates(rows, campaign.work_replicates)
    scopes = [
        (part, units[row.stratum] if by_unit and part > 1 else None)
        for row, part in zip(rows, parts, strict=True)
    ]
    numbers = {
        scope: number
        for number, scope in enumerate(sorted(set(scopes), key=lambda s: (s[0], s[1] or "")), 1)
    }
    entries = Counter(scopes)
    session.add_all(
        Replicate(
            campaign_id=campaign.id,
            number=number,
            entries=entries[part, unit],
            part=part,
            unit_code=unit,
        )
        for (part, unit), number in numbers.items()
    )
    return [numbers[scope] for scope in scopes]
