"""Objections of regions to their figures: filed with evidence, answered, closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.db import db, new_uid, transaction
from casework.errors import NotFound
from casework.estimates.judged import judged
from casework.estimates.judging_errors import FileUnusable, SecondPersonNeeded, TooManyFiles
from casework.estimates.judging_models import Objection, ObjectionFile, Override, RunStanding
from casework.estimates.models import EstimateRow, EstimateRun, Level
from casework.estimates.signing import checked_reason
from casework.estimates.stages import (
    ObjectionAction,
    RunStage,
    next_objection,
)
from casework.ledgers.projects import Project, official_order
from casework.sealing import seal, unseal

MOST_FILES = 5
MOST_BYTES = 10 * 2**20
#: The first bytes of what is taken: PDF, JPEG, PNG, and the office's ZIP formats.
_KINDS = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n", b"PK\x03\x04")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file as somebody hands it in."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Announced:
    """What a region may see of a run: its own figures and those under it."""

    run: EstimateRun
    final: bool  #: published, and its day has come
    rows: Sequence[EstimateRow]
    overrides: Mapping[tuple[str, Project], Override]  #: that two people confirmed


def announced_to(actor: User) -> list[Announced]:
    """Return the runs whose day has come for the actor's region, the newest first."""
    found = db.session.execute(
        select(EstimateRun, _published())
        .join(RunStanding, RunStanding.run_id == EstimateRun.id)
        .where(announced(), _reaches(actor))
        .order_by(EstimateRun.id.desc())
        .options(joinedload(EstimateRun.campaign))
    ).all()
    rows = db.session.scalars(
        select(EstimateRow)
        .where(
            EstimateRow.run_id.in_([run.id for run, _final in found]),
            EstimateRow.level.in_((Level.UNIT, Level.PLACE)),
            in_scope(actor, EstimateRow.region_code),
        )
        .order_by(EstimateRow.region_code, official_order(EstimateRow.project))
        .options(joinedload(EstimateRow.region))
    ).all()
    return [
        Announced(
            run,
            bool(final),
            [row for row in rows if row.run_id == run.id],
            judged(run).overrides,
        )
        for run, final in found
    ]


def announced() -> ColumnElement[bool]:
    """Return the condition that the day has come on which regions see a run's figures."""
    shown = (RunStage.PRELIMINARY, RunStage.FINAL, RunStage.PUBLISHED)
    return and_(RunStanding.stage.in_(shown), RunStanding.announced_on <= func.current_date())


def file_objection(  # noqa: PLR0913 - against what, why, with what, who and when
    run_uid: str,
    region_code: str,
    project: Project,
    text: str,
    files: Sequence[Attached],
    *,
    actor: User,
    at: datetime,
) -> Objection:
    """Object to one figure of a preliminary run.

    Raises
    ------
    NotFound
        If the figure is not announced, not of the actor's region, or the run is final.
    ReasonNeeded, FileUnusable, TooManyFiles
    """
    text = checked_reason(text)
    checked = [_checked(file, number) for number, file in enumerate(files, start=1)]
    if len(checked) > MOST_FILES:
        raise TooManyFiles(most=MOST_FILES)
    with transaction() as session:
        run = _open_to_objections(session, run_uid, region_code, project, actor)
        objection = Objection(
            uid=new_uid(),
            run_id=run.id,
            region_code=region_code,
            project=project,
            filed_by_id=actor.id,
            filed_at=at,
        )
        objection.text = text
        objection.files = [_sealed(file) for file in checked]
        session.add(objection)
        facts = {"region": region_code, "project": project, "files": len(checked)}
        _record(session, objection, AuditAction.OBJECTION_FILE, actor, at, facts)
    return objection


def answer_objection(uid: str, text: str, *, actor: User, at: datetime) -> None:
    """Answer an objection for the province. Raises ReasonNeeded, NotAllowedNow, NotFound."""
    text = checked_reason(text)
    with transaction() as session:
        objection = _locked(session, uid, actor, provincial=True)
        objection.state = next_objection(objection.state, ObjectionAction.ANSWER)
        objection.answer = text
        objection.answered_by_id, objection.answered_at = actor.id, at
        _record(session, objection, AuditAction.OBJECTION_ANSWER, actor, at)


def close_objection(uid: str, *, actor: User, at: datetime) -> None:
    """Close an answered objection; not the person who answered it.

    Raises SecondPersonNeeded, NotAllowedNow, NotFound.
    """
    with transaction() as session:
        objection = _locked(session, uid, actor, provincial=True)
        objection.state = next_objection(objection.state, ObjectionAction.CLOSE)
        if objection.answered_by_id == actor.id:
            raise SecondPersonNeeded(objection=uid)
        objection.closed_by_id, objection.closed_at = actor.id, at
        _record(session, objection, AuditAction.OBJECTION_CLOSE, actor, at)


