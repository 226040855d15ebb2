import time
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.calls.models import Attempt
from casework.campaigns.models import CampaignState
from casework.cases.lifecycle import CaseAction, CaseState
from casework.cases.models import PhoneClass
from casework.db import db, new_uid, transaction
from casework.errors import NotAllowedNow
from casework.ledgers.projects import Project
from casework.visits.models import VisitReason
from casework.visits.rates import set_rates
from casework.visits.selection import CallsStillOpen, Selection, close_calling
from sampling.visits import sealed_number
from tests.casework.visits.factories import (
    cases_of,
    make_calling_campaign,
    make_visiting_campaign,
    visits_of,
)
from tests.factories import LUOHE, NOON, make_user

pytestmark = pytest.mark.one_engine

YES, NO = PhoneClass.ACHIEVED, PhoneClass.NOT_ACHIEVED


@pytest.fixture
def coordinator(app):
    return make_user(Role.COORDINATOR)


@pytest.mark.both_engines
def test_exactly_the_cases_under_the_threshold_are_visited(app):
    campaign = make_visiting_campaign(*["V1"] * 60, shares={YES: 0.4})

    expected = {c.id for c in cases_of(campaign) if sealed_number_of(c) < 0.4}
    assert {visit.case_id for visit in visits_of(campaign)} == expected
    assert all(visit.reason is VisitReason.RANDOM for visit in visits_of(campaign))


@pytest.mark.both_engines
def test_a_higher_share_only_adds_visits(app):
    few = make_visiting_campaign(*["V1"] * 40, shares={YES: 0.2})

    numbers = sorted(sealed_number_of(case) for case in cases_of(few))
    visited = sorted(sealed_number_of(visit.case) for visit in visits_of(few))
    assert visited == numbers[: len(visited)]


@pytest.mark.both_engines
def test_each_phone_class_has_a_share_of_its_own(app):
    campaign = make_visiting_campaign(*["V1", "refused"] * 10, shares={PhoneClass.REFUSED: 1.0})

    assert {visit.case.phone_class for visit in visits_of(campaign)} == {PhoneClass.REFUSED}
    assert len(visits_of(campaign)) == 10


def test_every_lead_is_visited_even_without_a_share(app):
    campaign = make_visiting_campaign("N2", "V1", "V3")

    assert [visit.case.phone_outcome for visit in visits_of(campaign)] == ["N2", "V3"]
    assert {visit.reason for visit in visits_of(campaign)} == {VisitReason.LEAD}


@pytest.mark.both_engines
def test_a_lead_that_is_also_random_counts_as_random(app):
    campaign = make_visiting_campaign(*["N2"] * 30, shares={NO: 0.5})

    for visit in visits_of(campaign):
        expected = VisitReason.RANDOM if sealed_number_of(visit.case) < 0.5 else VisitReason.LEAD
        assert visit.reason is expected
    assert len(visits_of(campaign)) == 30
    assert {visit.reason for visit in visits_of(campaign)} == set(VisitReason)


def test_cases_go_to_the_site_or_are_closed(app):
    campaign = make_visiting_campaign("N2", "V1")

    assert [case.state for case in cases_of(campaign)] == [CaseState.TO_VISIT, CaseState.CLOSED]
    assert campaign.state is CampaignState.VISITING


def test_a_claim_that_says_not_resettled_is_neither_lead_nor_visited(app):
    campaign = make_visiting_campaign(
        "", "", project=Project.OVERCAPACITY, claims_not_settled=True, shares={NO: 1.0}
    )

    assert visits_of(campaign) == []
    assert {case.site_outcome for case in cases_of(campaign)} == {""}
    assert {case.state for case in cases_of(campaign)} == {CaseState.CLOSED}


@pytest.mark.both_engines
def test_what_was_chosen_is_counted_in_the_trail(coordinator):
    campaign = make_calling_campaign("N2", "V1", "V1", "")
    set_rates(campaign.id, LUOHE, {YES: 1.0}, actor=coordinator, at=NOON)

    chosen = close_calling(campaign.id, actor=coordinator, at=NOON)

    assert chosen == Selection(leads=1, random=2, lead=1, closed=1)
    event = db.session.scalar(
        select(AuditEvent).where(AuditEvent.action == AuditAction.VISITS_SELECT)
    )
    assert event is not None
    assert event.facts == {"settled": 1, "leads": 1, "random": 2, "lead": 1, "closed": 1}


