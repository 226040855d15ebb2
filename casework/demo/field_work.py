"""Simulated inspectors on site: they record what is true, through the service that people use."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from casework.accounts.models import User
from casework.calls.schedule import SHANGHAI
from casework.cases.models import Case
from casework.db import db
from casework.demo import MARK
from casework.demo.contact import Behaviour, answer_visit
from casework.demo.photos import draw_photo, used_again
from casework.demo.site_answers import answers_on_site
from casework.ledgers.projects import Project
from casework.visits.adjudication import disputes_for, give_opinion
from casework.visits.findings import FindingReport, record_finding
from casework.visits.models import Visit, VisitState

A_DAY = 25  #: visits that one inspector makes in a day; a place is seen in one go
FIRST, BETWEEN = time(9), timedelta(minutes=18)
SENT_AFTER = timedelta(seconds=20)  #: from the inspector's device to us
PHOTO_EVERY = 90  #: one finding in so many has a photo
USED_EVERY = 15  #: one photo in so many is the one before it again: a fabrication to be found


@dataclass(frozen=True, slots=True)
class Stop:
    """One visit on an inspector's list."""

    uid: str
    inspector_id: int
    case_code: str
    entry_uid: str
    project: Project
    on: date


def assigned_visits(campaign_id: int) -> list[Stop]:
    """Return the visits that inspectors have to make, by inspector and place."""
    rows = db.session.execute(
        select(
            Visit.uid, Visit.inspector_id, Case.code, Case.entry_uid, Case.project, Visit.visit_on
        )
        .join(Case, Case.id == Visit.case_id)
        .where(Case.campaign_id == campaign_id, Visit.state == VisitState.ASSIGNED)
        .order_by(Visit.inspector_id, Visit.place_code, Visit.id)
    )
    return [
        Stop(uid, who, code, entry, project, on)
        for uid, who, code, entry, project, on in rows
        if who is not None and on is not None
    ]


def make_visits(
    stops: Iterable[Stop],
    inspectors: Iterable[User],
    told: Mapping[str, Behaviour],
    *,
    done: Callable[[int], None],
) -> None:
    """Record the truth of every visit on the day of its trip; *told* is the truth by entry."""
    by_id = {user.id: user for user in inspectors}
    made: Counter[tuple[int, date]] = Counter()
    photos = _photos()
    for number, stop in enumerate(stops, start=1):
        at = moment(stop.on, made[stop.inspector_id, stop.on])
        made[stop.inspector_id, stop.on] += 1
        outcome = answer_visit(told[stop.entry_uid])
        checklist, reasons = answers_on_site(stop.project, outcome)
        report = FindingReport(
            outcome=outcome,
            checklist=checklist,
            reasons=reasons,
            found_at=at,
            idempotency_key=f"{MARK}-{stop.uid}",
            note=f"{MARK}：现场核对" if number % 7 == 0 else "",
            photos=[photos(stop.case_code)] if number % PHOTO_EVERY == 1 else (),
        )
        record_finding(stop.uid, report, actor=by_id[stop.inspector_id], at=at + SENT_AFTER)
        done(number)


def _photos() -> Callable[[str], bytes]:
    """Return what takes the photo of a case; now and then it hands in the one before again."""
    taken: list[bytes] = []

    def take(code: str) -> bytes:
        again = taken and len(taken) % USED_EVERY == 0
        taken.append(used_again(taken[-1]) if again else draw_photo(code))
        return taken[-1]

    return take


def settle_disputes(judges: Sequence[User], *, at: datetime) -> int:
    """Let two people uphold the site wherever the phone said otherwise; return how many cases."""
    found = [(d.case.uid, d.case.site_outcome) for d in disputes_for(judges[0]).to_decide]
    words = f"{MARK}：以现场凭证和本人确认为准"
    for uid, outcome in found:
        for judge in judges:
            give_opinion(uid, outcome, words, actor=judge, at=at)
    return len(found)


def moment(on: date, before: int) -> datetime:
    """Return when an inspector records a finding, with so many recorded *before* it that day."""
    return (datetime.combine(on, FIRST, SHANGHAI) + before * BETWEEN).astimezone(UTC)
