import re
from io import BytesIO

import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.campaigns.frame import freeze_frame, request_freeze
from casework.campaigns.models import Campaign, CampaignState, CampaignWork, Stratum, Target
from casework.cases.models import Case
from casework.db import db
from casework.ledgers.projects import Project
from tests.factories import (
    LUOHE,
    NOON,
    agree,
    make_campaign,
    make_drawn_campaign,
    make_entries,
    make_ledger,
    make_user,
)
from tests.webapp.people import log_in

PLAN = {
    "name": "演示核查批次",
    "year": "2017",
    "cutoff_on": "2017-11-30",
    "fieldwork_ends_on": "2017-12-31",
    "results_from": "2018-01-15",
    "projects": ["re_employment", "hardship"],
    "units": [LUOHE],
}


@pytest.fixture
def coordinator(client):
    return log_in(client, make_user(Role.COORDINATOR))


def only_campaign() -> Campaign:
    return db.session.scalars(select(Campaign).execution_options(populate_existing=True)).one()


def test_the_whole_way_from_opening_to_releasing(app, coordinator, work_off):
    make_entries(make_ledger(Project.RE_EMPLOYMENT), 30)
    coordinator.post("/campaigns/new", data=PLAN)
    path = f"/campaigns/{only_campaign().id}"
    table = BytesIO(f"project,region_code,persons\nre_employment,{LUOHE},25\n".encode())

    coordinator.post(f"{path}/targets", data={"table": (table, "任务.csv")})
    coordinator.post(f"{path}/freeze")
    work_off(app)
    sizes = {"project": "re_employment", "rule": "proportional", "total": "12", "minimum": "5"}
    coordinator.post(f"{path}/sizes", data=sizes)
    agree(only_campaign())
    coordinator.post(f"{path}/draw", data={"replicates": "2"})
    work_off(app)
    page = coordinator.post(f"{path}/replicates/1", follow_redirects=True)

    assert page.status_code == 200
    stopping = coordinator.get(f"{path}/stopping")
    assert "没有可检验的单元" in stopping.text  # the only task is of a unit with counties
    assert db.session.scalars(select(Target.persons)).all() == [25]
    assert only_campaign().state is CampaignState.CALLING
    assert len(db.session.scalars(select(Case)).all()) == 6


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "批次名称"),
        ({"year": "2015"}, "统计截止日应在批次年度内或次年"),
        ({"units": []}, "填报单位"),
        ({"fieldwork_ends_on": "2017-01-01"}, "核查结束日不能早于统计截止日"),
    ],
)
def test_a_plan_that_makes_no_sense_is_explained_and_nothing_is_opened(coordinator, changes, words):
    page = coordinator.post("/campaigns/new", data=PLAN | changes)

    assert page.status_code == 422
    assert words in page.text
    assert db.session.scalars(select(Campaign)).all() == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "第 1 行"),
        (b"project,region_code,persons\nre_employment,411100,many\n", "第 2 行"),
        ("项目".encode("gb18030"), "第 1 行"),
        (b"\x80\xff", "UTF-8"),
    ],
)
def test_a_bad_table_of_targets_names_its_line(coordinator, content, words):
    campaign = make_campaign()

    page = coordinator.post(
        f"/campaigns/{campaign.id}/targets", data={"table": (BytesIO(content), "任务.csv")}
    )

    assert page.status_code == 422
    assert words in page.text


def test_the_official_table_is_one_click(coordinator):
    campaign = make_campaign(projects=(Project.OVERCAPACITY,))

    coordinator.post(f"/campaigns/{campaign.id}/official-targets")

    assert sum(db.session.scalars(select(Target.persons))) == 2 * 32_386


def test_sizes_beyond_the_frame_are_explained(coordinator):
    campaign = frozen_campaign()
    sizes = {"project": "re_employment", "rule": "equal", "total": "99", "minimum": "0"}

    page = coordinator.post(f"/campaigns/{campaign.id}/sizes", data=sizes)

    assert page.status_code == 422
    assert "99" in page.text


def test_a_second_draw_is_refused_in_plain_words(coordinator):
    campaign = make_drawn_campaign()

    page = coordinator.post(f"/campaigns/{campaign.id}/draw", data={"replicates": "1"})

    assert page.status_code == 409
    assert "只能抽一次" in page.text


