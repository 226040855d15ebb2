from datetime import date, timedelta

import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.db import db
from casework.errors import NotFound
from casework.visits.findings import record_finding
from casework.visits.models import LeadSeverity, Photo, VisitReason
from casework.visits.worklist import (
    PersonShown,
    covered,
    day_of,
    own_photo,
    reveal_person,
    visit_file,
)
from tests.casework.visits.factories import (
    TOMORROW,
    assign,
    make_assigned_visit,
    make_photo,
    make_report,
    make_visiting_campaign,
    visits_of,
)
from tests.factories import LINYING, NOON, make_user

pytestmark = pytest.mark.one_engine

LATER = NOON + timedelta(hours=3)


@pytest.fixture
def inspector(app):
    return make_user(Role.INSPECTOR)


@pytest.mark.both_engines
def test_a_day_counts_what_waits_at_each_place(inspector):
    assign(make_visiting_campaign("N2", "N1", "V3"))

    day = day_of(inspector, on=TOMORROW)

    (place,) = day.places
    assert place.place.code == LINYING
    assert (len(place.tasks), place.leads, place.urgent, place.at_random) == (3, 3, 1, 0)
    assert day.open == 3


def test_a_visit_of_a_later_day_is_only_counted(inspector):
    assign(make_visiting_campaign("N2"))

    day = day_of(inspector, on=date(2017, 12, 4))

    assert (day.open, day.later) == (0, 1)


def test_the_gravest_lead_of_a_case_marks_it(inspector):
    campaign = make_visiting_campaign("N2")
    assign(campaign)

    task = day_of(inspector, on=TOMORROW).places[0].tasks[0]

    assert task.severity is LeadSeverity.HIGH
    assert task.visit.reason is VisitReason.LEAD


def test_what_is_done_comes_latest_first(inspector):
    campaign = make_visiting_campaign("N2", "N1")
    assign(campaign)
    for visit in reversed(visits_of(campaign)):
        record_finding(visit.uid, make_report("N1"), actor=inspector, at=LATER)

    day = day_of(inspector, on=TOMORROW)

    assert [task.visit.id for task in day.earlier] == [v.id for v in visits_of(campaign)]
    assert (day.open, day.done) == (0, [])
    today = day_of(inspector, on=LATER.date())
    assert (today.done, today.earlier) == (day.earlier, [])


def test_the_day_of_somebody_else_is_empty(inspector):
    assign(make_visiting_campaign("N2"))

    day = day_of(make_user(Role.INSPECTOR), on=TOMORROW)

    assert (day.open, day.later, len(day.done)) == (0, 0, 0)


def test_the_file_of_a_visit_holds_leads_and_findings(inspector):
    visit, own = make_assigned_visit("N2")
    record_finding(visit.uid, make_report("N2", photos=[make_photo()]), actor=own, at=LATER)

    file = visit_file(visit.uid, actor=own)

    assert [lead.cause for lead in file.leads] == ["N2"]
    assert [finding.outcome for finding in file.findings] == ["N2"]
    assert len(file.photos) == 1
    assert file.name == "演**"


def test_the_person_is_shown_with_the_last_four_digits_alone(inspector):
    visit, own = make_assigned_visit("N2")

    assert reveal_person(visit.uid, actor=own, at=LATER) == PersonShown("演示2", "9912")

    event = db.session.scalar(
        select(AuditEvent).where(AuditEvent.action == AuditAction.PERSON_REVEAL)
    )
    assert event is not None
    assert (event.actor_id, event.purpose) == (own.id, "visit")
    assert "演示2" not in str(event.facts)


@pytest.mark.both_engines
@pytest.mark.parametrize("look", [visit_file, reveal_person, own_photo])
def test_what_another_inspector_has_is_not_found(inspector, look):
    visit, own = make_assigned_visit("N2")
    record_finding(visit.uid, make_report("N2", photos=[make_photo()]), actor=own, at=LATER)
    uid = db.session.scalar(select(Photo.uid)) if look is own_photo else visit.uid
    moment = {} if look is visit_file else {"at": LATER}

    with pytest.raises(NotFound):
        look(uid, actor=make_user(Role.INSPECTOR), **moment)


@pytest.mark.parametrize(("name", "shown"), [("尉迟恭", "尉**"), ("李", "李**"), ("", "")])
def test_a_covered_name_keeps_its_first_character(name, shown):
    assert covered(name) == shown
