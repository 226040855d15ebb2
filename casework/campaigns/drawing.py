"""Sample sizes, and the one draw on a frame."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.design import campaign_in_state
from casework.campaigns.errors import (
    AlreadyDrawn,
    NothingToDraw,
    SizesImpossible,
    SizesUnreadable,
)
from casework.campaigns.frame import Member, frame_members
from casework.campaigns.models import (
    Campaign,
    CampaignState,
    CampaignWork,
    Draw,
    Frame,
    Replicate,
    SampleEntry,
    Stratum,
)
from casework.db import db, transaction
from casework.errors import NotFound
from casework.ledgers.projects import Project
from sampling import allocation
from sampling.draw import SampleRow, draw, sample_digest
from sampling.replicates import replicates

CHUNK = 5000
MANIFEST_VERSION = 1


class SizeRule(StrEnum):
    EQUAL = "equal"
    PROPORTIONAL = "proportional"
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class SizePlan:
    """How many entries of one project are drawn, and how they are spread over its strata."""

    rule: SizeRule
    minimum: int  #: of each stratum, or all of it where it has fewer
    total: int = 0  #: for the equal and the proportional rule
    given: Mapping[str, int] | None = None  #: stratum key to size, for the given rule

    def sizes(self, population: Mapping[str, int]) -> dict[str, int]:
        """Spread over *population*. Raises SizesImpossible with the sentence of the allocation."""
        try:
            if self.rule is SizeRule.EQUAL:
                return allocation.equal(population, self.total, minimum=self.minimum)
            if self.rule is SizeRule.PROPORTIONAL:
                return allocation.proportional(population, self.total, minimum=self.minimum)
            return allocation.given(population, self.given or {}, minimum=self.minimum)
        except ValueError as error:
            raise SizesImpossible(reason=str(error)) from None


def read_sizes(text: str) -> dict[str, int]:
    """Read ``stratum,sample_size``, as ``heyan draw`` takes it. Raises SizesUnreadable by line."""
    sizes: dict[str, int] = {}
    for line, row in enumerate(csv.DictReader(text.lstrip("\ufeff").splitlines()), start=2):
        try:
            stratum, size = row["stratum"].strip(), int(row["sample_size"])
        except (KeyError, ValueError, TypeError, AttributeError):
            raise SizesUnreadable(line=line) from None
        if size < 0 or stratum in sizes:
            raise SizesUnreadable(line=line)
        sizes[stratum] = size
    if not sizes:
        raise SizesUnreadable(line=1)
    return sizes


def set_sizes(
    campaign_id: int, project: Project, plan: SizePlan, *, actor: User, at: datetime
) -> int:
    """Set the sample sizes of one project's strata; return their sum."""
    with transaction() as session:
        campaign = campaign_in_state(session, campaign_id, CampaignState.FROZEN)
        strata = session.scalars(
            select(Stratum).where(Stratum.campaign_id == campaign.id, Stratum.project == project)
        ).all()
        sizes = plan.sizes({stratum.key: stratum.frame_size for stratum in strata})
        for stratum in strata:
            stratum.sample_size = sizes[stratum.key]
        total = sum(sizes.values())
        trail.record(
            session,
            AuditAction.SIZES_SET,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign.id}",
            facts={"project": project.value, "rule": plan.rule.value, "total": total},
        )
    return total


def request_draw(campaign_id: int, *, replicates: int, actor: User, at: datetime) -> Campaign:
    """Ask for the draw, split into *replicates*. The caller rings the worker afterwards.

    Raises AlreadyDrawn, and keeps an audit row of the try, when the frame was drawn from before;
    NothingToDraw when no stratum has a sample size.
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


def draw_sample(uid: str, *, seed: str, at: datetime) -> None:
    """Draw what was asked for, with a fresh secret *seed*. A drawn campaign is left as it is."""
    with transaction() as session:
        campaign = session.scalar(select(Campaign).where(Campaign.uid == uid).with_for_update())
        if campaign is None:
            raise NotFound(campaign=uid)
        if campaign.work is not CampaignWork.DRAW:
            return
        members = frame_members(campaign.id)
        sizes = _wanted(session, campaign.id)
        rows = draw([m.uid for m in members], [m.stratum for m in members], sizes, seed)
        _write_draw(session, campaign, rows, seed=seed, at=at)
        _write_sample(session, campaign, rows)
        campaign.state, campaign.work = CampaignState.DRAWN, CampaignWork.NONE
        campaign.work_done = campaign.work_total = len(rows)
        trail.record(
            session,
            AuditAction.DRAW_RUN,
            actor_id=campaign.work_by_id,
            at=at,
            subject=f"campaign:{campaign.id}",
            facts={"sampled": len(rows), "replicates": campaign.work_replicates},
        )


def draw_is_intact(campaign_id: int) -> bool:
    """Draw again from the sealed frame and manifest, and compare with the stored sample."""
    stored = db.session.scalar(select(Draw).where(Draw.campaign_id == campaign_id))
    if stored is None:
        raise NotFound(campaign=campaign_id)
    members: list[Member] = frame_members(campaign_id)
    sizes: dict[str, int] = stored.manifest["sizes"]
    rows = draw([m.uid for m in members], [m.stratum for m in members], sizes, stored.seed)
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


def _write_draw(
    session: Session, campaign: Campaign, rows: list[SampleRow], *, seed: str, at: datetime
) -> None:
    digest = session.scalars(select(Frame.digest).where(Frame.campaign_id == campaign.id)).one()
    stored = Draw(
        uid=campaign.uid,
        campaign_id=campaign.id,
        frame_digest=digest,
        drawn_by_id=campaign.work_by_id,
        drawn_at=at,
    )
    stored.seed = seed
    stored.manifest = {
        "version": MANIFEST_VERSION,
        "seed": seed,
        "frame_digest": digest,
        "sizes": _wanted(session, campaign.id),
        "sample_digest": sample_digest(rows),
    }
    session.add(stored)


def _write_sample(session: Session, campaign: Campaign, rows: list[SampleRow]) -> None:
    strata = dict(
        session.execute(
            select(Stratum.key, Stratum.id).where(Stratum.campaign_id == campaign.id)
        ).all()
    )
    parts = replicates(rows, campaign.work_replicates)
    records = [
        {
            "campaign_id": campaign.id,
            "stratum_id": strata[row.stratum],
            "entry_uid": row.entry_id,
            "rank": row.rank,
            "key": row.key,
            "replicate": part,
        }
        for row, part in zip(rows, parts, strict=True)
    ]
    for start in range(0, len(records), CHUNK):
        session.execute(insert(SampleEntry), records[start : start + CHUNK])
    session.add_all(
        Replicate(campaign_id=campaign.id, number=number, entries=parts.count(number))
        for number in range(1, campaign.work_replicates + 1)
    )
