import re
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.campaigns.models import Campaign
from casework.db import db
from casework.visits.models import Lead, LeadResult, LeadSeverity
from tests.casework.visits.factories import make_calling_campaign, make_visiting_campaign
from tests.casework.visits.test_lead_matching import warn
from tests.factories import LINYING, make_user
from tests.webapp.people import log_in
from tests.webapp.test_visits import TODAY

FORM = {
    "source": "hotline_12345",
    "source_no": "演示-0007",
    "received_on": TODAY.isoformat(),
    "region": LINYING,
    "subject": "person",
    "name": "演示甲乙",
    "words": "说没有上班",
    "severity": "high",
    "urgent": "y",
}


@pytest.fixture
def coordinator(client):
    return log_in(client, make_user(Role.COORDINATOR))


@pytest.fixture
def lead(coordinator) -> Lead:
    campaign = make_calling_campaign("V1")
    coordinator.post(f"/visits/leads/{campaign.uid}/new", data=FORM)
    return db.session.scalars(select(Lead)).one()


def test_an_empty_register_says_where_leads_come_from(coordinator):
    campaign = make_calling_campaign("V1")

    page = coordinator.get(f"/visits/leads/{campaign.uid}").text

    assert "没有线索" in page
    assert "登记外来线索" in page


def test_a_lead_entered_by_hand_stands_in_the_register_with_its_person_covered(coordinator, lead):
    page = coordinator.get(f"/visits/leads/{_uid(lead)}").text

    assert "演**" in page
    assert "演示甲乙" not in page
    assert "12345 热线" in page


def test_a_form_with_something_wrong_keeps_what_was_typed(coordinator):
    campaign = make_calling_campaign("V1")
    tomorrow = (TODAY + timedelta(days=1)).isoformat()

    form = FORM | {"received_on": tomorrow, "id_no": "123"}
    page = coordinator.post(f"/visits/leads/{campaign.uid}/new", data=form)

    assert page.status_code == 422
    assert "日期在今天之后" in page.text
    assert "身份证号不对" in page.text
    assert "说没有上班" in page.text


def test_a_wrong_row_of_a_table_is_told_and_nothing_entered(coordinator):
    campaign = make_calling_campaign("V1")
    table = "来源,收到日期,地区,对象,姓名或企业,内容\n12345,2017-12-01,某县,个人,演示,没有上班\n"

    file = {"file": (BytesIO(table.encode("gb18030")), "线索.csv")}
    page = coordinator.post(f"/visits/leads/{campaign.uid}/import", data=file)

    assert page.status_code == 422
    assert "要改正的单元格 1 处" in page.text
    assert "本列不认识这个词" in page.text
    assert db.session.scalars(select(Lead)).all() == []


def test_the_template_with_a_row_added_is_taken(coordinator):
    campaign = make_calling_campaign("V1")
    header = coordinator.get("/visits/leads/template.csv").text
    table = f"{header}审计,S-1,2017-12-01,{LINYING},企业,示例公司,,没有上班,,,\n"

    file = {"file": (BytesIO(table.encode()), "线索.csv")}
    page = coordinator.post(
        f"/visits/leads/{campaign.uid}/import", data=file, follow_redirects=True
    )

    assert "登记了 1 条线索" in page.text
    assert "示例公司" in page.text


def test_leads_are_filtered_in_the_address(coordinator):
    campaign = make_visiting_campaign("N2", "V3")

    page = coordinator.get(f"/visits/leads/{campaign.uid}?severity=high").text

    assert "N2 否认" in page
    assert "V3 已就业" not in page


def test_pages_of_leads_follow_one_another(coordinator):
    campaign = make_visiting_campaign(*["N2"] * 55)

    second = coordinator.get(f"/visits/leads/{campaign.uid}?page=2").text

    assert second.count("N2 否认") == 5