def test_work_is_shown_as_a_bar_until_it_is_done(app, coordinator, work_off):
    make_entries(make_ledger(), 3)
    campaign = make_campaign()
    coordinator.post(f"/campaigns/{campaign.id}/freeze")
    assert only_campaign().work is CampaignWork.FREEZE

    waiting = coordinator.get(f"/campaigns/{campaign.id}/work")
    work_off(app)
    done = coordinator.get(f"/campaigns/{campaign.id}/work")

    assert "HX-Refresh" not in waiting.headers
    assert done.headers["HX-Refresh"] == "true"


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.VERIFIER])
def test_others_may_look_and_not_change(client, role):
    campaign = make_drawn_campaign()
    log_in(client, make_user(role))

    assert client.get(f"/campaigns/{campaign.id}").status_code == 200
    assert client.post(f"/campaigns/{campaign.id}/replicates/1").status_code == 403


def test_a_city_does_not_see_the_sample(client):
    campaign = make_drawn_campaign()
    log_in(client, make_user(Role.VERIFIER, region=LUOHE))

    assert client.get(f"/campaigns/{campaign.id}").status_code == 404
    assert "演示批次" not in client.get("/campaigns/").text


def test_the_strata_of_a_project_are_listed(coordinator):
    campaign = make_drawn_campaign()

    page = coordinator.get(f"/campaigns/{campaign.id}/strata/re_employment")

    assert "临颍县" in page.text


def test_a_desk_outcome_is_entered_and_replaced(coordinator):
    campaign = make_campaign(projects=(Project.NEW_EMPLOYMENT, Project.RE_EMPLOYMENT))
    path = f"/campaigns/{campaign.id}"

    for met in ("0", "1"):
        coordinator.post(f"{path}/desk", data={"region": LUOHE, "met": met, "note": "账表一致"})

    assert "1 / 1" in coordinator.get(path).text


def frozen_campaign() -> Campaign:
    make_entries(make_ledger(), 30)
    campaign = make_campaign()
    coordinator = make_user(Role.COORDINATOR)
    request_freeze(campaign.id, actor=coordinator, at=NOON)
    freeze_frame(campaign.uid, at=NOON)
    return campaign


def give(client, campaign: Campaign, table: str):
    return client.post(
        f"/campaigns/{campaign.id}/sizes",
        data={
            "project": "re_employment",
            "rule": "given",
            "minimum": "0",
            "total": "0",
            "table": (BytesIO(table.encode()), "样本量.csv"),
        },
    )


def test_sizes_are_given_by_the_table_that_the_page_hands_out(coordinator):
    campaign = frozen_campaign()
    handed = coordinator.get(f"/campaigns/{campaign.id}/strata/re_employment.csv")
    assert handed.text.splitlines()[1].endswith(",30,0")

    give(coordinator, campaign, handed.text.replace(",30,0", ",30,7"))

    assert db.session.scalars(select(Stratum.sample_size)).all() == [7]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("", "第 1 行"),
        ("stratum,size\na,1\n", "第 2 行"),
        ("stratum,sample_size\na,-1\n", "第 2 行"),
        ("stratum,sample_size\nno such stratum,1\n", "no such stratum"),
    ],
)
def test_a_bad_table_of_sizes_is_explained_and_nothing_is_set(coordinator, table, words):
    campaign = frozen_campaign()

    page = give(coordinator, campaign, table)

    assert page.status_code == 422
    assert words in page.text
    assert db.session.scalars(select(Stratum.sample_size)).all() == [0]


def test_the_table_of_targets_is_handed_out_in_chinese_and_taken_back_as_excel_saves_it(
    coordinator,
):
    path = f"/campaigns/{make_campaign().id}"

    table = coordinator.get(f"{path}/targets.csv")
    filled = table.data.decode("utf-8-sig").replace("411100,漯河市", "411100,漯河市,12")
    assert table.data.startswith(b"\xef\xbb\xbf")
    coordinator.post(
        f"{path}/targets", data={"table": (BytesIO(filled.encode("gb18030")), "任务.csv")}
    )

    assert "已载入 1 项目标任务" in coordinator.get(path).text
    assert db.session.scalars(select(Target.persons)).all() == [12]


def test_a_campaign_is_renamed_and_withdrawn_until_it_is_frozen(coordinator):
    campaign = make_campaign()
    path = f"/campaigns/{campaign.id}"

    coordinator.post(f"{path}/name", data={"name": "演示更名", "was": campaign.name})
    refused = coordinator.post(f"{path}/withdrawal", data={"reason": "  "})
    coordinator.post(f"{path}/withdrawal", data={"reason": "演示：年度填错"})

    assert refused.status_code == 422
    assert "不超过 500 字" in refused.text
    page = coordinator.get(path).text
    assert "演示更名" in page
    assert "演示：年度填错" in page
    assert "冻结" not in re.findall(r"<button[^>]*>([^<]*)</button>", page)
    assert "已撤回" in coordinator.get("/campaigns/").text
    assert coordinator.get(f"/draws/{campaign.id}").status_code == 200