def take_back(uid: str, *, actor: User, at: datetime) -> None:
    """Take the own region's objection back. Raises NotAllowedNow, NotFound."""
    with transaction() as session:
        objection = _locked(session, uid, actor, provincial=False)
        if objection.region_code != actor.region_code:
            raise NotFound(objection=uid)
        objection.state = next_objection(objection.state, ObjectionAction.TAKE_BACK)
        objection.closed_by_id, objection.closed_at = actor.id, at
        _record(session, objection, AuditAction.OBJECTION_TAKE_BACK, actor, at)


def objections(actor: User, run_id: int | None = None) -> Sequence[Objection]:
    """Return the objections of the actor's region, the newest first."""
    query = (
        select(Objection)
        .where(in_scope(actor, Objection.region_code))
        .order_by(Objection.id.desc())
        .options(
            joinedload(Objection.region),
            joinedload(Objection.run).joinedload(EstimateRun.campaign),
            joinedload(Objection.filed_by),
            joinedload(Objection.answered_by),
            joinedload(Objection.closed_by),
            selectinload(Objection.files),
        )
    )
    if run_id is not None:
        query = query.where(Objection.run_id == run_id)
    return db.session.scalars(query).all()


def opened_file(uid: str, *, actor: User, at: datetime) -> Attached:
    """Return a file of evidence as it came; that it was looked at is kept.

    Raises
    ------
    NotFound
        If there is no such file in the actor's region.
    SealBroken
        If it was altered in the database.
    """
    with transaction() as session:
        file = session.scalar(
            select(ObjectionFile)
            .join(Objection, Objection.id == ObjectionFile.objection_id)
            .where(ObjectionFile.uid == uid, in_scope(actor, Objection.region_code))
        )
        if file is None:
            raise NotFound(file=uid)
        content = unseal(
            file.content_sealed, table="objection_file", column="content", row=file.uid
        )
        opened = Attached(file.name, content)
        trail.record(
            session,
            AuditAction.EVIDENCE_SHOW,
            actor_id=actor.id,
            at=at,
            subject=f"objection_file:{uid}",
            facts={"digest": file.digest},
        )
    return opened


def _published() -> ColumnElement[bool]:
    return and_(
        RunStanding.stage == RunStage.PUBLISHED,
        func.coalesce(RunStanding.published_on <= func.current_date(), False),
    )


def _reaches(actor: User) -> ColumnElement[bool]:
    return (
        select(EstimateRow.id)
        .where(EstimateRow.run_id == EstimateRun.id, in_scope(actor, EstimateRow.region_code))
        .exists()
    )


def _open_to_objections(
    session: Session, uid: str, code: str, project: Project, actor: User
) -> EstimateRun:
    figure = select(EstimateRow.id).where(
        EstimateRow.run_id == EstimateRun.id,
        EstimateRow.region_code == code,
        EstimateRow.project == project,
        or_(EstimateRow.level == Level.UNIT, EstimateRow.level == Level.PLACE),
        in_scope(actor, EstimateRow.region_code),
    )
    run = session.scalar(
        select(EstimateRun)
        .join(RunStanding, RunStanding.run_id == EstimateRun.id)
        .where(
            EstimateRun.uid == uid,
            RunStanding.stage == RunStage.PRELIMINARY,
            announced(),
            figure.exists(),
        )
    )
    if run is None:
        raise NotFound(run=uid)
    return run


def _locked(session: Session, uid: str, actor: User, *, provincial: bool) -> Objection:
    found = session.scalar(
        select(Objection)
        .where(Objection.uid == uid, in_scope(actor, Objection.region_code))
        .with_for_update()
    )
    if found is None or (provincial and not actor.sees_all_regions):
        raise NotFound(objection=uid)
    return found


def _checked(file: Attached, number: int) -> Attached:
    if not file.content.startswith(_KINDS) or len(file.content) > MOST_BYTES:
        raise FileUnusable(number=number, most=MOST_BYTES // 2**20)
    return file


def _sealed(file: Attached) -> ObjectionFile:
    row = ObjectionFile(
        uid=new_uid(), digest=sha256(file.content).hexdigest(), size=len(file.content)
    )
    row.name = file.name
    row.content_sealed = seal(file.content, table="objection_file", column="content", row=row.uid)
    return row


def _record(
    session: Session,
    objection: Objection,
    action: AuditAction,
    actor: User,
    at: datetime,
    facts: dict[str, object] | None = None,
) -> None:
    trail.record(
        session,
        action,
        actor_id=actor.id,
        at=at,
        subject=f"objection:{objection.uid}",
        facts=facts,
    )
