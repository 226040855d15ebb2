"""The planning page: sliders, drafts, the budget, and the rehearsal."""

import re
import time

import numpy as np
import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.campaigns.cells import Cells, read_cells
from casework.campaigns.draft_models import Rehearsal, SizeDraft
from casework.campaigns.drafts import planned
from casework.campaigns.drawing import draw_sample, request_draw, set_sizes
from casework.campaigns.models import CampaignKind, Coordination, Stratum
from casework.campaigns.size_plans import SizePlan, SizeRule
from casework.campaigns.wishes import Aim, Wishes
from casework.db import db
from casework.ledgers.projects import Project
from tests.casework.campaigns.factories import drawn, frozen
from tests.factories import (
    LANKAO,
    LINYING,
    LUOHE,
    NOON,
    agree,
    make_entries,
    make_ledger,
    make_user,
)
from tests.webapp.people import log_in

SLIDERS = {
    "half_width": "8",
    "response": "62",
    "share": "96",
    "lies": "30",
    "yes_visits": "20",
    "unreached_visits": "50",
    "minimum": "20",
    "budget": "480000",
    "attempt_cost": "4.2",
    "visit_cost": "118",
}


@pytest.fixture
def campaign(app):
    make_entries(make_ledger(), 120)
    make_entries(make_ledger(region=LANKAO), 25)
    return frozen(units=frozenset({LUOHE, LANKAO}))


@pytest.fixture
def coordinator(client):
    return log_in(client, make_user(Role.COORDINATOR))


def sizes(campaign) -> list[int]:
    rows = select(Stratum.sample_size).where(Stratum.campaign_id == campaign.id)
    return list(db.session.scalars(rows.order_by(Stratum.key)))


def draw(campaign) -> None:
    agree(campaign)
    request_draw(campaign.id, replicates=1, actor=make_user(Role.COORDINATOR), at=NOON)
    draw_sample(campaign.uid, at=NOON)


def test_the_page_proposes_a_first_plan(coordinator, campaign):
    page = coordinator.get(f"/campaigns/{campaign.id}/plan/re_employment")

    assert page.status_code == 200
    assert "兰考县" in page.text
    assert "预计精度" in page.text


def test_once_drawn_the_page_shows_what_was_drawn_and_proposes_nothing(app, coordinator):
    make_entries(make_ledger(), 120)
    make_entries(make_ledger(region=LANKAO), 45)
    made = drawn(66, units=frozenset({LUOHE, LANKAO}))

    page = coordinator.get(f"/campaigns/{made.id}/plan/re_employment?counties=1")

    assert page.status_code == 200
    assert "已抽样本量" in page.text
    assert "尚未保存" not in page.text
    assert 'type="range"' not in page.text
    cells = re.findall(r'<td class="num">([\d,]+)</td>', page.text)
    assert {"48", "18"} <= {*cells}


def test_moving_a_slider_recomputes_and_keeps_nothing(coordinator, campaign):
    path = f"/campaigns/{campaign.id}/plan/re_employment/preview"

    wide = coordinator.post(path, data=SLIDERS | {"half_width": "15"}).text
    narrow = coordinator.post(path, data=SLIDERS | {"half_width": "3"}).text

    assert wide != narrow
    assert sizes(campaign) == [0, 0]
    assert db.session.scalars(select(SizeDraft)).all() == []


def test_aiming_at_decisions_keeps_the_budget_and_decides_no_less():
    frame = np.array([400, 300, 200, 150])
    cells = Cells(
        keys=[f"re_employment|41110{place}" for place in range(4)],
        regions=[f"41110{place}" for place in range(4)],
        enterprises=[""] * 4,
        units=["411100"] * 2 + ["411200"] * 2,
        frame_size=frame,
        certain=np.zeros(4, dtype=bool),
        target=np.array([372.0, 240.0, 140.0, 142.0]),
        unit_targets={},
    )
    precise = planned(cells, Wishes(half_width=0.06))
    money = precise.outlook.work.money

    decisive = planned(cells, Wishes(method=Aim.DECISIONS, budget=money))

    assert decisive.outlook.work.money <= money
    assert min(decisive.sizes.values()) >= 20
    assert decisive.outlook.undetermined < precise.outlook.undetermined


def test_every_county_is_shown_when_asked_for(coordinator, campaign):
    path = f"/campaigns/{campaign.id}/plan/re_employment/preview"

    folded = coordinator.post(path, data=SLIDERS).text
    open_ = coordinator.post(path, data=SLIDERS | {"counties": "on"}).text

    assert open_.count("<tr>") == folded.count("<tr>") + 1  # 兰考县 is a unit of its own