def test_cases_nobody_called_end_as_not_answered(coordinator):
    campaign = make_calling_campaign("")

    close_calling(campaign.id, actor=coordinator, at=NOON)

    assert cases_of(campaign)[0].phone_class is PhoneClass.NO_ANSWER


@pytest.mark.parametrize(
    ("disposition", "outcome", "phone_class"),
    [
        ("33", "", PhoneClass.AWAY),
        ("21", "", PhoneClass.REFUSED),
        ("51", "", PhoneClass.DEAD_NUMBER),
        ("53", "", PhoneClass.WRONG_PERSON),
        ("13", "V1", PhoneClass.ACHIEVED),
        ("81", "", PhoneClass.NO_ANSWER),
    ],
)
def test_cases_still_waiting_end_as_their_calls_say(coordinator, disposition, outcome, phone_class):
    campaign = make_calling_campaign("")
    add_attempt(campaign, disposition, outcome)

    close_calling(campaign.id, actor=coordinator, at=NOON)

    assert cases_of(campaign)[0].phone_class is phone_class


def test_a_partial_interview_keeps_its_outcome_and_its_lead(coordinator):
    campaign = make_calling_campaign("")
    add_attempt(campaign, "13", "N2")

    close_calling(campaign.id, actor=coordinator, at=NOON)

    assert [visit.reason for visit in visits_of(campaign)] == [VisitReason.LEAD]


@pytest.mark.both_engines
def test_a_case_on_an_operators_screen_stops_the_closing(coordinator):
    campaign = make_calling_campaign("", "V1")
    hold(campaign, until=NOON + timedelta(minutes=20))

    with pytest.raises(CallsStillOpen) as refused:
        close_calling(campaign.id, actor=coordinator, at=NOON)

    assert refused.value.facts == {"held": 1}
    assert visits_of(campaign) == []
    assert campaign.state is CampaignState.CALLING


def test_a_hold_that_ran_out_does_not_stop_it(coordinator):
    campaign = make_calling_campaign("")
    hold(campaign, until=NOON - timedelta(minutes=1))

    close_calling(campaign.id, actor=coordinator, at=NOON)

    assert cases_of(campaign)[0].state is CaseState.CLOSED


def test_a_wave_is_closed_once(coordinator):
    campaign = make_visiting_campaign("V1")

    with pytest.raises(NotAllowedNow):
        close_calling(campaign.id, actor=coordinator, at=NOON)


@pytest.mark.both_engines
@pytest.mark.benchmark
def test_closing_does_not_query_case_by_case(coordinator):
    campaign = make_calling_campaign(*["V1", "N2", "refused", ""] * 100)
    set_rates(campaign.id, LUOHE, {YES: 0.5}, actor=coordinator, at=NOON)

    began = time.perf_counter()
    close_calling(campaign.id, actor=coordinator, at=NOON)

    print(f"closing 400 cases: {time.perf_counter() - began:.2f} s")
    states = Counter(case.state for case in cases_of(campaign))
    assert set(states) == {CaseState.TO_VISIT, CaseState.CLOSED}


def sealed_number_of(case) -> float:
    return sealed_number(case.campaign.draw.seed, case.entry_uid)


def hold(campaign, until) -> None:
    operator = make_user()
    with transaction():
        case = cases_of(campaign)[0]
        case.apply(CaseAction.CLAIM, actor=operator, at=NOON)
        case.lease_until = until


def add_attempt(campaign, disposition: str, outcome: str) -> None:
    operator = make_user()
    with transaction() as session:
        session.add(
            Attempt(
                uid=new_uid(),
                case_id=cases_of(campaign)[0].id,
                operator_id=operator.id,
                fence=1,
                started_at=NOON,
                ended_at=NOON,
                disposition=disposition,
                outcome=outcome,
            )
        )
