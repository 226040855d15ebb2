"""What inspectors see of their own visits: the day's list, one visit, its person, its photos.

Every function looks only among the visits assigned to the actor; any other is NotFound.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.dispositions import all_dispositions
from casework.calls.models import Attempt, stands
from casework.calls.schedule import SHANGHAI
from casework.campaigns.models import Campaign, CampaignState
from casework.cases.models import Case
from casework.db import db, transaction
from casework.errors import NotFound
from casework.ledgers.models import LedgerEntry
from casework.regions.models import Region
from casework.sealing import blind_index, unseal
from casework.visits.assignment import MOST_PER_DAY
from casework.visits.findings import takes_findings
from casework.visits.models import (
    Finding,
    Lead,
    LeadSeverity,
    Photo,
    Visit,
    VisitReason,
    VisitState,
)

_GRAVITY = (LeadSeverity.HIGH, LeadSeverity.NORMAL, LeadSeverity.LOW)
SHOWN_ID_DIGITS = 4
EARLIER_SHOWN = 30
PURPOSE = "visit"


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the list."""

    visit: Visit
    case: Case
    name: str  #: covered
    severity: LeadSeverity | None  #: of the gravest lead


@dataclass(frozen=True, slots=True)
class PlaceTasks:
    place: Region
    tasks: Sequence[Task]

    @property
    def at_random(self) -> int:
        return sum(task.visit.reason is VisitReason.RANDOM for task in self.tasks)

    @property
    def leads(self) -> int:
        return sum(task.severity is not None for task in self.tasks)

    @property
    def urgent(self) -> int:
        return sum(task.severity is LeadSeverity.HIGH for task in self.tasks)


@dataclass(frozen=True, slots=True)
class Day:
    """An inspector's day: what is due by then, and what is done."""

    places: Sequence[PlaceTasks]
    done: Sequence[Task]  #: received on this day, the latest first
    earlier: Sequence[Task]  #: the latest of those before
    later: int  #: visits planned for a later day

    @property
    def open(self) -> int:
        return sum(len(place.tasks) for place in self.places)


@dataclass(frozen=True, slots=True)
class VisitFile:
    """All an inspector sees of one visit."""

    visit: Visit
    case: Case
    entry: LedgerEntry
    name: str  #: covered
    leads: Sequence[Lead]
    interview: Attempt | None  #: the latest call in which somebody answered the questions
    findings: Sequence[Finding]
    open: bool  #: findings are still taken
    shown: str  #: proves later that the visit was shown to this inspector

    @property
    def photos(self) -> list[Photo]:
        return [photo for finding in self.findings for photo in finding.photos]


@dataclass(frozen=True, slots=True)
class PersonShown:
    name: str
    id_tail: str  #: the last digits of the identity number; the rest stays sealed


def day_of(actor: User, *, on: date) -> Day:
    """Return the visits of *actor*: those due on or before *on* by place, and those done."""
    rows = db.session.execute(
        select(Visit, Case, Region)
        .join(Case, Visit.case_id == Case.id)
        .join(Region, Visit.place_code == Region.code)
        .join(Campaign, Case.campaign_id == Campaign.id)
        .where(
            Visit.inspector_id == actor.id,
            Visit.state == VisitState.ASSIGNED,
            Campaign.state == CampaignState.VISITING,
        )
        .order_by(Visit.place_code, Case.project, Case.code)
        .options(selectinload(Visit.case).selectinload(Case.entry))
    )
    severity = _gravest(actor)
    places: dict[str, tuple[Region, list[Task]]] = {}
    later = 0
    for visit, case, place in rows:
        if visit.visit_on is not None and visit.visit_on > on:
            later += 1
        else:
            task = Task(visit, case, covered(case.entry.name), severity.get(case.id))
            places.setdefault(place.code, (place, []))[1].append(task)
    done, earlier = _done(actor, on)
    by_place = [PlaceTasks(place, tasks) for place, tasks in places.values()]
    return Day(by_place, done, earlier[:EARLIER_SHOWN], later)