def test_decisions_cannot_be_aimed_at_below_the_minimum(coordinator, campaign):
    path = f"/campaigns/{campaign.id}/plan/re_employment"
    asked = SLIDERS | {"method": "decisions", "budget": "500"}

    preview = coordinator.post(f"{path}/preview", data=asked)
    rehearsal = coordinator.post(f"{path}/rehearsal", data=asked)

    assert "预算 500 元不够" in preview.text
    assert rehearsal.status_code == 422
    assert db.session.scalars(select(Rehearsal)).all() == []


def test_a_narrower_half_width_needs_more_cases_and_a_small_stratum_is_taken_whole(campaign):
    cells = read_cells(db.session(), campaign.id, Project.RE_EMPLOYMENT)

    wide, narrow = (planned(cells, Wishes(half_width=width)) for width in (0.15, 0.04))

    assert narrow.outlook.work.cases > wide.outlook.work.cases
    assert wide.sizes[f"re_employment|{LANKAO}"] == 25


def test_saving_sets_the_sizes_and_the_next_draft_is_compared(coordinator, campaign):
    path = f"/campaigns/{campaign.id}/plan/re_employment"
    coordinator.post(path, data=SLIDERS | {"half_width": "15"})
    first = sizes(campaign)
    db.session.expire_all()

    coordinator.post(path, data=SLIDERS | {"half_width": "4"})
    page = coordinator.post(f"{path}/preview", data=SLIDERS | {"half_width": "15"})

    numbers = db.session.scalars(select(SizeDraft.number).order_by(SizeDraft.number)).all()
    assert numbers == [1, 2]
    assert sum(sizes(campaign)) > sum(first) >= 45
    assert "第 2 稿" in page.text


def test_a_budget_below_the_minimum_is_refused_with_the_numbers(coordinator, campaign):
    page = coordinator.post(
        f"/campaigns/{campaign.id}/plan/re_employment", data=SLIDERS | {"budget": "500"}
    )

    assert page.status_code == 422
    assert "预算 500 元不够" in page.text
    assert "45 件" in page.text
    assert sizes(campaign) == [0, 0]


def test_a_minimum_below_20_is_refused_at_its_field(coordinator, campaign):
    page = coordinator.post(
        f"/campaigns/{campaign.id}/plan/re_employment", data=SLIDERS | {"minimum": "12"}
    )

    assert page.status_code == 422
    assert "不能低于 20" in page.text


def test_a_rehearsal_shows_a_bar_and_then_what_came_of_it(app, coordinator, campaign, work_off):
    path = f"/campaigns/{campaign.id}/plan/re_employment"
    coordinator.post(f"{path}/rehearsal", data=SLIDERS)
    uid = db.session.scalars(select(Rehearsal.uid)).one()

    waiting = coordinator.get(f"/campaigns/rehearsals/{uid}").text
    work_off(app)
    done = coordinator.get(f"/campaigns/rehearsals/{uid}").text

    assert "hx-get" in waiting
    assert "hx-get" not in done
    assert "覆盖率" in done


def test_a_project_that_is_not_called_has_no_plan(coordinator, campaign):
    assert coordinator.get(f"/campaigns/{campaign.id}/plan/hardship").status_code == 404


def test_sliders_are_answered_at_once(coordinator, campaign):
    path = f"/campaigns/{campaign.id}/plan/re_employment/preview"
    coordinator.post(path, data=SLIDERS)
    before = time.process_time()

    coordinator.post(path, data=SLIDERS)

    assert time.process_time() - before < 0.5


@pytest.mark.parametrize(
    ("coordination", "cases", "reason"),
    [(Coordination.OVERLAP, 25, "当地样本取自前一轮"), (Coordination.APART, 0, "当地已无人可抽")],
)
def test_a_stratum_selected_whole_before_is_shown_with_its_reason(
    coordinator, campaign, coordination, cases, reason
):
    """Before the draw and after it; where the waves overlap its people are planned for again."""
    given = {f"re_employment|{LINYING}": 60, f"re_employment|{LANKAO}": 25}
    plan = SizePlan(SizeRule.GIVEN, minimum=0, given=given)
    set_sizes(campaign.id, Project.RE_EMPLOYMENT, plan, actor=make_user(), at=NOON)
    draw(campaign)
    wave = {"kind": CampaignKind.FOLLOW_UP, "follows": campaign.id, "coordination": coordination}
    second = frozen(units=frozenset({LUOHE, LANKAO}), **wave)
    path = f"/campaigns/{second.id}/plan/re_employment"

    planning = coordinator.get(path).text
    coordinator.post(path, data=SLIDERS)
    draw(second)
    drawn_page = coordinator.get(path).text

    for page in (planning, drawn_page):
        assert reason in page
        assert "兰考县 25" in page
    sampled = select(Stratum.sample_size).where(
        Stratum.campaign_id == second.id, Stratum.region_code == LANKAO
    )
    assert sum(db.session.scalars(sampled)) == cases
