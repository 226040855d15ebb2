"""The cases of the call floor as a list: by state, last call, place and operator. Reading only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, asc, case, desc, func, select

from casework.accounts.models import User
from casework.accounts.scope import in_scope, lies_in
from casework.calls.models import Attempt, stands
from casework.campaigns.models import Campaign, CampaignState
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case, CaseSchedule
from casework.db import db
from casework.ledgers.projects import Project

PAGE = 50


class CaseColumn(StrEnum):
    """What the list can be ordered by; cases that are alike follow one another by their codes."""

    CODE = "code"
    REGION = "region"
    STATE = "state"
    LAST = "last"  #: disposition of the last call
    CALLED = "called"  #: when that was
    TRIED = "tried"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases are listed; what is None, "" or 0 does not narrow."""

    campaign_id: int = 0
    state: CaseState | None = None
    last: str = ""  #: disposition of the last call
    place: str = ""  #: code of a unit or a county
    operator_id: int = 0  #: of the last call


@dataclass(frozen=True, slots=True)
class ListedCase:
    code: str
    campaign: str
    project: Project
    region_code: str
    state: CaseState
    disposition: str  #: of the last call; "" before any was closed
    operator: str
    called_at: datetime | None
    tried: int
    due_at: datetime | None  #: None unless the case waits to be called


@dataclass(frozen=True, slots=True)
class CaseListPage:
    rows: Sequence[ListedCase]
    total: int
    number: int  #: of the page, from 1
    last: int


def list_cases(
    wanted: CaseFilter,
    column: CaseColumn = CaseColumn.CODE,
    *,
    falls: bool = False,
    number: int = 1,
    actor: User,
) -> CaseListPage:
    """Return one page of the cases of the campaigns that are calling, in the region of *actor*.

    Cases without anything in *column* come last either way. Re-calls are not among the calls.
    """
    query = _query(wanted, actor)
    total = db.session.scalar(query.with_only_columns(func.count())) or 0
    last = max(1, -(-total // PAGE))
    number = min(max(number, 1), last)
    value = _VALUES[column]
    rows = db.session.execute(
        query.order_by(
            value.is_(None),
            desc(value) if falls else asc(value),
            Case.code,
            Case.id,
        )
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    )
    return CaseListPage([_listed(*row) for row in rows], total, number, last)


def calling_now() -> Sequence[tuple[int, str]]:
    """Return the campaigns that are calling, the newest first: id and name."""
    rows = db.session.execute(
        select(Campaign.id, Campaign.name)
        .where(Campaign.state == CampaignState.CALLING)
        .order_by(Campaign.id.desc())
    )
    return [(id_, name) for id_, name in rows]


def _query(wanted: CaseFilter, actor: User) -> Select[Case, str, CaseSchedule, Attempt, str]:
    # Its newest row that stands is the last call of a case.
    newest = (
        select(func.max(Attempt.id).label("id"), Attempt.case_id)
        .where(Attempt.disposition != "", Attempt.blind.is_(False), stands())
        .group_by(Attempt.case_id)
        .subquery()
    )
    return (
        select(Case, Campaign.name, CaseSchedule, Attempt, User.name)
        .join(Campaign, Campaign.id == Case.campaign_id)
        .join(CaseSchedule, CaseSchedule.case_id == Case.id)
        .outerjoin(newest, newest.c.case_id == Case.id)
        .outerjoin(Attempt, Attempt.id == newest.c.id)
        .outerjoin(User, User.id == Attempt.operator_id)
        .where(Campaign.state == CampaignState.CALLING, in_scope(actor, Case.region_code))
        .where(*_narrowed(wanted))
    )


def _narrowed(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if wanted.campaign_id:
        where.append(Case.campaign_id == wanted.campaign_id)
    if wanted.state:
        where.append(Case.state == wanted.state)
    if wanted.last:
        where.append(Attempt.disposition == wanted.last)
    if wanted.place:
        where.append(lies_in(Case.region_code, wanted.place))
    if wanted.operator_id:
        where.append(Attempt.operator_id == wanted.operator_id)
    return where


_WAITS = CaseState.READY
_VALUES: dict[CaseColumn, ColumnElement[Any]] = {
    CaseColumn.CODE: Case.code.expression,
    CaseColumn.REGION: Case.region_code.expression,
    CaseColumn.STATE: Case.state.expression,
    CaseColumn.LAST: Attempt.disposition.expression,
    CaseColumn.CALLED: Attempt.started_at.expression,
    CaseColumn.TRIED: CaseSchedule.tried.expression,
    CaseColumn.DUE: case((Case.state == _WAITS, CaseSchedule.due_at)),
}


def _listed(
    row: Case, campaign: str, schedule: CaseSchedule, last: Attempt | None, operator: str | None
) -> ListedCase:
    return ListedCase(
        code=row.code,
        campaign=campaign,
        project=row.project,
        region_code=row.region_code,
        state=row.state,
        disposition=last.disposition if last else "",
        operator=operator or "",
        called_at=last.started_at if last else None,
        tried=schedule.tried,
        due_at=schedule.due_at if row.state is _WAITS else None,
    )
