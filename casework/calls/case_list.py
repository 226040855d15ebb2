"""The cases of the call floor as a list: by state, last call, place and operator. Reading only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, asc, case, desc, func, select

from casework.accounts.models import User
from casework.accounts.scope import in_scope, lies_in
from casework.campaigns.models import Campaign, CampaignState
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case, CaseSchedule
from casework.db import db
from casework.ledgers.projects import Project

PAGE = 50
_Query = TypeVar("_Query", bound=Select[*tuple[Any, ...]])


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
    tried: int | None  #: calls that count; None when the phone is done with the case
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
    calling = [id_ for id_, _name in calling_now() if wanted.campaign_id in {0, id_}]
    of_calls = bool(wanted.last or wanted.operator_id)
    counted = _found(wanted, calling, actor, scheduled=of_calls).with_only_columns(func.count())
    total = db.session.scalar(counted) or 0
    last = max(1, -(-total // PAGE))
    number = min(max(number, 1), last)
    found = _found(wanted, calling, actor, scheduled=of_calls or column in _OF_SCHEDULE)
    on_page = _ordered(found, column, falls=falls).limit(PAGE).offset((number - 1) * PAGE)
    shown = (
        select(Case, Campaign.name, CaseSchedule, User.name)
        .join(Campaign, Campaign.id == Case.campaign_id)
        .join(CaseSchedule, CaseSchedule.case_id == Case.id)
        .outerjoin(User, User.id == CaseSchedule.last_by_id)
        .where(Case.id.in_(on_page))
    )
    rows = db.session.execute(_ordered(shown, column, falls=falls))
    return CaseListPage([_listed(*row) for row in rows], total, number, last)


def calling_now() -> Sequence[tuple[int, str]]:
    """Return the campaigns that are calling, the newest first: id and name."""
    rows = db.session.execute(
        select(Campaign.id, Campaign.name)
        .where(Campaign.state == CampaignState.CALLING)
        .order_by(Campaign.id.desc())
    )
    return [(id_, name) for id_, name in rows]


def _found(
    wanted: CaseFilter, calling: Sequence[int], actor: User, *, scheduled: bool
) -> Select[int]:
    """Select the ids of the cases, beside their schedule only if that is asked for."""
    found = select(Case.id).where(
        Case.campaign_id.in_(calling), in_scope(actor, Case.region_code), *_narrowed(wanted)
    )
    return found.join(CaseSchedule, CaseSchedule.case_id == Case.id) if scheduled else found


def _narrowed(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if wanted.state:
        where.append(Case.state == wanted.state)
    if wanted.last:
        where.append(CaseSchedule.last_code == wanted.last)
    if wanted.place:
        where.append(lies_in(Case.region_code, wanted.place))
    if wanted.operator_id:
        where.append(CaseSchedule.last_by_id == wanted.operator_id)
    return where


_WAITS = CaseState.READY
#: Later the number would tell which interviews are held again: for these it begins anew.
_COUNTED = (CaseState.READY, CaseState.HELD, CaseState.ESCALATED)
_OF_SCHEDULE: Mapping[CaseColumn, ColumnElement[Any]] = {
    CaseColumn.LAST: CaseSchedule.last_code.expression,
    CaseColumn.CALLED: CaseSchedule.last_began_at.expression,
    CaseColumn.TRIED: case((Case.state.in_(_COUNTED), CaseSchedule.tried)),
    CaseColumn.DUE: case((Case.state == _WAITS, CaseSchedule.due_at)),
}
_OF_CASE: Mapping[CaseColumn, ColumnElement[Any]] = {
    CaseColumn.CODE: Case.code.expression,
    CaseColumn.REGION: Case.region_code.expression,
    CaseColumn.STATE: Case.state.expression,
}


def _ordered(query: _Query, column: CaseColumn, *, falls: bool) -> _Query:
    value = {**_OF_CASE, **_OF_SCHEDULE}[column]
    way = desc(value) if falls else asc(value)
    # Cases are made in the order of their codes. Numbers are sorted much faster than texts.
    return query.order_by(way.nulls_last() if column in _OF_SCHEDULE else way, Case.id)


def _listed(row: Case, campaign: str, schedule: CaseSchedule, operator: str | None) -> ListedCase:
    return ListedCase(
        code=row.code,
        campaign=campaign,
        project=row.project,
        region_code=row.region_code,
        state=row.state,
        disposition=schedule.last_code or "",
        operator=operator or "",
        called_at=schedule.last_began_at,
        tried=schedule.tried if row.state in _COUNTED else None,
        due_at=schedule.due_at if row.state is _WAITS else None,
    )
