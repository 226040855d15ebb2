"""Rectification: orders, inquiry letters and talks, each with a due date and an end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.exc import StaleDataError

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.models import Campaign, CampaignState
from casework.db import db, new_uid, transaction
from casework.errors import CaseworkError, NotAllowedNow, NotFound
from casework.regions.models import Region
from casework.sealing import seal, unseal
from casework.visits.rectification_models import (
    TRANSITIONS,
    Matter,
    MatterFile,
    MatterKind,
    MatterState,
    MatterStep,
    StepKind,
)

PAGE = 50
MOST_WORDS = 4000
MOST_NAME = 200
MOST_BYTES = 10 * 2**20
_GIVEN_UP = frozenset({CampaignState.VOID, CampaignState.WITHDRAWN})
#: How a PDF, JPEG, PNG and a Word or Excel file begin.
_KINDS = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n", b"PK\x03\x04")


class MatterIncomplete(CaseworkError):
    """A matter names whom it is addressed to and what is asked, within the limits of length."""


class DueTooEarly(CaseworkError):
    """A due date lies on the day of issue or later, and an extension after the date before it."""


class StepUnexplained(CaseworkError):
    """A step needs words: the answer, why it does not do, why it ends; at most 4,000 characters."""


class AnswerFileUnusable(CaseworkError):
    """A file that comes with a step is a PDF, JPEG, PNG, Word or Excel file of at most 10 MB."""


@dataclass(frozen=True, slots=True)
class MatterDraft:
    kind: MatterKind
    region_code: str
    addressee: str
    words: str
    issued_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Attached:
    """A file as somebody handed it in."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody enters about a matter."""

    kind: StepKind
    words: str
    on: date
    seen: int  #: how many steps the page showed
    due_on: date | None = None
    file: Attached | None = None


@dataclass(frozen=True, slots=True)
class MatterPage:
    rows: Sequence[Matter]
    total: int
    number: int  #: of the page, from 1
    last: int
    overdue: int  #: in the whole region of the actor, whatever is listed


def issue(campaign_id: int, draft: MatterDraft, *, actor: User, at: datetime) -> Matter:
    """Issue an order, an inquiry letter or a summons to a talk.

    Raises NotFound for a campaign or region that is not there or that *actor* may not see,
    MatterIncomplete, DueTooEarly.
    """
    addressee, words = draft.addressee.strip(), draft.words.strip()
    if not 0 < len(addressee) <= MOST_NAME or not 0 < len(words) <= MOST_WORDS:
        raise MatterIncomplete
    if draft.due_on < draft.issued_on:
        raise DueTooEarly
    with transaction() as session:
        campaign = session.get(Campaign, campaign_id)
        region = session.scalar(
            select(Region).where(Region.code == draft.region_code, in_scope(actor, Region.code))
        )
        if campaign is None or campaign.state in _GIVEN_UP or region is None:
            raise NotFound(campaign=campaign_id, region=draft.region_code)
        matter = Matter(
            uid=new_uid(),
            campaign_id=campaign_id,
            kind=draft.kind,
            region_code=draft.region_code,
            addressee=addressee,
            issued_on=draft.issued_on,
            due_on=draft.due_on,
            issued_by_id=actor.id,
            issued_at=at,
        )
        matter.words = words
        session.add(matter)
        _record(session, AuditAction.MATTER_ISSUE, matter, {"kind": draft.kind.value}, actor, at)
    return matter


