"""Campaigns whose phone work is done, and inspectors for them."""

from datetime import date, timedelta
from io import BytesIO
from itertools import count

from PIL import Image
from sqlalchemy import select

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.campaigns.models import Campaign
from casework.cases.models import Case, PhoneClass
from casework.cases.outcomes import Verdict, all_outcomes
from casework.cases.release import release_replicate
from casework.db import db, transaction
from casework.ledgers.projects import Project
from casework.visits.assignment import assign_visits
from casework.visits.checklists import RULES_OUT, ItemScope, checklist_for
from casework.visits.findings import FindingReport
from casework.visits.models import Visit
from casework.visits.rates import set_rates
from casework.visits.selection import close_calling
from tests.factories import LUOHE, NOON, make_drawn_campaign, make_user

TOMORROW = date(2017, 12, 5)
KAIFENG = "410200"
_key = count(1)


def make_calling_campaign(*outcomes: str, unit: str = LUOHE, **columns) -> Campaign:
    """Return a calling campaign with one phoned case for each of *outcomes*, in the case order.

    An outcome is a code of the outcome table, the name of an unresolved phone class, or "" for a
    case that is still waiting to be called.
    """
    number = len(outcomes)
    campaign = make_drawn_campaign(entries=number, sampled=number, unit=unit, **columns)
    release_replicate(campaign.id, 1, actor=make_user(Role.COORDINATOR), at=NOON)
    with transaction():
        for case, outcome in zip(cases_of(campaign), outcomes, strict=True):
            if outcome:
                _finish(case, outcome)
    return campaign


def _finish(case: Case, outcome: str) -> None:
    known = all_outcomes().get(outcome)
    if known is not None and known.verdict is not Verdict.UNRESOLVED:
        case.finish_calls(PhoneClass(known.verdict.value), outcome, actor=None, at=NOON)
    else:
        case.finish_calls(PhoneClass(outcome), "U1", actor=None, at=NOON)


def cases_of(campaign: Campaign) -> list[Case]:
    query = select(Case).where(Case.campaign_id == campaign.id).order_by(Case.id)
    return list(db.session.scalars(query))


def visits_of(campaign: Campaign) -> list[Visit]:
    query = select(Visit).join(Case).where(Case.campaign_id == campaign.id).order_by(Case.id)
    return list(db.session.scalars(query))


def make_visiting_campaign(*outcomes: str, shares=None, unit: str = LUOHE, **columns) -> Campaign:
    """Return a campaign whose wave is closed; *shares* are the rates of its unit."""
    campaign = make_calling_campaign(*outcomes, unit=unit, **columns)
    coordinator = make_user(Role.COORDINATOR)
    if shares:
        set_rates(campaign.id, unit, shares, actor=coordinator, at=NOON)
    close_calling(campaign.id, actor=coordinator, at=NOON)
    return campaign


def make_assigned_visit(
    outcome: str = "N2", *, project: Project = Project.RE_EMPLOYMENT, **columns
) -> tuple[Visit, User]:
    """Return the visit of a campaign with one case, and the inspector who is to make it."""
    campaign = make_visiting_campaign(
        outcome, project=project, shares=dict.fromkeys(PhoneClass, 1.0), **columns
    )
    inspector = make_user(Role.INSPECTOR)
    assign(campaign)
    visit = visits_of(campaign)[0]
    return visit, db.session.get(User, visit.inspector_id) or inspector


def assign(campaign: Campaign, seed: str = "a seed"):
    coordinator = make_user(Role.COORDINATOR)
    return assign_visits(campaign.id, actor=coordinator, at=NOON, on_date=TOMORROW, seed=seed)


def fitting_answers(project: Project, outcome: str) -> dict[str, str]:
    """Return the first answers to every item of a case that allow *outcome*."""
    return {
        item.key: next(
            result
            for result in item.results
            if outcome not in RULES_OUT.get((item.key, result), ())
        ).value
        for item in checklist_for(project)
        if item.scope is not ItemScope.OFFICE
    }


def make_report(outcome: str = "V1", project: Project = Project.RE_EMPLOYMENT, **changes):
    facts = {
        "outcome": outcome,
        "checklist": fitting_answers(project, outcome),
        "found_at": NOON + timedelta(hours=2),
        "idempotency_key": f"key-{next(_key)}",
    }
    return FindingReport(**(facts | changes))


def make_photo(format_: str = "JPEG", size: tuple[int, int] = (640, 480), **options) -> bytes:
    content = BytesIO()
    Image.new("RGB", size, "navy").save(content, format_, **options)
    return content.getvalue()
