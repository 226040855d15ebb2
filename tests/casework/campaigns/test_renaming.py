"""A campaign that is not frozen yet is renamed or withdrawn; one that is frozen is neither."""

import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.campaigns.errors import CampaignNameUnusable, NameTaken, WithdrawalUnexplained
from casework.campaigns.frame import request_freeze
from casework.campaigns.models import Campaign, CampaignState
from casework.campaigns.overview import campaigns_of
from casework.campaigns.renaming import rename_campaign, withdraw_campaign
from casework.db import db
from casework.errors import NotAllowedNow, NotFound
from tests.factories import LUOHE, NOON, make_campaign, make_entries, make_ledger, make_user

pytestmark = pytest.mark.one_engine


@pytest.fixture
def coordinator(app):
    return make_user(Role.COORDINATOR)


@pytest.fixture
def campaign(coordinator):
    return make_campaign()


def audited(action: AuditAction) -> AuditEvent:
    return db.session.scalars(select(AuditEvent).where(AuditEvent.action == action)).one()


def test_a_campaign_gets_another_name_once_by_whoever_saw_the_one_before(campaign, coordinator):
    before = campaign.name

    rename_campaign(campaign.id, " 演示更名 ", was=before, actor=coordinator, at=NOON)

    assert campaign.name == "演示更名"
    assert audited(AuditAction.CAMPAIGN_RENAME).facts == {"from": before, "to": "演示更名"}
    with pytest.raises(NotAllowedNow):
        rename_campaign(campaign.id, "演示又更名", was=before, actor=coordinator, at=NOON)
    with pytest.raises(CampaignNameUnusable):
        rename_campaign(campaign.id, "  ", was="演示更名", actor=coordinator, at=NOON)
    taken = make_campaign().name
    with pytest.raises(NameTaken):
        rename_campaign(campaign.id, taken, was="演示更名", actor=coordinator, at=NOON)


def test_a_withdrawn_campaign_stays_listed_with_its_reason_and_is_not_frozen(campaign, coordinator):
    with pytest.raises(WithdrawalUnexplained):
        withdraw_campaign(campaign.id, " ", actor=coordinator, at=NOON)

    withdraw_campaign(campaign.id, "演示：年度填错", actor=coordinator, at=NOON)

    listed = campaigns_of(coordinator)
    assert [(one.state, one.withdrawn_because) for one in listed] == [
        (CampaignState.WITHDRAWN, "演示：年度填错")
    ]
    assert audited(AuditAction.CAMPAIGN_WITHDRAW).purpose == "演示：年度填错"
    for late in (
        lambda: request_freeze(campaign.id, actor=coordinator, at=NOON),
        lambda: withdraw_campaign(campaign.id, "演示", actor=coordinator, at=NOON),
        lambda: rename_campaign(campaign.id, "演示", was=campaign.name, actor=coordinator, at=NOON),
    ):
        with pytest.raises(NotAllowedNow):
            late()


def test_once_the_freezing_is_asked_for_it_is_too_late_and_below_the_province_never(
    campaign, coordinator
):
    city = make_user(Role.COORDINATOR, region=LUOHE)
    with pytest.raises(NotFound):
        withdraw_campaign(campaign.id, "演示", actor=city, at=NOON)
    make_entries(make_ledger(), 1)
    request_freeze(campaign.id, actor=coordinator, at=NOON)

    with pytest.raises(NotAllowedNow):
        withdraw_campaign(campaign.id, "演示", actor=coordinator, at=NOON)
    with pytest.raises(NotAllowedNow):
        rename_campaign(campaign.id, "演示", was=campaign.name, actor=coordinator, at=NOON)
    assert db.session.scalars(select(Campaign.state)).one() is CampaignState.DESIGN
