"""Evidence that is named and no longer there: photos whose content was lost or altered."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import select

from casework.cases.models import Case
from casework.db import db
from casework.sealing import SealBroken, unseal
from casework.visits.models import Finding, Photo, Visit

AT_ONCE = 20  # photos in memory


@dataclass(frozen=True, slots=True)
class Vanished:
    """A photo of a case that can no longer be shown as it came."""

    case_code: str
    photo_uid: str
    digest: str  #: of what came


def vanished_photos(campaign_id: int) -> Iterator[Vanished]:
    """Open every photo of a campaign and yield those that are not what their digests say."""
    photos = db.session.execute(
        select(Case.code, Photo.uid, Photo.digest, Photo.original_sealed)
        .join(Finding, Finding.id == Photo.finding_id)
        .join(Visit, Visit.id == Finding.visit_id)
        .join(Case, Case.id == Visit.case_id)
        .where(Case.campaign_id == campaign_id)
        .order_by(Case.code, Photo.id)
        .execution_options(yield_per=AT_ONCE)
    )
    for code, uid, digest, sealed in photos:
        if _digest(uid, sealed) != digest:
            yield Vanished(code, uid, digest)


def _digest(uid: str, sealed: bytes) -> str:
    try:
        return sha256(unseal(sealed, table="photo", column="original", row=uid)).hexdigest()
    except SealBroken:
        return ""
