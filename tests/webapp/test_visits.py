import re
from datetime import timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.campaigns.models import Campaign, CampaignState
from casework.cases.models import PhoneClass
from casework.db import db, transaction, utcnow
from casework.ledgers.projects import Project
from casework.visits.findings import record_finding
from casework.visits.models import Finding, Photo, Visit, VisitRate, VisitState
from tests.casework.visits.factories import (
    assign,
    fitting_answers,
    make_assigned_visit,
    make_calling_campaign,
    make_photo,
    make_report,
    make_visiting_campaign,
    visits_of,
)
from tests.factories import LUOHE, NOON, make_user
from tests.grounds import begins_with
from tests.webapp.people import log_in

LATER = NOON + timedelta(hours=3)
TODAY = utcnow().astimezone(ZoneInfo("Asia/Shanghai")).date()


def make_todays_work() -> tuple[Visit, User]:
    make_user(Role.INSPECTOR)
    return make_assigned_visit("N2")


with_work = begins_with(make_todays_work)


@pytest.fixture
def inspector(client, begun):
    return log_in(client, begun[1])


@pytest.fixture
def uid(begun):
    return begun[0].uid


def answers(outcome: str = "N2", **changes) -> dict:
    given = fitting_answers(Project.RE_EMPLOYMENT, outcome)
    form = {f"item-{key}": result for key, result in given.items()}
    return form | {"outcome": outcome, "idempotency_key": f"key of {outcome}"} | changes


@with_work
def test_the_day_lists_the_visits_by_place(inspector):
    page = inspector.get("/visits/today").text

    assert "漯河市 临颍县" in page
    assert "台账有无依据" in page
    assert "0 / 1" in page


@with_work
def test_the_list_covers_the_names(inspector):
    page = inspector.get("/visits/today").text

    assert "演**" in page
    assert "演示2" not in page


@with_work
def test_a_visit_shows_what_ledger_and_phone_say(inspector, uid):
    page = inspector.get(f"/visits/{uid}").text

    assert "示例有限公司" in page
    assert "N2 否认" in page
    assert "就业时间 2017-05-18" in page
    assert "本人当面或视频确认" in page


@with_work
def test_after_the_campaign_nothing_is_offered_or_taken(inspector, uid):
    inspector.post(f"/visits/{uid}", data=answers())
    with transaction() as session:
        session.scalars(select(Campaign)).one().state = CampaignState.CLOSED

    page = inspector.get(f"/visits/{uid}").text
    told = inspector.post(f"/visits/{uid}", data=answers("V1"), follow_redirects=True)

    assert "批次已结束，不能再记录" in page
    assert "保存结论" not in page
    assert "由其在推算结果上写明理由改判" in told.text
    assert len(db.session.scalars(select(Finding)).all()) == 1


@with_work
def test_a_correction_begins_with_what_was_found_before(inspector, uid):
    inspector.post(f"/visits/{uid}", data=answers("N2", note="演示备注"))

    page = inspector.get(f"/visits/{uid}").text

    assert re.search(r'id="outcome-N2"[^>]* checked', page)
    assert re.search(r'name="item-R4"[^>]*value="denies"[^>]* checked', page)
    assert "演示备注</textarea>" in page


@with_work
def test_an_identity_number_never_comes_onto_the_page(inspector, uid):
    page = inspector.get(f"/visits/{uid}").text

    assert "410102198503159912" not in page
    assert "9912" not in page


@with_work
def test_the_person_is_uncovered_with_an_audit_row(inspector, uid):
    page = inspector.post(f"/visits/{uid}/person", data={"purpose": "visit"}).text

    assert "演示2" in page
    assert "9912" in page
    assert "159912" not in page
    assert count(AuditEvent, AuditEvent.action == AuditAction.PERSON_REVEAL) == 1


@with_work
def test_a_finding_is_saved_with_its_photo(inspector, uid):
    form = answers(photos=[(BytesIO(make_photo()), "a.jpg"), (BytesIO(make_photo("PNG")), "b.png")])

    response = inspector.post(f"/visits/{uid}", data=form)

    assert response.location == "/visits/today"
    assert count(Photo) == 2
    page = inspector.get("/visits/today").text
    assert "现场结论已送达：N2" in page
    assert "1 / 1" in page


@with_work
def test_a_second_press_records_once(inspector, uid):
    inspector.post(f"/visits/{uid}", data=answers())
    inspector.post(f"/visits/{uid}", data=answers())

    assert count(Finding) == 1


