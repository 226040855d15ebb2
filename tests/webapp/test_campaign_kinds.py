"""Opening campaigns of other kinds, opening replicates by rule, and the map, on their pages."""

import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.campaigns.models import (
    Campaign,
    CampaignKind,
    Coordination,
    ReleaseReason,
    ReleaseRule,
    Replicate,
)
from casework.db import db
from casework.ledgers.projects import Project
from tests.casework.campaigns.factories import drawn, frozen
from tests.factories import LANKAO, LINYING, LUOHE, make_entries, make_ledger, make_user
from tests.webapp.people import log_in
from tests.webapp.test_campaigns import PLAN


@pytest.fixture
def coordinator(client):
    return log_in(client, make_user(Role.COORDINATOR))


def latest() -> Campaign:
    return db.session.scalars(select(Campaign).order_by(Campaign.id.desc()).limit(1)).one()


def test_a_spot_check_of_one_county_is_opened(coordinator):
    coordinator.post("/campaigns/new", data=PLAN | {"kind": "spot_check", "places": [LINYING]})

    assert latest().kind is CampaignKind.SPOT_CHECK
    assert [place.region_code for place in latest().places] == [LINYING]


def test_a_follow_up_wave_names_the_campaign_it_follows(coordinator):
    make_entries(make_ledger(), 10)
    first = drawn(4)
    wave = {
        "kind": "follow_up",
        "follows": str(first.id),
        "coordination": "overlap",
        "projects": ["re_employment"],
    }

    coordinator.post("/campaigns/new", data=PLAN | wave)

    found = latest()
    assert (found.follows_id, found.coordination) == (first.id, Coordination.OVERLAP)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "authenticity"}, "真实性核实只针对城镇新增就业"),
        ({"kind": "follow_up"}, "后续轮次要接在一个已抽样的批次之后"),
        ({"kind": "spot_check", "places": [LANKAO]}, "410225 不在所选填报单位内"),
    ],
)
def test_what_does_not_fit_the_kind_is_explained(coordinator, changes, words):
    page = coordinator.post("/campaigns/new", data=PLAN | changes)

    assert page.status_code == 422
    assert words in page.text


def test_new_employment_is_planned_in_a_check_of_authenticity(coordinator):
    make_entries(make_ledger(Project.NEW_EMPLOYMENT), 30)
    campaign = frozen(kind=CampaignKind.AUTHENTICITY, projects=frozenset({Project.NEW_EMPLOYMENT}))

    assert coordinator.get(f"/campaigns/{campaign.id}/plan/new_employment").status_code == 200
    assert "新增就业真实性电话核实" in coordinator.get(f"/campaigns/{campaign.id}").text


def test_the_rule_names_the_next_replicate_and_one_button_opens_it(coordinator):
    make_entries(make_ledger(), 20)
    make_entries(make_ledger(region=LANKAO), 20)
    rule = {"units": frozenset({LUOHE, LANKAO}), "release_rule": ReleaseRule.WIDEST_FIRST}
    campaign = drawn(20, replicates=2, **rule)

    assert "为首批" in coordinator.get(f"/campaigns/{campaign.id}").text
    coordinator.post(f"/campaigns/{campaign.id}/replicates/proposed")

    page = coordinator.get(f"/campaigns/{campaign.id}").text
    assert "10 件未办完" in page
    assert "备用" in page
    refused = coordinator.post(f"/campaigns/{campaign.id}/replicates/2")
    assert refused.status_code == 409
    assert "区间最宽者先" in refused.text


def test_the_reason_for_opening_a_replicate_is_kept(coordinator):
    make_entries(make_ledger(), 20)
    campaign = drawn(10, replicates=2)
    coordinator.post(f"/campaigns/{campaign.id}/replicates/1")

    coordinator.post(f"/campaigns/{campaign.id}/replicates/2", data={"reason": "few_answers"})

    second = db.session.get_one(Replicate, (campaign.id, 2))
    assert second.reason is ReleaseReason.FEW_ANSWERS
    assert "回答少于预计" in coordinator.get(f"/campaigns/{campaign.id}").text


def test_the_strata_have_a_map_with_a_table_under_it(coordinator):
    make_entries(make_ledger(), 20)
    campaign = drawn(10)

    page = coordinator.get(f"/campaigns/{campaign.id}/strata/re_employment").text

    assert page.count('class="hy-county') == 158
    assert "临颍县 50.0%" in page
    assert " style=" not in page
