"""Evidence that is named and no longer there: photos whose content was lost or altered."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import ColumnElement, select

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


def vanished_photos(campaign_id: int, *under: ColumnElement[bool]) -> Iterator[Vanished]:
    """Open the photos of a campaign and yield those that are not what their digests say.

    *under* are conditions on cases, visits or findings; without any, every photo is opened.
    """
    photos = db.session.execute(
        select(Case.code, Photo.uid, Photo.digest, Photo.original_sealed, Photo.shown_sealed)
        .join(Finding, Finding.id == Photo.finding_id)
        .join(Visit, Visit.id == Finding.visit_id)
        .join(Case, Case.id == Visit.case_id)
        .where(Case.campaign_id == campaign_id, *under)
        .order_by(Case.code, Photo.id)
        .execution_options(yield_per=AT_ONCE)
    )
    for code, uid, digest, original, shown in photos:
        if not is_whole(uid, digest, original, shown):
            yield Vanished(code, uid, digest)


def is_whole(uid: str, digest: str, original_sealed: bytes, shown_sealed: bytes) -> bool:
    """Tell whether a photo is still what came, and its copy for showing still opens."""
    try:
        original = unseal(original_sealed, table="photo", column="original", row=uid)
        unseal(shown_sealed, table="photo", column="shown", row=uid)
    except SealBroken:
        return False
    return sha256(original).hexdigest() == digest