@with_work
def test_a_report_from_a_second_page_is_asked_about_before_it_takes_the_place_of_the_first(
    inspector, uid
):
    inspector.post(f"/visits/{uid}", data=answers("N2"))
    second = answers("V1", note="演示备注")

    asked = inspector.post(f"/visits/{uid}", data=second)

    assert asked.status_code == 422
    assert "已从另一页面或设备报来一份结论" in asked.text
    assert "演示备注</textarea>" in asked.text
    assert re.search(r'id="outcome-V1"[^>]* checked', asked.text)
    assert count(Finding) == 1
    seen = re.search(r'name="seen" value="([^"]+)"', asked.text)
    inspector.post(f"/visits/{uid}", data=second | {"seen": seen[1]})
    assert count(Finding) == 2


@with_work
def test_the_time_of_the_device_is_kept_unless_it_lies_ahead(inspector, uid):
    inspector.post(f"/visits/{uid}", data=answers(found_at="2017-12-05T03:04:05.678Z"))
    inspector.post(
        f"/visits/{uid}",
        data=answers(
            found_at="2999-01-01T00:00:00Z", idempotency_key="2", seen=answers()["idempotency_key"]
        ),
    )

    first, second = db.session.scalars(select(Finding).order_by(Finding.id))
    assert first.found_at.isoformat() == "2017-12-05T03:04:05.678000+00:00"
    assert second.found_at == second.received_at


@with_work
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"outcome": "V1"}, "结论 V1 与 R4 的回答矛盾"),
        ({"outcome": "S1"}, "S1 不能作为本项目的现场结论"),
        ({"outcome": ""}, "不能作为本项目的现场结论"),
        ({"item-R3": "fails"}, "R3 选了“不符合”，请写明哪里不符"),
        ({"item-R3": "maybe"}, "R3 的回答不在清单允许之内"),
        ({"note": "演示备注" + "长" * 2000}, "超过 2000 字"),
    ],
)
def test_a_refused_finding_keeps_what_was_typed(inspector, uid, changes, words):
    typed = answers(note="演示备注", **{"reason-R1": "演示原因"}) | changes
    response = inspector.post(f"/visits/{uid}", data=typed)

    assert response.status_code == 422
    assert words in response.text
    assert "演示备注" in response.text
    assert "演示原因" in response.text
    assert count(Finding) == 0


@with_work
def test_a_file_that_is_no_photo_is_refused_by_its_number(inspector, uid):
    response = inspector.post(f"/visits/{uid}", data=answers(photos=(BytesIO(b"text"), "a.jpg")))

    assert response.status_code == 422
    assert "第 1 张照片不是完整的 JPEG" in response.text
    assert count(Finding) == 0


@with_work
def test_a_photo_is_shown_in_a_sandbox_and_looking_is_kept(inspector, uid):
    inspector.post(f"/visits/{uid}", data=answers(photos=(BytesIO(make_photo()), "a.jpg")))

    response = inspector.get(f"/visits/photo/{db.session.scalar(select(Photo.uid))}")

    assert response.content_type == "image/jpeg"
    assert response.data.startswith(b"\xff\xd8")
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["Cache-Control"] == "no-store"
    assert count(AuditEvent, AuditEvent.action == AuditAction.EVIDENCE_SHOW) == 1


@with_work
def test_another_inspectors_visit_does_not_exist(client, begun):
    visit, own = begun
    report = make_report("N2", photos=[make_photo()])
    record_finding(visit.uid, report, actor=own, at=LATER)
    photo = db.session.scalar(select(Photo.uid))
    stranger = log_in(client, make_user(Role.INSPECTOR))

    assert stranger.get(f"/visits/{visit.uid}").status_code == 404
    assert stranger.post(f"/visits/{visit.uid}", data=answers()).status_code == 404
    assert stranger.post(f"/visits/{visit.uid}/person").status_code == 404
    assert stranger.get(f"/visits/photo/{photo}").status_code == 404
    assert visit.case.code not in stranger.get("/visits/today").text


