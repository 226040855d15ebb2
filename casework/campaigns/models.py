"""A campaign, its targets, its sealed frame, the one draw on it, and what is released."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.accounts.models import User
from casework.db import Base, new_uid
from casework.ledgers.projects import Project, official_order
from casework.regions.models import Region
from casework.sealing import SealedJson, SealedText


class CampaignState(StrEnum):
    DESIGN = "design"  #: targets and sizes may still change
    FROZEN = "frozen"  #: the frame is sealed
    DRAWN = "drawn"  #: the sample exists, nothing is released
    CALLING = "calling"
    VISITING = "visiting"  #: calling is over, the random visits are chosen
    CLOSED = "closed"
    VOID = "void"  #: two people gave up its draw; another campaign draws anew
    WITHDRAWN = "withdrawn"  #: before anything was frozen, by the coordinator


class CampaignKind(StrEnum):
    YEARLY = "yearly"  #: targets are decided about
    SPOT_CHECK = "spot_check"  #: of chosen regions, at any time
    AUTHENTICITY = "authenticity"  #: are claims of new employment true; targets stay at the desk
    FOLLOW_UP = "follow_up"  #: a later wave of an earlier campaign


class Coordination(StrEnum):
    """How the sample of a follow-up wave lies to the samples of the campaigns it follows."""

    AFRESH = "afresh"  #: as chance has it
    APART = "apart"  #: nobody who was selected before
    OVERLAP = "overlap"  #: the same permanent random numbers, so the same people first


class StratumPart(StrEnum):
    """Which entries of its place a stratum holds; only a follow-up wave tells them apart."""

    WHOLE = "whole"
    EARLIER = "earlier"  #: those that the campaigns it follows selected
    ADDED = "added"  #: those that were not yet in the frame it follows


class ReleaseRule(StrEnum):
    """Who says which replicate is opened next; fixed when the campaign is opened."""

    BY_HAND = "by_hand"
    WIDEST_FIRST = "widest_first"  #: the unit whose interval is widest


class ReleaseReason(StrEnum):
    """Why a replicate was opened. Reserve cases come with their replicate, never one by one."""

    PLANNED = "planned"
    FEW_ANSWERS = "few_answers"  #: fewer verdicts than expected
    WIDEST = "widest"  #: the rule named this unit
    UNDETERMINED = "undetermined"  #: no decision with what is open


class CampaignWork(StrEnum):
    """What a worker is asked to do for a campaign; the page shows it as a bar."""

    NONE = "none"
    FREEZE = "freeze"
    DRAW = "draw"


class Campaign(Base):
    """One verification with its year, cut-off date, projects and regions."""

    __tablename__ = "campaign"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    year: Mapped[int]
    cutoff_on: Mapped[date]
    fieldwork_ends_on: Mapped[date]
    results_from: Mapped[date]  #: counties see nothing of sample or result before this day
    state: Mapped[CampaignState] = mapped_column(default=CampaignState.DESIGN)
    phone_answers_accepted: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[CampaignKind] = mapped_column(default=CampaignKind.YEARLY)
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    coordination: Mapped[Coordination] = mapped_column(default=Coordination.AFRESH)
    release_rule: Mapped[ReleaseRule] = mapped_column(default=ReleaseRule.BY_HAND)
    certain_from: Mapped[int] = mapped_column(default=0)  #: persons of an enterprise taken whole
    merge_below: Mapped[int] = mapped_column(default=0)  #: persons of enterprises that are joined
    work: Mapped[CampaignWork] = mapped_column(default=CampaignWork.NONE)
    work_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    work_replicates: Mapped[int] = mapped_column(default=0)  #: into how many the draw is split
    work_done: Mapped[int] = mapped_column(default=0)
    work_total: Mapped[int] = mapped_column(default=0)
    work_failure: Mapped[str] = mapped_column(default="")  #: name of the broken rule
    replaces_id: Mapped[int | None] = mapped_column(  #: the void campaign that this one draws anew
        ForeignKey("campaign.id"), unique=True
    )
    withdrawn_because: Mapped[str] = mapped_column(default="", server_default="")
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    opened_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    projects: Mapped[list["CampaignProject"]] = relationship(
        order_by=lambda: official_order(CampaignProject.project)
    )
    units: Mapped[list["CampaignUnit"]] = relationship()
    places: Mapped[list["CampaignPlace"]] = relationship()
    frame: Mapped["Frame | None"] = relationship()
    draw: Mapped["Draw | None"] = relationship()
    replicates: Mapped[list["Replicate"]] = relationship(order_by="Replicate.number")

    __mapper_args__ = {"version_id_col": version}


class CampaignProject(Base):
    __tablename__ = "campaign_project"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    project: Mapped[Project] = mapped_column(primary_key=True)


class CampaignUnit(Base):
    """A reporting unit that the campaign covers, with all its places."""

    __tablename__ = "campaign_unit"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"), primary_key=True)

    region: Mapped[Region] = relationship()


class CampaignPlace(Base):
    """A county that a spot check is confined to. Without any, whole units are covered."""

    __tablename__ = "campaign_place"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"), primary_key=True)

    region: Mapped[Region] = relationship()


class Target(Base):
    """Persons assigned to a region for a project. No row means no task, which is not zero."""

    __tablename__ = "target"
    __table_args__ = (UniqueConstraint("campaign_id", "project", "region_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    project: Mapped[Project]
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    persons: Mapped[int]
    carry_over: Mapped[int | None]  #: of these, brought over from the year before
    planned: Mapped[int | None]  #: of these, planned for the year


class DeskOutcome(Base):
    """How a unit did in the desk project, entered by the coordinator."""

    __tablename__ = "desk_outcome"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"), primary_key=True)
    met: Mapped[bool]
    note: Mapped[str] = mapped_column(default="")
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    entered_at: Mapped[datetime]


class Stratum(Base):
    """A part of the frame sampled on its own."""

    __tablename__ = "stratum"
    __table_args__ = (UniqueConstraint("campaign_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    key: Mapped[str]  #: see strata.py
    project: Mapped[Project]
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    unit_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    enterprise: Mapped[str] = mapped_column(default="")
    frame_size: Mapped[int]
    sample_size: Mapped[int] = mapped_column(default=0)
    certain: Mapped[bool] = mapped_column(default=False)  #: taken whole, whatever the sizes say
    part: Mapped[StratumPart] = mapped_column(default=StratumPart.WHOLE)

    region: Mapped[Region] = relationship(foreign_keys=[region_code])


class Frame(Base):
    """The accepted entries of a campaign, frozen and sealed by digests and row commitments."""

    __tablename__ = "frame"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), unique=True)
    digest: Mapped[str]  #: of entry ids and strata, as ``heyan draw`` computes it
    content_digest: Mapped[str]  #: of entry ids and the keyed digests of their rows
    root: Mapped[str] = mapped_column(default="")  #: of the row commitments; "" before release 0.2
    blocks: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)  #: see proofs.py
    nonce_key_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    entries: Mapped[int]
    sealed: Mapped[bool] = mapped_column(default=False)  #: once true, the database keeps it so
    frozen_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    frozen_at: Mapped[datetime]

    nonce_key = SealedText()  #: hex; the nonces of the row commitments come from it

    @property
    def uid(self) -> str:
        """What its sealed cell is bound to; a campaign has one frame."""
        return f"campaign:{self.campaign_id}"


class FrameEntry(Base):
    """One entry of the frame. Rows are added before the seal and never after it."""

    __tablename__ = "frame_entry"

    frame_id: Mapped[int] = mapped_column(ForeignKey("frame.id"), primary_key=True)
    entry_uid: Mapped[str] = mapped_column(ForeignKey("ledger_entry.uid"), primary_key=True)
    stratum_id: Mapped[int] = mapped_column(ForeignKey("stratum.id"), index=True)
    content_digest: Mapped[str]


class Draw(Base):
    """The one draw on a frame. The seed stays sealed; the manifest holds all to recompute it."""

    __tablename__ = "draw"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), unique=True)
    frame_digest: Mapped[str]
    seed_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    manifest_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    drawn_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    drawn_at: Mapped[datetime]

    seed = SealedText()
    manifest = SealedJson()


class SampleEntry(Base):
    """One selected entry with its place in the order of its stratum."""

    __tablename__ = "sample_entry"
    __table_args__ = (
        UniqueConstraint("campaign_id", "entry_uid"),
        UniqueConstraint("stratum_id", "rank"),
        Index("ix_sample_entry_replicate", "campaign_id", "replicate"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    stratum_id: Mapped[int] = mapped_column(ForeignKey("stratum.id"))
    entry_uid: Mapped[str] = mapped_column(ForeignKey("ledger_entry.uid"))
    rank: Mapped[int]
    key: Mapped[str]  #: hex SHA-256 that gives the order
    replicate: Mapped[int]


class Replicate(Base):
    """A random part of the sample, opened at one time."""

    __tablename__ = "replicate"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    entries: Mapped[int]
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))  #: None: of all units
    part: Mapped[int] = mapped_column(default=1)  #: of the draw order of its units
    released_at: Mapped[datetime | None]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[ReleaseReason | None]

    released_by: Mapped[User | None] = relationship()
    unit: Mapped[Region | None] = relationship()
