"""Simulated inspectors on site: they record what is true, through the service that people use."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select

from casework.accounts.models import User
from casework.calls.schedule import SHANGHAI
from casework.cases.models import Case
from casework.db import db
from casework.demo import MARK
from casework.demo.contact import Behaviour, answer_visit
from casework.demo.photos import draw_photo
from casework.ledgers.projects import Project
from casework.visits.checklists import fitting_answers
from casework.visits.findings import FindingReport, record_finding
from casework.visits.models import Visit, VisitState

A_DAY = 25  #: findings that one inspector records in a day; a place is seen in one go
FIRST, BETWEEN = time(9), timedelta(minutes=18)
SENT_AFTER = timedelta(seconds=20)  #: from the inspector's device to us
PHOTO_EVERY = 90  #: one finding in so many has a photo


@dataclass(frozen=True, slots=True)
class Stop:
    """One visit on an inspector's list."""

    uid: str
    inspector_id: int
    case_code: str
    entry_uid: str
    project: Project


def assigned_visits(campaign_id: int) -> list[Stop]:
    """Return the visits that inspectors have to make, by inspector and place."""
    rows = db.session.execute(
        select(Visit.uid, Visit.inspector_id, Case.code, Case.entry_uid, Case.project)
        .join(Case, Case.id == Visit.case_id)
        .where(Case.campaign_id == campaign_id, Visit.state == VisitState.ASSIGNED)
        .order_by(Visit.inspector_id, Visit.place_code, Visit.id)
    )
    return [Stop(uid, who or 0, code, entry, project) for uid, who, code, entry, project in rows]


def make_visits(
    stops: Iterable[Stop],
    inspectors: Iterable[User],
    told: Mapping[str, Behaviour],
    *,
    begin: datetime,
    done: Callable[[int], None],
) -> datetime:
    """Record the truth of every visit, one after another; return when the last one was received.

    *told* is the truth by entry; *begin* lies on the first day of visits.
    """
    by_id = {user.id: user for user in inspectors}
    made: Counter[int] = Counter()
    last = begin
    for number, stop in enumerate(stops, start=1):
        at = moment(begin, made[stop.inspector_id])
        made[stop.inspector_id] += 1
        outcome = answer_visit(told[stop.entry_uid])
        report = FindingReport(
            outcome=outcome,
            checklist=fitting_answers(stop.project, outcome),
            found_at=at,
            idempotency_key=f"{MARK}-{stop.uid}",
            note=f"{MARK}：现场核对" if number % 7 == 0 else "",
            photos=[draw_photo(stop.case_code)] if number % PHOTO_EVERY == 1 else (),
        )
        record_finding(stop.uid, report, actor=by_id[stop.inspector_id], at=at + SENT_AFTER)
        last = max(last, at + SENT_AFTER)
        done(number)
    return last


def moment(begin: datetime, before: int) -> datetime:
    """Return when an inspector records a finding, with so many recorded *before* it."""
    days, today = divmod(before, A_DAY)
    morning = datetime.combine(begin.astimezone(SHANGHAI).date(), FIRST, SHANGHAI)
    return (morning + timedelta(days=days) + today * BETWEEN).astimezone(begin.tzinfo)