def take_step(uid: str, step: Step, *, actor: User, at: datetime) -> None:
    """Answer a matter, send the answer back, give more time, or close it.

    Raises NotFound, NotAllowedNow where the step does not follow, StepUnexplained, DueTooEarly,
    AnswerFileUnusable, StaleDataError if somebody took a step that the page did not show.
    """
    said = step.words.strip()
    if not said or len(said) > MOST_WORDS:
        raise StepUnexplained
    if step.file and not _usable(step.file):
        raise AnswerFileUnusable(most=MOST_BYTES // 2**20)
    with transaction() as session:
        matter = _matter(session, uid, actor, lock=True)
        if matter.steps_taken != step.seen:
            raise StaleDataError(f"matter {matter.id} has {matter.steps_taken} steps")
        following = TRANSITIONS.get((matter.state, step.kind))
        if following is None:
            raise NotAllowedNow(matter=uid)
        due_on = _new_due(matter, step)
        if due_on:
            matter.due_on = due_on
        matter.state, matter.steps_taken = following, matter.steps_taken + 1
        row = MatterStep(
            uid=new_uid(),
            matter_id=matter.id,
            kind=step.kind,
            taken_on=step.on,
            due_on=due_on,
            by_id=actor.id,
            at=at,
        )
        row.words, row.file = said, _sealed(step.file) if step.file else None
        session.add(row)
        _record(session, AuditAction.MATTER_STEP, matter, {"step": step.kind.value}, actor, at)


def _usable(file: Attached) -> bool:
    return file.content.startswith(_KINDS) and len(file.content) <= MOST_BYTES


def _sealed(file: Attached) -> MatterFile:
    digest = sha256(file.content).hexdigest()
    row = MatterFile(uid=new_uid(), digest=digest, size=len(file.content))
    row.name = file.name[-MOST_NAME:]
    row.content_sealed = seal(file.content, table="matter_file", column="content", row=row.uid)
    return row


def opened_file(uid: str, *, actor: User, at: datetime) -> Attached:
    """Return a file as it came; that it was taken out is kept. Raises NotFound."""
    with transaction() as session:
        file = session.scalar(
            select(MatterFile)
            .join(MatterStep, MatterStep.id == MatterFile.step_id)
            .join(Matter, Matter.id == MatterStep.matter_id)
            .where(MatterFile.uid == uid, in_scope(actor, Matter.region_code))
        )
        if file is None:
            raise NotFound(file=uid)
        content = unseal(file.content_sealed, table="matter_file", column="content", row=uid)
        trail.record(
            session,
            AuditAction.EVIDENCE_SHOW,
            actor_id=actor.id,
            at=at,
            subject=f"matter_file:{file.id}",
            facts={"digest": file.digest},
        )
        return Attached(file.name, content)


def _new_due(matter: Matter, step: Step) -> date | None:
    """Return the new due date: an extension needs one, sending back may have one."""
    if step.kind not in {StepKind.EXTEND, StepKind.SEND_BACK}:
        return None
    needed = step.kind is StepKind.EXTEND
    if step.due_on is None and not needed:
        return None
    if step.due_on is None or step.due_on < step.on or (needed and step.due_on <= matter.due_on):
        raise DueTooEarly
    return step.due_on


def matter_page(  # noqa: PLR0913 - a list is narrowed by that much
    campaign: Campaign,
    *,
    actor: User,
    today: date,
    kind: MatterKind | None = None,
    state: MatterState | None = None,
    overdue: bool = False,
    number: int = 1,
) -> MatterPage:
    """Return a page of the matters in the region of *actor*, the earliest due first."""
    mine = [Matter.campaign_id == campaign.id, in_scope(actor, Matter.region_code)]
    late: ColumnElement[bool] = (Matter.state == MatterState.OPEN) & (Matter.due_on < today)
    where = [*mine]
    where += [Matter.kind == kind] if kind else []
    where += [Matter.state == state] if state else []
    where += [late] if overdue else []
    total = db.session.scalar(select(func.count(Matter.id)).where(*where)) or 0
    last = max(1, -(-total // PAGE))
    number = min(max(number, 1), last)
    rows = db.session.scalars(
        select(Matter)
        .where(*where)
        .order_by(Matter.state == MatterState.CLOSED, Matter.due_on, Matter.id)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    )
    all_late = db.session.scalar(select(func.count(Matter.id)).where(*mine, late)) or 0
    return MatterPage(rows.all(), total, number, last, all_late)


def is_overdue(matter: Matter, today: date) -> bool:
    """Say whether the answer is late."""
    return matter.state is MatterState.OPEN and matter.due_on < today


def show_matter(uid: str, *, actor: User) -> tuple[Matter, Campaign]:
    """Return a matter with its steps, and its campaign. Raises NotFound."""
    matter = _matter(db.session(), uid, actor)
    return matter, db.session.get_one(Campaign, matter.campaign_id)


def steps_after(matter: Matter) -> list[StepKind]:
    """Return the steps that may be taken now."""
    return [kind for (state, kind) in TRANSITIONS if state is matter.state]


def _matter(session: Session, uid: str, actor: User, *, lock: bool = False) -> Matter:
    query = select(Matter).where(Matter.uid == uid, in_scope(actor, Matter.region_code))
    query = query.with_for_update(of=Matter) if lock else query.options(joinedload(Matter.region))
    matter = session.scalar(query)
    if matter is None:
        raise NotFound(matter=uid)
    return matter


def _record(
    session: Session,
    action: AuditAction,
    matter: Matter,
    facts: dict[str, str],
    actor: User,
    at: datetime,
) -> None:
    session.flush()
    subject = f"matter:{matter.id}"
    trail.record(session, action, actor_id=actor.id, at=at, subject=subject, facts=facts)
