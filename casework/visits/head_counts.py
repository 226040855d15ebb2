"""Counting the workers of an enterprise on site: all, by channel, waived, not resettled and why.

A count that the enterprise signed is a census of its stratum: what is then known replaces the
estimate (see ``casework.estimates.censuses``).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final
from unicodedata import normalize

from sqlalchemy import func, select

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.models import FrameEntry
from casework.cases.models import Case
from casework.db import db, new_uid, transaction
from casework.errors import CaseworkError, NotFound
from casework.ledgers.models import LedgerEntry
from casework.ledgers.projects import Project
from casework.sealing import seal
from casework.visits.findings import MAX_TEXT, CampaignOver, WordsTooMany, takes_findings
from casework.visits.head_models import HeadCount
from casework.visits.models import Signer, Visit
from casework.visits.photos import clean
from casework.visits.worklist import visit_pass

#: The channels by the outcome that a worker resettled by them has.
CHANNELS: Final = ("S1", "S2", "S3", "S4")
#: Codes of the list ``unsettled_reason`` of the ledgers.
REASONS: Final = ("1", "2", "3", "4", "5", "6", "7")
MOST: Final = 1_000_000


class CountsDoNotAddUp(CaseworkError):
    """Resettled, waived and not resettled must together be all the workers."""


class CountUnusable(CaseworkError):
    """A number is negative, too large, or of a channel or reason that is not in the list."""


@dataclass(frozen=True, slots=True)
class HeadCountReport:
    """What an inspector reports about one enterprise."""

    total: int
    resettled: Mapping[str, int]  #: outcome code of the channel to persons
    waived: int
    unsettled: Mapping[str, int]  #: reason code to persons
    found_at: datetime  #: by the inspector's device
    idempotency_key: str
    note: str = ""
    signatures: Mapping[Signer, bytes] = field(default_factory=dict)  #: images
    skew_seconds: int | None = None

    def check(self) -> None:
        """Raise CountUnusable, CountsDoNotAddUp or WordsTooMany."""
        counts = [*self.resettled.values(), self.waived, *self.unsettled.values()]
        known = set(self.resettled) <= set(CHANNELS) and set(self.unsettled) <= set(REASONS)
        if not known or not 0 < self.total <= MOST or min(counts) < 0:
            raise CountUnusable
        if sum(counts) != self.total:
            raise CountsDoNotAddUp(total=self.total, parts=sum(counts))
        if len(self.note) > MAX_TEXT:
            raise WordsTooMany


def record_head_count(
    visit_uid: str, report: HeadCountReport, *, shown: str, actor: User, at: datetime
) -> HeadCount:
    """Record how many workers the enterprise of a visited case has; the same key twice is one row.

    It is about the enterprise, so it counts also when the visit meanwhile is somebody else's.

    Raises NotFound unless the visit is, or was shown as, *actor*'s and is of an enterprise;
    CampaignOver; the errors of ``HeadCountReport.check``; NotAPhoto for a signature that is none.
    """
    report.check()
    drawn = {signer: clean(image, number=1) for signer, image in report.signatures.items()}
    with transaction() as session:
        visit = session.scalar(select(Visit).where(Visit.uid == visit_uid))
        own = visit is not None and visit.inspector_id == actor.id
        if visit is None or not (own or shown == visit_pass(visit_uid, actor)):
            raise NotFound(visit=visit_uid)
        if visit.case.project is not Project.OVERCAPACITY:
            raise NotFound(visit=visit_uid)
        earlier = select(HeadCount).where(HeadCount.idempotency_key == report.idempotency_key)
        if (count := session.scalar(earlier)) is not None:
            return count
        if not takes_findings(visit):
            raise CampaignOver
        count = _head_count(visit.case, report, actor=actor, at=at)
        for signer, image in drawn.items():
            column = f"{signer.value}_signature"
            sealed = seal(image.original, table="head_count", column=column, row=count.uid)
            setattr(count, column, sealed)
        session.add(count)
        session.flush()
        digests = {s.value: sha256(image).hexdigest() for s, image in report.signatures.items()}
        trail.record(
            session,
            AuditAction.HEAD_COUNT_RECORD,
            actor_id=actor.id,
            at=at,
            subject=f"case:{visit.case_id}",
            facts={"count": count.id, "total": report.total, "signatures": digests},
        )
    return count


@dataclass(frozen=True, slots=True)
class LedgerCount:
    """What the ledger says of the workers of one enterprise, to be held against who is there."""

    total: int
    resettled: Counter[str]  #: outcome code of the channel to persons
    waived: int
    unsettled: Counter[str]  #: reason code to persons; "" where the ledger gives none


#: Codes of the list ``resettle_channel`` of the ledgers, by the outcome that each leads to.
_CHANNEL_OF: Final = {"T": "S1", "R": "S2", "C": "S3", "E": "S4", "P": "S4", "X": "S4"}
_WAIVED: Final = "W"


def ledger_count(case: Case) -> LedgerCount:
    """Count what the ledger says of the enterprise of *case*: its entries in the frame."""
    entries = db.session.scalars(
        select(LedgerEntry)
        .join(FrameEntry, FrameEntry.entry_uid == LedgerEntry.uid)
        .where(
            FrameEntry.stratum_id == case.stratum_id,
            LedgerEntry.enterprise == case.entry.enterprise,
        )
    ).all()
    claimed = Counter(str(entry.details.get("channel", "")) for entry in entries)
    resettled: Counter[str] = Counter()
    for code, persons in claimed.items():
        if code in _CHANNEL_OF:
            resettled[_CHANNEL_OF[code]] += persons
    left = [entry for entry in entries if entry.claims_not_settled]
    unsettled = Counter(str(entry.details.get("unsettled_reason", "")) for entry in left)
    return LedgerCount(len(entries), resettled, claimed[_WAIVED], unsettled)


def _head_count(case: Case, report: HeadCountReport, *, actor: User, at: datetime) -> HeadCount:
    count = HeadCount(
        uid=new_uid(),
        campaign_id=case.campaign_id,
        unit_code=case.stratum.unit_code,
        enterprise=_named(case),
        inspector_id=actor.id,
        total=report.total,
        resettled={code: n for code, n in report.resettled.items() if n},
        waived=report.waived,
        unsettled={code: n for code, n in report.unsettled.items() if n},
        confirmed=Signer.CLERK in report.signatures,
        found_at=report.found_at,
        received_at=at,
        skew_seconds=report.skew_seconds,
        idempotency_key=report.idempotency_key,
    )
    count.note = report.note.strip()
    return count


def _named(case: Case) -> str:
    return normalize("NFC", case.entry.enterprise)  # as strata are named


def latest_counts(campaign_id: int) -> Sequence[HeadCount]:
    """Return the latest head-count of each enterprise of a campaign."""
    latest = (
        select(func.max(HeadCount.id))
        .where(HeadCount.campaign_id == campaign_id)
        .group_by(HeadCount.unit_code, HeadCount.enterprise)
    )
    query = select(HeadCount).where(HeadCount.id.in_(latest)).order_by(HeadCount.id)
    return db.session.scalars(query).all()


def count_of(case: Case) -> HeadCount | None:
    """Return the latest head-count of the enterprise of *case*."""
    found = db.session.scalars(
        select(HeadCount)
        .where(
            HeadCount.campaign_id == case.campaign_id,
            HeadCount.unit_code == case.stratum.unit_code,
            HeadCount.enterprise == _named(case),
        )
        .order_by(HeadCount.id.desc())
        .limit(1)
    )
    return found.first()
