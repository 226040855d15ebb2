"""Runs of the estimation, their rows, and the roll-up of their decisions."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.accounts.models import User
from casework.campaigns.models import Campaign, Stratum
from casework.db import Base, new_uid
from casework.ledgers.projects import Project
from casework.regions.models import Region


class RunState(StrEnum):
    REQUESTED = "requested"
    COMPUTING = "computing"
    DONE = "done"
    FAILED = "failed"


class Level(StrEnum):
    STRATUM = "stratum"
    PLACE = "place"
    UNIT = "unit"
    PROVINCE = "province"


class Completion(StrEnum):
    """The roll-up of a region over its projects and its next-lower regions."""

    COMPLETE = "complete"
    NOT_COMPLETE = "not_complete"
    UNDETERMINED = "undetermined"
    NO_TASK = "no_task"


class EstimateRun(Base):
    """One computation; its inputs' digest, method and code version let anybody repeat it."""

    __tablename__ = "estimate_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    state: Mapped[RunState] = mapped_column(default=RunState.REQUESTED)
    interim: Mapped[bool] = mapped_column(
        default=False
    )  #: released cases were unfinished or disputed
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    requested_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    method: Mapped[dict[str, Any]]  #: level, interval name, protocol options
    input_digest: Mapped[str] = mapped_column(default="")
    code_version: Mapped[str] = mapped_column(default="")
    steps_total: Mapped[int] = mapped_column(default=0)
    steps_done: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str] = mapped_column(default="")

    campaign: Mapped[Campaign] = relationship()
    requested_by: Mapped[User] = relationship()


class RunInputs(Base):
    """What a finished run was computed from, as it was then, and what came out, as digests."""

    __tablename__ = "run_inputs"

    run_id: Mapped[int] = mapped_column(ForeignKey("estimate_run.id"), primary_key=True)
    digests: Mapped[dict[str, Any]]  #: part of the inputs to its SHA-256
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)  #: see kept.py
    chances: Mapped[dict[str, Any]]  #: region to its probabilities, see sureness.py
    result_digest: Mapped[str]  #: SHA-256 of all figures and roll-ups
    method_version: Mapped[str]
    seed: Mapped[str]  #: of what is drawn at random in a run: the probabilities of the roll-up


class EstimateRow(Base):
    """One estimate: of a stratum, a place, a unit or the province, for one project."""

    __tablename__ = "estimate_row"
    __table_args__ = (Index("ix_estimate_row_run", "run_id", "level", "project", "region_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("estimate_run.id"))
    level: Mapped[Level]
    project: Mapped[Project]
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    stratum_id: Mapped[int | None] = mapped_column(ForeignKey("stratum.id"))
    frame_size: Mapped[int]
    sampled: Mapped[int]
    resolved: Mapped[int]
    share: Mapped[float | None]
    share_se: Mapped[float | None]
    share_low: Mapped[float | None]
    share_high: Mapped[float | None]
    completed: Mapped[float | None]
    completed_se: Mapped[float | None]
    completed_low: Mapped[float | None]
    completed_high: Mapped[float | None]
    target: Mapped[int | None]  #: None where there is no task
    rate: Mapped[float | None]
    rate_low: Mapped[float | None]
    rate_high: Mapped[float | None]
    bounds_low: Mapped[float | None]  #: share if nobody unresolved had achieved it
    bounds_high: Mapped[float | None]  #: share if everybody unresolved had achieved it
    decision: Mapped[str]
    method: Mapped[str]
    flags: Mapped[list[Any]]
    classes: Mapped[dict[str, Any]]  #: phone class to its phoned, visited and true counts

    region: Mapped[Region] = relationship()
    stratum: Mapped[Stratum | None] = relationship()


class RollUp(Base):
    """Whether a region is wholly complete, and line by line why."""

    __tablename__ = "roll_up"

    run_id: Mapped[int] = mapped_column(ForeignKey("estimate_run.id"), primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"), primary_key=True)
    completion: Mapped[Completion]
    reasons: Mapped[list[Any]]  #: each: region, project, decision
