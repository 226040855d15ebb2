"""What papers say when evidence under their figures is lost or altered.

A certificate attests and is refused. A report, a notice and a workbook name the cases, and a bundle
the digests, so that nobody takes the figures for better founded than they are. What counts is the
latest finding of each visit: a new finding with new photos stands in the place of a lost one.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select, true

from casework.calls.desk_models import PlacedCall
from casework.calls.models import Attempt, stands
from casework.cases.models import Case
from casework.db import db
from casework.errors import CaseworkError
from casework.estimates.models import EstimateRun
from casework.estimates.vanished import Vanished, vanished_photos
from casework.regions.models import PROVINCE, Region
from casework.visits.models import Finding


class EvidenceLost(CaseworkError):
    """Photos under the figures are lost or altered; a certificate is not made of them."""


@dataclass(frozen=True, slots=True)
class Recordings:
    """Calls that brought a verdict, and how many of them name no recording."""

    calls: int
    missing: int


def lost_photos(run: EstimateRun, code: str) -> list[Vanished]:
    """Return the lost or altered photos of the latest findings in a region."""
    latest = select(func.max(Finding.id)).group_by(Finding.visit_id)
    return list(vanished_photos(run.campaign_id, Finding.id.in_(latest), _inside(code)))


def must_be_whole(run: EstimateRun, code: str) -> None:
    """Raise EvidenceLost, with the cases, if photos of a region are lost or altered."""
    if lost := lost_photos(run, code):
        raise EvidenceLost(cases=sorted({photo.case_code for photo in lost}))


def recordings(run: EstimateRun, code: str) -> Recordings:
    """Count the calls of a region that brought a verdict, and those without a recording."""
    recorded = (
        select(PlacedCall.id)
        .where(PlacedCall.attempt_id == Attempt.id, PlacedCall.recording != "")
        .exists()
    )
    calls, named = db.session.execute(
        select(func.count(), func.count().filter(recorded))
        .select_from(Attempt)
        .join(Case, Case.id == Attempt.case_id)
        .where(Case.campaign_id == run.campaign_id, Attempt.outcome != "", stands(), _inside(code))
    ).one()
    return Recordings(calls, calls - named)


def _inside(code: str) -> ColumnElement[bool]:
    if code == PROVINCE:
        return true()
    below = select(Region.code).where(or_(Region.code == code, Region.unit_code == code))
    return Case.region_code.in_(below)
