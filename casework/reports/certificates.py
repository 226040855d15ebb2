"""What a certificate rests on: a published run, and the names under it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from casework.campaigns.protocol import local_day
from casework.db import db
from casework.errors import CaseworkError
from casework.estimates.directory import run_number
from casework.estimates.judging_models import RunSignature, RunStanding
from casework.estimates.models import EstimateRun
from casework.estimates.stages import RunStage
from casework.regions.models import PROVINCE, Region
from casework.reports.lost_evidence import must_be_whole


class ResultUnpublished(CaseworkError):
    """A certificate is made of a published result alone, from the day of its publication on."""


@dataclass(frozen=True, slots=True)
class Certified:
    """A result that can be certified."""

    number: str  #: of the certificate: the same run and region have the same number
    signatures: list[RunSignature]  #: of the region's unit, if it signed, and of the province


def must_be_published(run: EstimateRun, *, at: datetime) -> None:
    """Raise ResultUnpublished before the day on which *run* is published."""
    if not is_published(run, at=at):
        raise ResultUnpublished(run=run.uid)


def is_published(run: EstimateRun, *, at: datetime) -> bool:
    """Tell whether a run is published and its day has come."""
    standing = db.session.get(RunStanding, run.id)
    if standing is None or standing.stage is not RunStage.PUBLISHED:
        return False
    return standing.published_on is not None and standing.published_on <= local_day(at)


def certified(run: EstimateRun, region: Region, *, at: datetime) -> Certified:
    """Return number and signatures of a certificate.

    Raises ResultUnpublished, and EvidenceLost if photos of the region are lost or altered.
    """
    must_be_published(run, at=at)
    must_be_whole(run, region.code)
    signers = {PROVINCE, region.unit_code or region.code}
    signatures = db.session.scalars(
        select(RunSignature)
        .where(RunSignature.run_id == run.id, RunSignature.region_code.in_(signers))
        .order_by(RunSignature.id)
        .options(joinedload(RunSignature.region), joinedload(RunSignature.signed_by))
    ).all()
    return Certified(f"{run_number(run)}-{region.code}", list(signatures))
