from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.campaigns.models import Campaign
from casework.cases.lifecycle import CaseState
from casework.cases.models import PhoneClass
from casework.db import db
from casework.errors import NotAllowedNow, NotFound
from casework.ledgers.projects import Project
from casework.visits.findings import record_finding
from casework.visits.lead_entry import enter_leads
from casework.visits.models import Lead, Trip, TripChange, VisitReason
from casework.visits.raising import raise_closed_shares
from casework.visits.rates import RateMayOnlyRise
from casework.visits.trip_codes import GOOD_FOR, SIGNS, check_code, new_code
from casework.visits.trips import (
    OwnRegion,
    ReasonNeeded,
    able_inspectors,
    give_trip,
    letter_of,
    trip_page,
)
from sampling.visits import sealed_number
from tests.casework.visits.factories import (
    TOMORROW,
    assign,
    cases_of,
    make_calling_campaign,
    make_report,
    make_visiting_campaign,
    visits_of,
)
from tests.casework.visits.test_lead_entry import DRAFT
from tests.factories import LUOHE, NOON, make_user

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.one_engine]


@pytest.fixture
def trip(app) -> Trip:
    make_user(Role.INSPECTOR, name="演示李明")
    assign(make_visiting_campaign("N2", "N2"))
    return db.session.scalars(select(Trip)).one()


def give(trip: Trip, to: User, *, reason: str = "生病", version: int | None = None) -> None:
    give_trip(
        trip.uid,
        to.id,
        reason,
        version=trip.version if version is None else version,
        actor=make_user(Role.COORDINATOR),
        at=NOON,
    )


@pytest.mark.both_engines
def test_the_visits_of_a_place_make_one_trip(trip):
    coordinator = make_user(Role.COORDINATOR)
    page = trip_page(_campaign(), actor=coordinator, today=TOMORROW, only_late=False)

    (line,) = page.rows
    assert (line.trip.visit_on, line.visits, line.done) == (TOMORROW, 2, 0)
    assert (page.late, page.late_visits) == (0, 0)


def test_a_trip_whose_day_is_over_is_late_until_its_visits_are_done(trip):
    coordinator, after = make_user(Role.COORDINATOR), TOMORROW + timedelta(days=1)
    inspector = db.session.get(User, trip.inspector_id)

    def late():
        page = trip_page(_campaign(), actor=coordinator, today=after, only_late=True)
        return page.late, page.late_visits, len(page.rows)

    assert late() == (1, 2, 1)
    for visit in visits_of(_campaign()):
        record_finding(visit.uid, make_report("N2"), actor=inspector, at=NOON + timedelta(days=2))

    assert late() == (0, 0, 0)


@pytest.mark.both_engines
def test_each_enterprise_of_a_place_is_a_trip_of_its_own_and_takes_its_leads_along():
    make_user(Role.INSPECTOR)
    campaign = make_visiting_campaign("SN", project=Project.OVERCAPACITY, enterprise="示例有限公司")
    enter_leads(campaign.id, [DRAFT], actor=make_user(Role.COORDINATOR), at=NOON)
    db.session.scalars(select(Lead).where(Lead.source_no != "")).one().owner_id = make_user(
        Role.VERIFIER
    ).id
    db.session.commit()

    done = assign(campaign)

    assert (done.assigned, done.leads, done.trips) == (1, 1, 1)
    trip = db.session.scalars(select(Trip)).one()
    assert trip.enterprise == "示例有限公司"
    assert db.session.scalars(select(Lead.trip_id).where(Lead.source_no != "")).one() == trip.id


def test_a_lead_that_nobody_deals_with_yet_waits():
    make_user(Role.INSPECTOR)
    campaign = make_visiting_campaign("N2")
    enter_leads(campaign.id, [DRAFT], actor=make_user(Role.COORDINATOR), at=NOON)

    assert assign(campaign).leads == 0


@pytest.mark.both_engines
def test_a_trip_given_over_takes_what_is_not_done_and_keeps_the_reason(trip):
    first, second = visits_of(_campaign())
    before = db.session.get(User, trip.inspector_id)
    record_finding(first.uid, make_report("N2"), actor=before, at=NOON + timedelta(hours=3))
    taker, code = make_user(Role.INSPECTOR), trip.code

    give(trip, taker)

    db.session.expire_all()
    assert [visit.inspector_id for visit in (first, second)] == [before.id, taker.id]
    assert db.session.scalars(select(TripChange)).one().reason == "生病"
    assert check_code(code, before.name, today=TOMORROW) is None
    assert check_code(trip.code, taker.name, today=TOMORROW) is not None