def test_a_lead_is_triaged_then_overdue_then_settled(coordinator, lead):
    _first, owner = make_user(Role.VERIFIER), make_user(Role.VERIFIER)
    path = f"/visits/leads/lead/{lead.uid}"
    form = {"severity": "high", "owner": owner.id, "due_on": TODAY.isoformat(), "version": 1}

    page = coordinator.post(f"{path}/triage", data=form, follow_redirects=True)
    assert "线索已分办" in page.text
    assert f'<option selected value="{owner.id}">' in page.text
    stored = db.session.get(Lead, lead.id, populate_existing=True)
    stored.due_on = TODAY - timedelta(days=2)
    db.session.commit()
    assert "已逾期" in coordinator.get(path).text
    result = {"result": "false", "words": "单位没有这个人"}
    page = coordinator.post(f"{path}/settle", data=result, follow_redirects=True)

    assert "单位没有这个人" in page.text
    db.session.expire_all()
    assert db.session.get(Lead, lead.id).result is LeadResult.FALSE


def test_whoever_triages_second_is_told_what_the_first_said_and_keeps_the_own_choice(
    coordinator, lead
):
    owner = make_user(Role.VERIFIER, name="演示乙")
    path = f"/visits/leads/lead/{lead.uid}/triage"
    form = {"severity": "high", "owner": owner.id, "due_on": TODAY.isoformat(), "version": 1}
    coordinator.post(path, data=form)

    late = coordinator.post(path, data=form | {"severity": "low"})

    assert late.status_code == 409
    assert f"现为：高 · 演示乙 · 办结期限 {TODAY}" in late.text
    assert '<option selected value="low">' in late.text
    seen = re.search(r'name="version" type="hidden" value="(\d+)"', late.text)
    coordinator.post(path, data=form | {"severity": "low", "version": seen[1]})
    db.session.expire_all()
    assert db.session.get(Lead, lead.id).severity is LeadSeverity.LOW


def test_whoever_comes_after_the_result_keeps_the_words_in_sight(coordinator, lead):
    path = f"/visits/leads/lead/{lead.uid}"
    coordinator.post(f"{path}/settle", data={"result": "false", "words": "单位没有这个人"})

    late = coordinator.post(f"{path}/settle", data={"result": "true", "words": "见到了本人"})
    triage = {"severity": "low", "owner": make_user(Role.VERIFIER).id, "version": 2}
    told = coordinator.post(
        f"{path}/triage", data=triage | {"due_on": TODAY.isoformat()}, follow_redirects=True
    )

    assert late.status_code == 422
    for words in ("此前已办结", "单位没有这个人", "见到了本人"):
        assert words in late.text
    assert "你的分办未保存" in told.text


def test_two_leads_about_the_same_are_merged_on_the_page(coordinator, lead):
    coordinator.post(f"/visits/leads/{_uid(lead)}/new", data=FORM | {"words": "又来电话"})
    other = db.session.scalars(select(Lead).where(Lead.id != lead.id)).one()

    assert "可能重复" in coordinator.get(f"/visits/leads/lead/{lead.uid}").text
    page = coordinator.post(
        f"/visits/leads/lead/{other.uid}/merge", data={"into": lead.uid}, follow_redirects=True
    )

    assert "两条线索已合并" in page.text
    assert "已并入本条" in page.text


def _uid(lead: Lead) -> str:
    return db.session.get(Campaign, lead.campaign_id).uid


def test_leads_are_raised_from_a_warning_on_the_page(coordinator):
    campaign = make_calling_campaign("V1")
    warn(campaign, "F007")
    path = f"/visits/leads/{campaign.uid}"

    assert "由台账产生线索" in coordinator.get(path).text
    page = coordinator.post(f"{path}/raise", data={"ground": "F007"}, follow_redirects=True)

    assert "产生了 1 条线索" in page.text
    assert "F007" in page.text
    assert coordinator.post(f"{path}/raise", data={"ground": "X"}).status_code == 400
