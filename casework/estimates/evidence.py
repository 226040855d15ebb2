"""Everything that is known of one case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload, undefer

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.desk_models import PlacedCall
from casework.calls.models import Attempt
from casework.campaigns.models import Campaign, Draw, Replicate, SampleEntry
from casework.cases.models import Case
from casework.cases.outcomes import final_outcome
from casework.db import db, transaction
from casework.errors import NotFound
from casework.estimates.cases import released
from casework.estimates.directory import open_to
from casework.estimates.masks import mask_id, mask_name, mask_phone
from casework.estimates.vanished import is_whole
from casework.ledgers.models import LedgerEntry
from casework.visits.models import Finding, Lead, Photo, Visit
from casework.visits.worklist import opened_photo


class RevealPurpose(StrEnum):
    """Why a person is shown."""

    VERIFICATION = "verification"
    OBJECTION = "objection"
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class Person:
    """Who a case is about."""

    name: str
    id_no: str
    phones: Sequence[str]


@dataclass(frozen=True, slots=True)
class CaseEvidence:
    """All rows about one case, each kind in the order of time."""

    case: Case
    campaign: Campaign
    sample: SampleEntry | None
    draw: Draw | None
    replicate: Replicate
    released_by: User | None
    attempts: Sequence[Attempt]
    leads: Sequence[Lead]
    visit: Visit | None
    findings: Sequence[Finding]
    recordings: Mapping[int, str]  #: attempt to where its recording is found
    lost: frozenset[str]  #: uids of photos whose content was lost or altered
    masked: Person

    @property
    def masked_phones(self) -> Sequence[str]:
        """The numbers, covered, in the order in which they are dialled."""
        return self.masked.phones

    @property
    def outcome(self) -> str:
        """The code that counts."""
        case = self.case
        return final_outcome(case.phone_outcome, case.site_outcome, case.settled_outcome)


def masked(person: Person) -> Person:
    """Return the person covered."""
    phones = [mask_phone(phone) for phone in person.phones]
    return Person(mask_name(person.name), mask_id(person.id_no), phones)


def show_case(uid: str, *, actor: User, at: datetime) -> CaseEvidence:
    """Return the evidence of one case; that it was looked at is kept.

    Raises
    ------
    NotFound
        If there is no such case in the actor's region.
    """
    with transaction() as session:
        found = session.execute(
            select(Case.id, Case.code)
            .join(Campaign, Campaign.id == Case.campaign_id)
            .where(Case.uid == uid, *_visible(actor))
        ).one_or_none()
        if found is None:
            raise NotFound(case=uid)
        trail.record(
            session,
            AuditAction.EVIDENCE_SHOW,
            actor_id=actor.id,
            at=at,
            subject=f"case:{found.id}",
            facts={"code": found.code},
        )
    return _evidence(found.id)


def reveal_person(uid: str, *, purpose: RevealPurpose, actor: User, at: datetime) -> Person:
    """Uncover the person of one case, for a purpose that is kept.

    Raises
    ------
    NotFound
        If there is no such case in the actor's region.
    """
    with transaction() as session:
        case = _case(uid, actor)
        person = _person(case.entry)
        trail.record(
            session,
            AuditAction.PERSON_REVEAL,
            actor_id=actor.id,
            at=at,
            subject=f"case:{case.id}",
            purpose=purpose.value,
            facts={"code": case.code},
        )
    return person


def shown_photo(uid: str, *, actor: User, at: datetime) -> bytes:
    """Return the clean copy of a photo as JPEG; that it was looked at is kept.

    Raises
    ------
    NotFound
        If there is no such photo in the actor's region.
    """
    with transaction() as session:
        photo = session.scalar(
            select(Photo)
            .join(Finding, Finding.id == Photo.finding_id)
            .join(Visit, Visit.id == Finding.visit_id)
            .join(Case, Case.id == Visit.case_id)
            .join(Campaign, Campaign.id == Case.campaign_id)
            .where(Photo.uid == uid, *_visible(actor))
        )
        if photo is None:
            raise NotFound(photo=uid)
        return opened_photo(session, photo, actor=actor, at=at)


def _visible(actor: User) -> tuple[ColumnElement[bool], ...]:
    return released(), in_scope(actor, Case.region_code), open_to(actor)


def _case(uid: str, actor: User) -> Case:
    case = db.session.scalar(
        select(Case)
        .join(Campaign, Campaign.id == Case.campaign_id)
        .where(Case.uid == uid, *_visible(actor))
        .options(joinedload(Case.entry))
    )
    if case is None:
        raise NotFound(case=uid)
    return case


def _evidence(case_id: int) -> CaseEvidence:
    session = db.session
    case, replicate, releaser, sample, draw = session.execute(
        select(Case, Replicate, User, SampleEntry, Draw)
        .join(
            Replicate,
            (Replicate.campaign_id == Case.campaign_id) & (Replicate.number == Case.replicate),
        )
        .outerjoin(User, User.id == Replicate.released_by_id)
        .outerjoin(
            SampleEntry,
            (SampleEntry.campaign_id == Case.campaign_id)
            & (SampleEntry.entry_uid == Case.entry_uid),
        )
        .outerjoin(Draw, Draw.campaign_id == Case.campaign_id)
        .where(Case.id == case_id)
        .options(
            joinedload(Case.entry).joinedload(LedgerEntry.region),
            joinedload(Case.stratum),
            joinedload(Case.region),
            joinedload(Case.campaign),
        )
    ).one()
    calls = session.execute(
        select(Attempt, PlacedCall.recording)
        .outerjoin(PlacedCall, PlacedCall.attempt_id == Attempt.id)
        .where(Attempt.case_id == case.id)
        .order_by(Attempt.started_at, Attempt.id, PlacedCall.id)
        .options(joinedload(Attempt.operator))
    ).all()
    leads = session.scalars(select(Lead).where(Lead.case_id == case.id).order_by(Lead.id)).all()
    visit = _visit_of(case)
    return CaseEvidence(
        case=case,
        campaign=case.campaign,
        sample=sample,
        draw=draw,
        replicate=replicate,
        released_by=releaser,
        attempts=list(dict.fromkeys(attempt for attempt, _recording in calls)),
        leads=leads,
        visit=visit,
        findings=visit.findings if visit else [],
        recordings={attempt.id: name for attempt, name in calls if name},
        lost=_lost(visit),
        masked=masked(_person(case.entry)),
    )


def _lost(visit: Visit | None) -> frozenset[str]:
    photos = (photo for finding in (visit.findings if visit else []) for photo in finding.photos)
    return frozenset(
        photo.uid
        for photo in photos
        if not is_whole(photo.uid, photo.digest, photo.original_sealed, photo.shown_sealed)
    )


def _visit_of(case: Case) -> Visit | None:
    found = db.session.scalars(
        select(Visit)
        .where(Visit.case_id == case.id)
        .options(
            joinedload(Visit.inspector),
            joinedload(Visit.findings).joinedload(Finding.inspector),
            joinedload(Visit.findings)
            .joinedload(Finding.photos)
            .options(undefer(Photo.original_sealed), undefer(Photo.shown_sealed)),
        )
    )
    return found.unique().one_or_none()


def _person(entry: LedgerEntry) -> Person:
    return Person(entry.name, entry.id_no, entry.phones.splitlines())