@with_work
@pytest.mark.parametrize("role", [Role.OPERATOR, Role.CLERK, Role.VERIFIER, Role.COORDINATOR])
def test_only_inspectors_have_visits(client, uid, role):
    other = log_in(client, make_user(role))

    assert other.get("/visits/today").status_code == 403
    assert other.get(f"/visits/{uid}").status_code == 403


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.SUPERVISOR, Role.CLERK])
def test_only_coordinators_plan(client, role, app):
    campaign = make_calling_campaign("V1")
    other = log_in(client, make_user(role))

    assert other.get(f"/visits/plan/{campaign.uid}").status_code == 403
    assert other.post(f"/visits/plan/{campaign.uid}/close").status_code == 403


@pytest.fixture
def coordinator(client, app):
    return log_in(client, make_user(Role.COORDINATOR))


def test_without_a_sample_the_plan_says_why_it_is_empty(coordinator):
    assert "还没有抽出样本的批次" in coordinator.get("/visits/").text


def test_the_plan_shows_the_campaign_at_work(coordinator):
    campaign = make_calling_campaign("N2", "V1", "")

    page = followed(coordinator, coordinator.get("/visits/")).text

    assert campaign.name in page
    assert "漯河市" in page
    assert "结束电话核查" in page


def test_shares_are_set_for_a_unit_and_may_not_fall(coordinator):
    campaign = make_calling_campaign("V1")
    form = {group.value: "25" for group in PhoneClass}

    coordinator.post(f"/visits/plan/{campaign.uid}/shares/{LUOHE}", data=form)
    refused = coordinator.post(
        f"/visits/plan/{campaign.uid}/shares/{LUOHE}", data=form | {"achieved": "20"}
    )

    assert refused.status_code == 422
    assert "比例只能提高；这里已承诺 25.0%" in refused.text
    assert set(db.session.scalars(select(VisitRate.share))) == {0.25}


def test_a_unit_outside_the_campaign_has_no_shares(coordinator):
    campaign = make_calling_campaign("V1")
    assert coordinator.get(f"/visits/plan/{campaign.uid}/shares/410200").status_code == 404


def test_all_shares_are_raised_to_the_proposal(coordinator):
    campaign = make_calling_campaign("V1", "V1")

    coordinator.post(f"/visits/plan/{campaign.uid}/proposed")

    assert set(db.session.scalars(select(VisitRate.share))) == {1.0}
    assert count(VisitRate) == len(PhoneClass)


def test_closing_and_assigning_lead_to_the_inspectors_list(coordinator, app):
    campaign = make_calling_campaign("N2", "V1")
    inspector = make_user(Role.INSPECTOR)

    closed = followed(coordinator, coordinator.post(f"/visits/plan/{campaign.uid}/close"))
    form = {"on_date": TODAY.isoformat()}
    given = followed(
        coordinator, coordinator.post(f"/visits/plan/{campaign.uid}/assign", data=form)
    )

    assert "随机 0 件，线索 1 件" in closed.text
    assert "已分派 1 件，剩 0 件未分派" in given.text
    assert campaign.state is CampaignState.VISITING
    page = log_in(app.test_client(), inspector).get("/visits/today").text
    assert visits_of(campaign)[0].case.code in page


def test_nothing_is_planned_for_a_past_day(coordinator):
    campaign = make_visiting_campaign("N2")
    make_user(Role.INSPECTOR)

    page = coordinator.post(f"/visits/plan/{campaign.uid}/assign", data={"on_date": "2020-01-01"})

    assert "不能把现场核查安排在过去的日期" in page.text
    assert visits_of(campaign)[0].state is VisitState.PLANNED


def test_without_an_inspector_the_plan_says_so(coordinator):
    campaign = make_visiting_campaign("N2")

    form = {"on_date": TODAY.isoformat()}
    page = followed(coordinator, coordinator.post(f"/visits/plan/{campaign.uid}/assign", data=form))

    assert "没有核查员" in page.text


def test_a_day_must_be_given(coordinator):
    campaign = make_visiting_campaign("N2")
    make_user(Role.INSPECTOR)

    response = coordinator.post(f"/visits/plan/{campaign.uid}/assign", data={"on_date": ""})

    assert response.status_code == 422
    assert visits_of(campaign)[0].state is VisitState.PLANNED


def test_the_pages_speak_english_too(coordinator):
    campaign = make_visiting_campaign("N2")
    make_user(Role.INSPECTOR)
    assign(campaign)
    coordinator.post("/language/en")

    page = coordinator.get(f"/visits/plan/{campaign.uid}").text

    assert "Share of each phone class visited at random" in page
    assert "20 % of phone-yes" in page


def followed(client, response):
    assert response.status_code == 302
    return client.get(response.location)


def count(model, *where) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0
