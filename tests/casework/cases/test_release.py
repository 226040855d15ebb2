import pytest
from sqlalchemy import select

from casework.audit.models import AuditAction, AuditEvent
from casework.campaigns.models import CampaignState, Replicate
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case, PhoneClass
from casework.cases.release import AlreadyReleased, release_replicate
from casework.db import db
from casework.errors import NotAllowedNow, NotFound
from casework.ledgers.projects import Project
from tests.factories import (
    NOON,
    make_campaign,
    make_drawn_campaign,
    make_user,
)

pytestmark = pytest.mark.usefixtures("app")


def cases(campaign) -> list[Case]:
    return list(
        db.session.scalars(select(Case).where(Case.campaign_id == campaign.id).order_by(Case.code))
    )


def test_every_sampled_entry_of_the_replicate_becomes_one_case():
    campaign = make_drawn_campaign(entries=20, sampled=10, replicates=2)

    made = release_replicate(campaign.id, 1, actor=make_user(), at=NOON)

    opened = cases(campaign)
    assert len(opened) == made == db.session.get_one(Replicate, (campaign.id, 1)).entries
    assert {case.state for case in opened} == {CaseState.READY}
    assert {case.schedule.due_at for case in opened} == {NOON}
    assert campaign.state is CampaignState.CALLING


def test_codes_run_on_over_the_replicates():
    campaign = make_drawn_campaign(entries=20, sampled=10, replicates=2)
    for number in (1, 2):
        release_replicate(campaign.id, number, actor=make_user(), at=NOON)

    assert [case.code for case in cases(campaign)] == [f"P1-{n:06}" for n in range(1, 11)]


def test_a_replicate_is_released_once():
    campaign = make_drawn_campaign()
    release_replicate(campaign.id, 1, actor=make_user(), at=NOON)

    with pytest.raises(AlreadyReleased):
        release_replicate(campaign.id, 1, actor=make_user(), at=NOON)


def test_what_does_not_exist_or_is_not_drawn_is_not_released():
    with pytest.raises(NotFound):
        release_replicate(make_campaign().id, 1, actor=make_user(), at=NOON)
    with pytest.raises(NotFound):
        release_replicate(make_drawn_campaign().id, 7, actor=make_user(), at=NOON)


def test_nothing_is_released_after_calling_is_over():
    campaign = make_drawn_campaign(replicates=2)
    campaign.state = CampaignState.VISITING
    db.session.commit()

    with pytest.raises(NotAllowedNow):
        release_replicate(campaign.id, 2, actor=make_user(), at=NOON)


def test_who_claims_not_to_be_resettled_is_not_called():
    campaign = drawn_with(claims_not_settled=True, enterprise="示例煤矿")
    release_replicate(campaign.id, 1, actor=make_user(), at=NOON)

    (case,) = cases(campaign)
    found = (case.state, case.phone_class, case.phone_outcome, case.lead_cause)
    assert found == (CaseState.PHONED, PhoneClass.NOT_ACHIEVED, "SN", "")
    assert case.code == "P3-000001"


@pytest.mark.parametrize("phones", ["", "无", "1234"])
def test_who_has_no_number_to_dial_is_not_called(phones):
    campaign = drawn_with(phones=phones)
    release_replicate(campaign.id, 1, actor=make_user(), at=NOON)

    (case,) = cases(campaign)
    assert (case.state, case.phone_class, case.phone_outcome) == (
        CaseState.PHONED,
        PhoneClass.DEAD_NUMBER,
        "U3",
    )
    assert [event.actor_id for event in case.events] == [None]


def test_the_release_is_in_the_audit_trail():
    campaign = make_drawn_campaign(entries=8, sampled=8)
    coordinator = make_user()
    release_replicate(campaign.id, 1, actor=coordinator, at=NOON)

    event = db.session.scalars(
        select(AuditEvent).where(AuditEvent.action == AuditAction.REPLICATE_RELEASE)
    ).one()
    facts = {"replicate": 1, "cases": 8, "reason": "planned"}
    assert (event.actor_id, event.facts) == (coordinator.id, facts)


def drawn_with(**columns):
    """A drawn campaign of one overcapacity entry with these columns."""
    return make_drawn_campaign(entries=1, sampled=1, project=Project.OVERCAPACITY, **columns)
