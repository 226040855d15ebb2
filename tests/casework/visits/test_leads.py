import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.calls.models import Attempt
from casework.cases.models import PhoneClass
from casework.db import db, new_uid, transaction
from casework.ledgers.projects import Project
from casework.visits.leads import raise_leads, severity_of
from casework.visits.models import Lead, LeadSeverity
from tests.casework.visits.factories import cases_of, make_calling_campaign
from tests.factories import NOON, make_user

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.one_engine]


def raised(campaign) -> list[str]:
    raise_leads(campaign.id, actor=make_user(Role.COORDINATOR), at=NOON)
    return list(db.session.scalars(select(Lead.cause).order_by(Lead.case_id, Lead.cause)))


@pytest.mark.both_engines
def test_a_denial_is_a_grave_lead():
    make = make_calling_campaign("N2")

    assert raised(make) == ["N2"]
    assert db.session.scalar(select(Lead.severity)) is LeadSeverity.HIGH


@pytest.mark.parametrize(
    ("cause", "severity"),
    [
        ("N2", "high"),
        ("SX", "high"),
        ("N1", "normal"),
        ("V3", "low"),
        ("38", "normal"),
        ("A1:2", "normal"),
    ],
)
def test_the_tables_say_how_grave_a_cause_is(cause, severity):
    assert severity_of(cause) == severity


def test_who_works_and_who_gave_up_freely_is_no_lead():
    assert raised(make_calling_campaign("V1", "V2", "D1")) == []


def test_a_worker_who_is_not_resettled_is_a_lead():
    campaign = make_calling_campaign("SN", "S1", project=Project.OVERCAPACITY)
    assert raised(campaign) == ["SN"]


@pytest.mark.parametrize(
    "phone_class", ["dead_number", "wrong_person", "no_answer", "refused", "away"]
)
def test_unreached_people_are_never_leads(phone_class):
    assert raised(make_calling_campaign(phone_class)) == []


@pytest.mark.parametrize("disposition", ["51", "53", "55", "56", "22", "41"])
def test_a_bad_number_does_not_make_its_person_a_lead(disposition):
    campaign = make_calling_campaign("dead_number")
    add_attempt(campaign, disposition)

    assert raised(campaign) == []


def test_a_death_told_by_a_relative_is_a_lead():
    campaign = make_calling_campaign("away")
    add_attempt(campaign, "38")

    assert raised(campaign) == ["38"]


def test_a_long_absence_that_a_later_interview_disproved_is_none():
    campaign = make_calling_campaign("V1")
    add_attempt(campaign, "39")

    assert raised(campaign) == []


@pytest.mark.both_engines
def test_an_answer_that_the_script_marks_is_a_lead_beside_the_outcome():
    campaign = make_calling_campaign("")
    with transaction():
        case = cases_of(campaign)[0]
        case.finish_calls(PhoneClass.ACHIEVED, "V3", actor=None, at=NOON, lead_cause="A1:2")

    assert raised(campaign) == ["A1:2", "V3"]


def test_a_case_still_being_called_has_no_lead_yet():
    assert raised(make_calling_campaign("", "N1")) == ["N1"]


@pytest.mark.both_engines
def test_raising_twice_raises_nothing_new():
    campaign = make_calling_campaign("N2", "V3", "V1")
    coordinator = make_user(Role.COORDINATOR)

    assert raise_leads(campaign.id, actor=coordinator, at=NOON) == 2
    assert raise_leads(campaign.id, actor=coordinator, at=NOON) == 0


def add_attempt(campaign, disposition: str) -> None:
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
            )
        )
