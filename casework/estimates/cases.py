"""The cases under a number, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy import case as sql_case
from sqlalchemy.orm import joinedload

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.calls.models import Attempt, stands
from casework.campaigns.models import Replicate, Stratum
from casework.campaigns.strata import whole_key
from casework.cases.models import Case, PhoneClass
from casework.cases.outcomes import Verdict, final_outcome
from casework.db import db
from casework.estimates.case_filters import only
from casework.estimates.case_order import CaseOrder
from casework.estimates.inputs import COUNTED_ON_SITE
from casework.estimates.masks import mask_name
from casework.estimates.models import EstimateRow, Level
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE, Region
from casework.visits.adjudication import disagreeing
from casework.visits.models import Visit, VisitReason

PAGE = 50
BY_CODE = CaseOrder()


class CaseView(StrEnum):
    """Which cases of a region or stratum are listed."""

    ALL = "all"
    DISAGREEING = "disagreeing"  #: phone and site say different things
    UNRESOLVED = "unresolved"  #: nobody knows yet


@dataclass(frozen=True, slots=True)
class Under:
    """The cases under one number: of a project, in a region or in one stratum."""

    campaign_id: int
    project: Project
    region_code: str = PROVINCE
    stratum_id: int | None = None
    only: str = ""  #: the count that they make up, see case_filters.py
    run_id: int | None = None  #: whose number it is, where head-counts may stand for cases


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case in a list. The name is masked."""

    uid: str
    code: str
    region: Region
    masked_name: str
    phone_class: PhoneClass | None
    phone_outcome: str
    site_outcome: str
    settled_outcome: str
    reason: VisitReason | None
    attempts: int

    @property
    def outcome(self) -> str:
        """The code that counts: as settled, else on site if resolved there, else by phone."""
        return final_outcome(self.phone_outcome, self.site_outcome, self.settled_outcome)


@dataclass(frozen=True, slots=True)
class CasePage:
    """A page of cases."""

    lines: Sequence[CaseLine]
    counts: dict[CaseView, int]
    view: CaseView
    after: str | None  #: give it as *after* for the next page


def cases_under(
    under: Under,
    *,
    actor: User,
    view: CaseView = CaseView.ALL,
    order: CaseOrder = BY_CODE,
    after: str = "",
    size: int = PAGE,
) -> CasePage:
    """Return *size* of the released cases under a number, in an order, behind the case *after*.

    Cases of an enterprise that was counted whole on site are not among them: its head-count stands
    in their place.

    Raises ValueError if no count is called as *under* says.
    """
    where = _under(under, actor)
    counted = [func.count(sql_case((_in_view(each), 1))) for each in CaseView]
    found_counts = db.session.execute(select(*counted).where(where)).one()
    counts = dict(zip(CaseView, found_counts, strict=True))
    calls = select(func.count()).where(Attempt.case_id == Case.id, stands()).scalar_subquery()
    found = db.session.execute(
        select(Case, Visit.reason, calls)
        .outerjoin(Visit, Visit.case_id == Case.id)
        .where(where, _in_view(view), order.behind(under.campaign_id, after))
        .order_by(*order.keys())
        .limit(size + 1)
        .options(joinedload(Case.entry), joinedload(Case.region))
    ).all()
    lines = [_line(case, reason, attempts) for case, reason, attempts in found[:size]]
    return CasePage(lines, counts, view, lines[-1].code if len(found) > size else None)


def released() -> ColumnElement[bool]:
    """Return the condition that a case's replicate is open; others do not exist for readers."""
    return (
        select(Replicate)
        .where(
            Replicate.campaign_id == Case.campaign_id,
            Replicate.number == Case.replicate,
            Replicate.released_at.is_not(None),
        )
        .exists()
    )


def _under(under: Under, actor: User) -> ColumnElement[bool]:
    conditions = [
        # As released(), looked up once and not for each case.
        Case.replicate.in_(
            select(Replicate.number).where(
                Replicate.campaign_id == under.campaign_id, Replicate.released_at.is_not(None)
            )
        ),
        in_scope(actor, Case.region_code),
    ]
    if under.only:
        conditions.append(only(under.only))
    if under.region_code != PROVINCE or under.stratum_id is not None:
        # The strata alone: beside their campaign a database would go through all of its cases.
        conditions.append(Case.stratum_id.in_(_strata(under)))
    else:
        of_campaign = Case.campaign_id == under.campaign_id
        conditions += [of_campaign, Case.project == under.project]
    if under.project is Project.OVERCAPACITY and (counted := _counted_whole(under.run_id)):
        conditions.append(Case.stratum_id.not_in(counted))
    return and_(*conditions)


def _counted_whole(run_id: int | None) -> list[int]:
    """Return the strata of enterprises for which a head-count stands in a run."""
    known = select(EstimateRow.stratum_id, EstimateRow.classes).where(
        EstimateRow.run_id == run_id,
        EstimateRow.level == Level.STRATUM,
        EstimateRow.project == Project.OVERCAPACITY,
        EstimateRow.sampled == EstimateRow.frame_size,
    )
    return [
        stratum
        for stratum, under in db.session.execute(known)
        if any(one["name"] == COUNTED_ON_SITE for one in under["classes"])
    ]


def _strata(under: Under) -> Select[int]:
    """Select the strata of a number; the two halves of a follow-up wave are one."""
    places = or_(Stratum.region_code == under.region_code, Stratum.unit_code == under.region_code)
    strata = select(Stratum.id).where(
        Stratum.campaign_id == under.campaign_id, Stratum.project == under.project
    )
    if under.region_code != PROVINCE:
        strata = strata.where(places)
    if under.stratum_id is None:
        return strata
    keys = db.session.execute(strata.with_only_columns(Stratum.id, Stratum.key)).all()
    whole = next((whole_key(key) for number, key in keys if number == under.stratum_id), "")
    return strata.where(Stratum.key.in_([key for _id, key in keys if whole_key(key) == whole]))


def _in_view(view: CaseView) -> ColumnElement[bool]:
    if view is CaseView.DISAGREEING:
        return disagreeing()
    return only(f"verdict:{Verdict.UNRESOLVED}") if view is CaseView.UNRESOLVED else true()


def _line(case: Case, reason: VisitReason | None, attempts: int) -> CaseLine:
    return CaseLine(
        uid=case.uid,
        code=case.code,
        region=case.region,
        masked_name=mask_name(case.entry.name),
        phone_class=case.phone_class,
        phone_outcome=case.phone_outcome,
        site_outcome=case.site_outcome,
        settled_outcome=case.settled_outcome,
        reason=reason,
        attempts=attempts,
    )
