"""Leads that travel along: part of the day, reported once, kept where they ended meanwhile."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from casework.accounts.roles import Role
from casework.db import db, transaction
from casework.errors import NotAllowedNow, NotFound
from casework.visits.along import (
    LeadFound,
    lead_along,
    leads_due,
    note_report,
    number_waiting,
    receive_lead_report,
    reports_of_day,
)
from casework.visits.along_models import LeadConflict, LeadReport
from casework.visits.lead_entry import enter_leads
from casework.visits.lead_handling import ResultUnexplained
from casework.visits.models import Lead, LeadResult, Trip
from tests.casework.visits.factories import (
    KAIFENG,
    TOMORROW,
    assign,
    make_visiting_campaign,
)
from tests.casework.visits.test_trips import DRAFT
from tests.factories import LUOHE, NOON, make_user
from tests.grounds import begins_with

LATER = NOON + timedelta(hours=20)


def make_lead_along():
    make_user(Role.INSPECTOR)
    campaign = make_visiting_campaign("N2")
    enter_leads(campaign.id, [DRAFT], actor=make_user(Role.COORDINATOR), at=NOON)
    db.session.scalars(select(Lead).where(Lead.source_no != "")).one().owner_id = make_user(
        Role.VERIFIER
    ).id
    db.session.commit()
    assign(campaign)
    trip = db.session.scalars(select(Trip)).one()
    return trip, trip.inspector


pytestmark = [pytest.mark.both_engines, begins_with(make_lead_along)]


@pytest.fixture
def inspector(begun):
    return begun[1]


@pytest.fixture
def lead(begun) -> Lead:
    return db.session.scalars(select(Lead).where(Lead.trip_id == begun[0].id)).one()


def found(words: str = "演示：当面核对不属实", key: str = "a", **changes) -> LeadFound:
    facts = {"result": LeadResult.FALSE, "found_at": LATER - timedelta(hours=3)}
    return LeadFound(words=words, idempotency_key=key, **(facts | changes))


def report(lead, inspector, what=None, shown=""):
    return receive_lead_report(lead.uid, what or found(), shown=shown, actor=inspector, at=LATER)


def test_a_lead_is_due_on_the_day_of_its_trip_and_not_before(lead, inspector):
    assert leads_due(inspector, on=TOMORROW - timedelta(days=1)) == []
    assert [due.id for _trip, due in leads_due(inspector, on=TOMORROW)] == [lead.id]
    assert leads_due(make_user(Role.INSPECTOR), on=TOMORROW) == []


def test_a_report_is_the_result_once_however_often_it_is_sent(lead, inspector):
    first, again = report(lead, inspector), report(lead, inspector, found(words="anders"))

    assert (first.why, again.id) == (None, first.id)
    assert (lead.result, lead.result_words) == (LeadResult.FALSE, found().words)
    assert leads_due(inspector, on=TOMORROW) == []
    assert [r.id for r in reports_of_day(inspector, on=TOMORROW)] == [first.id]
    assert reports_of_day(inspector, on=TOMORROW + timedelta(days=1)) == []
    assert number_waiting(make_user(Role.COORDINATOR)) == 0


@pytest.mark.parametrize(
    "bad", [{"words": " "}, {"words": "x" * 2001}, {"result": LeadResult.OPEN}]
)
def test_a_report_without_result_or_words_is_refused(lead, inspector, bad):
    with pytest.raises(ResultUnexplained):
        report(lead, inspector, found(**bad))

    assert db.session.scalars(select(LeadReport)).all() == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"result": LeadResult.TRUE}, LeadConflict.SETTLED),
        ({"merged": True}, LeadConflict.MERGED),
        ({"given": True}, LeadConflict.GIVEN_OVER),
    ],
)
def test_a_report_about_a_lead_that_moved_on_is_kept_and_changes_nothing(
    lead, inspector, change, why
):
    shown = lead_along(lead.uid, actor=inspector, at=NOON).shown
    with transaction() as session:
        lead.result = change.get("result", LeadResult.OPEN)
        if "merged" in change:
            other = session.scalars(select(Lead).where(Lead.id != lead.id)).first()
            lead.merged_into_id = other.id
        if "given" in change:
            taker = make_user(Role.INSPECTOR).id
            session.get_one(Trip, lead.trip_id).inspector_id = taker

    kept = report(lead, inspector, shown=shown)

    coordinator = make_user(Role.COORDINATOR)
    assert (kept.why, kept.words) == (why, found().words)
    assert lead.result is change.get("result", LeadResult.OPEN)
    assert number_waiting(coordinator) == 1
    note_report(kept.uid, actor=coordinator, at=LATER)
    assert number_waiting(coordinator) == 0
    with pytest.raises(NotAllowedNow):
        note_report(kept.uid, actor=coordinator, at=LATER)


def test_whoever_was_never_shown_the_lead_reports_nothing(lead, inspector):
    stranger = make_user(Role.INSPECTOR)
    passed_on = lead_along(lead.uid, actor=inspector, at=NOON).shown

    with pytest.raises(NotFound):
        report(lead, stranger, shown=passed_on)
    with pytest.raises(NotFound):
        lead_along(lead.uid, actor=stranger, at=NOON)


@pytest.mark.parametrize("region", [LUOHE, KAIFENG])
def test_a_unit_neither_sees_nor_notes_what_was_kept(lead, inspector, region):
    lead.result = LeadResult.TRUE
    db.session.commit()
    kept, unit = report(lead, inspector), make_user(Role.COORDINATOR, region=region)

    assert number_waiting(unit) == 0
    with pytest.raises(NotFound):
        note_report(kept.uid, actor=unit, at=LATER)


def test_what_was_reported_is_never_changed(lead, inspector):
    row = report(lead, inspector)

    with pytest.raises(IntegrityError), transaction():
        row.result = LeadResult.TRUE