def test_a_trip_is_never_given_into_the_own_region_nor_without_a_reason(trip):
    local = make_user(Role.INSPECTOR, region=LUOHE)
    other = make_user(Role.INSPECTOR)

    assert able_inspectors(trip.uid, actor=make_user(Role.COORDINATOR)) == [other]
    with pytest.raises(OwnRegion):
        give(trip, local)
    for reason in (" ", "长" * 501):
        with pytest.raises(ReasonNeeded):
            give(trip, other, reason=reason)
    with pytest.raises(NotFound):
        give(trip, make_user(Role.OPERATOR))
    with pytest.raises(StaleDataError):
        give(trip, other, version=trip.version + 1)


def test_a_trip_that_is_done_is_given_to_nobody(trip):
    holder = db.session.get(User, trip.inspector_id)
    for visit in visits_of(_campaign()):
        record_finding(visit.uid, make_report("N2"), actor=holder, at=NOON)

    with pytest.raises(NotAllowedNow):
        give(trip, make_user(Role.INSPECTOR))


def test_a_code_is_long_and_has_no_sign_that_looks_like_another():
    codes = {new_code() for _ in range(200)}

    assert len(codes) == 200
    assert {len(code) for code in codes} == {10}
    assert set("".join(codes)) <= set(SIGNS)
    assert not set("01OI") & set(SIGNS)


def test_the_check_says_yes_to_code_and_name_however_they_are_typed(trip):
    code = trip.code
    typed = f" {code[:5].lower()}-{code[5:]} "

    found = check_code(typed, "演示 李明", today=TOMORROW)

    assert (found.place_code, found.visit_on) == (trip.place_code, TOMORROW)


@pytest.mark.parametrize(
    ("name", "days"),
    [("演示李四", 0), ("", 0), ("演示李明", GOOD_FOR.days + 1)],
)
def test_another_name_or_a_code_that_ran_out_is_a_no(trip, name, days):
    assert check_code(trip.code, name, today=TOMORROW + timedelta(days=days)) is None


@pytest.mark.both_engines
def test_an_unknown_code_and_an_inspector_who_left_are_a_no(trip):
    assert check_code("23456-789AB", "演示李明", today=TOMORROW) is None
    db.session.get(User, trip.inspector_id).active = False
    db.session.commit()
    assert check_code(trip.code, "演示李明", today=TOMORROW) is None


@pytest.mark.both_engines
def test_a_letter_bears_the_code_and_its_printing_is_kept(trip):
    letter = letter_of(trip.uid, actor=make_user(Role.COORDINATOR), at=NOON)

    assert (letter.code, letter.visits) == (trip.code, 2)


@pytest.mark.both_engines
def test_a_share_raised_after_the_wave_adds_the_cases_whose_numbers_it_reaches():
    campaign = make_visiting_campaign(*["V1"] * 12, shares={PhoneClass.ACHIEVED: 0.2})
    before = {visit.case_id for visit in visits_of(campaign)}
    raise_to = {PhoneClass.ACHIEVED: 0.7}

    added = raise_closed_shares(
        campaign.id, LUOHE, raise_to, actor=make_user(Role.COORDINATOR), at=NOON
    )

    seed = campaign.draw.seed
    reached = {c.id for c in cases_of(campaign) if sealed_number(seed, c.entry_uid) < 0.7}
    assert added > 0
    assert {visit.case_id for visit in visits_of(campaign)} == reached >= before
    assert {visit.reason for visit in visits_of(campaign)} == {VisitReason.RANDOM}
    states = {c.state for c in cases_of(campaign) if c.id in reached}
    assert states == {CaseState.TO_VISIT}


def test_a_share_does_not_fall_after_the_wave_nor_rise_before_it_this_way():
    campaign = make_visiting_campaign("V1", shares={PhoneClass.ACHIEVED: 0.5})
    coordinator = make_user(Role.COORDINATOR)

    with pytest.raises(RateMayOnlyRise):
        raise_closed_shares(
            campaign.id, LUOHE, {PhoneClass.ACHIEVED: 0.1}, actor=coordinator, at=NOON
        )
    with pytest.raises(NotAllowedNow):
        raise_closed_shares(
            make_calling_campaign("V1").id, LUOHE, {PhoneClass.AWAY: 1}, actor=coordinator, at=NOON
        )


def _campaign() -> Campaign:
    return db.session.scalars(select(Campaign)).one()