def _done(actor: User, on: date) -> tuple[list[Task], list[Task]]:
    """Return the visits of *actor* that were reported on the day *on*, and the latest before it."""
    latest = (
        select(Finding.visit_id, func.max(Finding.id).label("id"))
        .join(Visit, Visit.id == Finding.visit_id)
        .where(Visit.inspector_id == actor.id, Visit.state == VisitState.DONE)
        .group_by(Finding.visit_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Visit, Case, Finding.received_at)
        .join(latest, latest.c.visit_id == Visit.id)
        .join(Finding, Finding.id == latest.c.id)
        .join(Case, Case.id == Visit.case_id)
        .order_by(Finding.id.desc())
        .limit(MOST_PER_DAY + EARLIER_SHOWN)
        .options(selectinload(Visit.case).selectinload(Case.entry))
    )
    parts: tuple[list[Task], list[Task]] = ([], [])
    for visit, case, received_at in rows:
        is_earlier = received_at.astimezone(SHANGHAI).date() < on
        parts[is_earlier].append(Task(visit, case, covered(case.entry.name), None))
    return parts


def _gravest(actor: User) -> dict[int, LeadSeverity]:
    rows = db.session.execute(
        select(Visit.case_id, Lead.severity)
        .join(Visit, Visit.case_id == Lead.case_id)
        .where(Visit.inspector_id == actor.id)
    )
    gravest: dict[int, LeadSeverity] = {}
    for case_id, severity in sorted(rows, key=lambda row: _GRAVITY.index(row[1]), reverse=True):
        gravest[case_id] = severity
    return gravest


def visit_file(uid: str, *, actor: User) -> VisitFile:
    """Return one visit of *actor*. Raises NotFound for any other."""
    visit = _own(db.session(), uid, actor)
    case = visit.case
    attempts = db.session.scalars(
        select(Attempt)
        .where(
            Attempt.case_id == case.id, Attempt.outcome != "", Attempt.blind.is_(False), stands()
        )
        .order_by(Attempt.started_at.desc(), Attempt.id.desc())
    )
    interviews = (a for a in attempts if all_dispositions()[a.disposition].is_interview)
    leads = list(db.session.scalars(select(Lead).where(Lead.case_id == case.id).order_by(Lead.id)))
    return VisitFile(
        visit=visit,
        case=case,
        entry=case.entry,
        name=covered(case.entry.name),
        leads=sorted(leads, key=lambda lead: _GRAVITY.index(lead.severity)),
        interview=next(interviews, None),
        findings=visit.findings,
        open=takes_findings(visit),
        shown=visit_pass(visit.uid, actor),
    )


def visit_pass(visit_uid: str, user: User) -> str:
    """Return what only a device knows to which *user* was shown this visit as his or her own."""
    return blind_index(f"{visit_uid}\x1f{user.id}", column="visit_pass")


def covered(name: str) -> str:
    """Return a name with only its first character."""
    return f"{name[:1]}**" if name else ""


def reveal_person(uid: str, *, actor: User, at: datetime) -> PersonShown:
    """Uncover the person of one visit for the inspector who makes it; that it was done is kept.

    Raises NotFound for a visit that is not the actor's.
    """
    with transaction() as session:
        visit = _own(session, uid, actor)
        entry = visit.case.entry
        person = PersonShown(entry.name, entry.id_no[-SHOWN_ID_DIGITS:])
        trail.record(
            session,
            AuditAction.PERSON_REVEAL,
            actor_id=actor.id,
            at=at,
            subject=f"case:{visit.case_id}",
            purpose=PURPOSE,
            facts={"code": visit.case.code},
        )
    return person


def own_photo(uid: str, *, actor: User, at: datetime) -> bytes:
    """Return the clean copy of a photo, as JPEG; that it was looked at is kept.

    Raises NotFound unless it belongs to a visit of *actor*.
    """
    with transaction() as session:
        photo = session.scalar(
            select(Photo)
            .join(Finding, Photo.finding_id == Finding.id)
            .join(Visit, Finding.visit_id == Visit.id)
            .where(Photo.uid == uid, Visit.inspector_id == actor.id)
        )
        if photo is None:
            raise NotFound(photo=uid)
        return opened_photo(session, photo, actor=actor, at=at)


def opened_photo(session: Session, photo: Photo, *, actor: User, at: datetime) -> bytes:
    """Open the copy to show, in the caller's transaction, and keep who looked at it."""
    content = unseal(photo.shown_sealed, table="photo", column="shown", row=photo.uid)
    trail.record(
        session,
        AuditAction.EVIDENCE_SHOW,
        actor_id=actor.id,
        at=at,
        subject=f"photo:{photo.id}",
        facts={"digest": photo.digest},
    )
    return content


def _own(session: Session, uid: str, actor: User) -> Visit:
    visit = session.scalar(select(Visit).where(Visit.uid == uid, Visit.inspector_id == actor.id))
    if visit is None:
        raise NotFound(visit=uid)
    return visit
