"""The verifier's pages, by role and region."""

import re

import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.campaigns.models import Campaign, CampaignKind
from casework.cases.models import Case, PhoneClass
from casework.db import db
from casework.estimates.models import EstimateRow, EstimateRun, RunState
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from casework.visits.models import VisitReason
from tests.casework.estimates.factories import (
    LINYING,
    WUYANG,
    Said,
    add_attempt,
    computed,
    enter_desk,
    make_released_campaign,
    make_stratum,
    set_target,
)
from tests.factories import LANKAO, LUOHE, NOON, make_user
from tests.grounds import begins_with, nothing
from tests.webapp.people import log_in
from webapp.estimates.words import reason

P0, P1, P3 = Project.NEW_EMPLOYMENT, Project.RE_EMPLOYMENT, Project.OVERCAPACITY
RANDOM, LEAD = VisitReason.RANDOM, VisitReason.LEAD


def make_survey() -> Campaign:
    campaign = make_released_campaign(projects=(P0, P1, P3), units=(LUOHE, LANKAO))
    make_stratum(
        campaign,
        Said(site="V1", reason=RANDOM, times=20),
        Said(site="N1", reason=RANDOM, times=2),
        Said(times=10),
        Said(PhoneClass.NOT_ACHIEVED, "N4", LEAD, times=3),
        Said(PhoneClass.REFUSED, "V1", RANDOM, times=2),
        Said(PhoneClass.REFUSED, times=3),
        frame_size=120,
    )
    make_stratum(campaign, Said(times=5), frame_size=40, region=WUYANG)
    make_stratum(
        campaign, Said(site="V1", reason=RANDOM, times=3), frame_size=3, region=LANKAO, unit=LANKAO
    )
    for region, persons in ((LUOHE, 130), (LINYING, 119), (WUYANG, 50), (LANKAO, 3)):
        set_target(campaign, region, persons, P1)
    enter_desk(campaign, LANKAO, met=True)
    return campaign


def make_computed_survey() -> EstimateRun:
    return computed(make_survey())


pytestmark = begins_with(make_computed_survey)


@pytest.fixture
def run(begun):
    return begun


@pytest.fixture
def campaign(begun):
    return begun


@pytest.fixture
def verifier(client, app):
    return log_in(client, make_user(Role.VERIFIER))


@pytest.fixture
def city_verifier(client, app):
    return log_in(client, make_user(Role.VERIFIER, region=LUOHE))


def paths(run: EstimateRun) -> dict[str, str]:
    case = db.session.scalars(select(Case).where(Case.region_code == LINYING).limit(1)).one()
    base = f"/estimates/runs/{run.uid}"
    return {
        "index": "/estimates/",
        "province": f"{base}/regions/{PROVINCE}",
        "unit": f"{base}/regions/{LUOHE}",
        "county": f"{base}/regions/{LINYING}",
        "total": f"{base}/regions/{PROVINCE}/re_employment",
        "figure": f"{base}/regions/{LINYING}/re_employment",
        "cases": f"{base}/regions/{LINYING}/re_employment/cases",
        "case": f"{base}/cases/{case.uid}",
    }


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_verifier_sees_every_page_in_both_languages(run, verifier, language):
    verifier.post(f"/language/{language}", data={"next": "/"})
    for path in paths(run).values():
        response = verifier.get(path)
        assert response.status_code == 200, path
        assert "None" not in re.sub(r"<[^>]*>", "", response.text), path


def test_the_province_says_in_words_who_is_not_complete(run, verifier):
    page = verifier.get(paths(run)["province"]).text
    assert "河南省未全面完成" in page
    assert "未完成：漯河市" in page


def test_every_figure_of_the_table_leads_to_its_evidence(run, verifier):
    page = verifier.get(paths(run)["unit"]).text
    cells = re.findall(r'<td class="num">(.*?)</td>', page)
    assert cells
    for cell in cells:
        link = re.search(r'href="([^"]+)"', cell)
        assert link, cell
        assert verifier.get(link[1]).status_code == 200


def test_four_clicks_lead_from_the_province_to_an_attempt(run, verifier):
    case = db.session.scalars(
        select(Case).where(Case.region_code == LINYING).order_by(Case.code).limit(1)
    ).one()
    registered = {"A1": {"keys": ["2"], "words": "演示原话", "at": NOON.isoformat()}}
    add_attempt(case, disposition="41", outcome="", answers=registered)
    page, clicks = verifier.get(paths(run)["province"]).text, 0
    for step in (
        rf'href="([^"]+/regions/{LUOHE})"',
        rf'href="([^"]+/regions/{LINYING}/re_employment)"',
        rf'href="([^"]+)"[^>]*>{case.code}<',
    ):
        link = re.search(step, page)
        assert link, step
        page, clicks = verifier.get(link[1]).text, clicks + 1
    assert clicks <= 4
    assert "第 1 次拨打" in page
    assert "41 " in page
    assert "A1 登记：没办过、演示原话" in page
    assert "演示：本人接听" in page
    assert "现场结论" in page


def test_the_arithmetic_is_written_out(run, verifier):
    page = verifier.get(paths(run)["figure"]).text
    # 32 said yes, 20 of the 22 seen were true; of 5 who refused both seen were true; no lead was.
    assert f"{32 * 20 / 22 + 5:.1f} ÷ 40 × 120 = {(32 * 20 / 22 + 5) * 3:.1f}" in page
    assert "其余 3 人" in page
    assert "不应入账" in page


def test_the_filter_leaves_only_what_is_asked_for(run, verifier):
    page = verifier.get(paths(run)["province"] + "?decision=not_met").text
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    assert "漯河市" in table
    assert "兰考县" not in table
    page = verifier.get(paths(run)["province"] + "?decision=no_task&project=re_employment").text
    assert "没有这样认定的地区" in page


def test_why_a_unit_is_decided_so_stands_beside_it(run, verifier):
    page = verifier.get(paths(run)["province"] + f"?chosen={LUOHE}").text
    assert "漯河市为什么这样认定" in page
    assert "所辖地区：舞阳县" in page
    assert "统筹员尚未录入结果" in page


def test_a_city_verifier_starts_at_the_own_unit(run, city_verifier):
    response = city_verifier.get(f"/estimates/runs/{run.uid}")
    assert response.location.endswith(f"/regions/{LUOHE}")
    page = city_verifier.get(response.location)
    assert page.status_code == 200
    assert "全省" not in page.text


def test_another_unit_does_not_exist_for_a_city_verifier(run, city_verifier):
    foreign = db.session.scalars(select(Case).where(Case.region_code == LANKAO).limit(1)).one()
    base = f"/estimates/runs/{run.uid}"
    for path in (
        f"{base}/regions/{PROVINCE}",
        f"{base}/regions/{LANKAO}",
        f"{base}/regions/{LANKAO}/re_employment",
        f"{base}/regions/{LANKAO}/re_employment/cases",
        f"{base}/cases/{foreign.uid}",
    ):
        assert city_verifier.get(path).status_code == 404, path
    data = {"purpose": "verification"}
    assert (
        city_verifier.post(f"/estimates/cases/{foreign.uid}/person", data=data).status_code == 404
    )


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.CLERK, Role.INSPECTOR, Role.ADMINISTRATOR])
def test_other_roles_see_no_estimate(run, client, role):
    log_in(client, make_user(role))
    for path in paths(run).values():
        assert client.get(path).status_code == 403, path


def test_a_coordinator_sees_figures_and_no_case(run, client):
    log_in(client, make_user(Role.COORDINATOR))
    where = paths(run)
    page = client.get(where["figure"])
    assert page.status_code == 200
    assert "P1-0" not in page.text
    assert client.get(where["cases"]).status_code == 403
    assert client.get(where["case"]).status_code == 403


@begins_with(make_survey)
def test_computing_from_the_page(campaign, verifier, app, work_off):
    response = verifier.post(f"/estimates/campaigns/{campaign.uid}/runs")
    waiting = verifier.get(response.location)
    assert "正在推算" in waiting.text
    assert 'hx-get="/estimates/runs/' in waiting.text
    work_off(app)
    found = db.session.scalars(select(EstimateRun)).one()
    assert found.state is RunState.DONE
    assert verifier.get(f"{response.location}/progress").headers["HX-Redirect"]
    assert verifier.get(response.location).location.endswith(PROVINCE)


@begins_with(make_survey)
def test_a_failed_run_says_why(campaign, verifier):
    make_stratum(campaign, Said(times=3), frame_size=2, region="411103")
    failed = computed(campaign)
    page = verifier.get(f"/estimates/runs/{failed.uid}").text
    assert "没有留下任何数字" in page
    assert "has 3 cases but 2 entries" in page
    assert verifier.get(f"/estimates/runs/{failed.uid}/regions/{PROVINCE}").status_code == 404


@begins_with(make_survey)
def test_an_unknown_interval_is_refused(campaign, verifier):
    data = {"interval": "magic"}
    path = f"/estimates/campaigns/{campaign.uid}/runs"
    assert verifier.post(path, data=data).status_code == 400


def test_a_person_is_covered_until_a_purpose_is_given(run, verifier):
    where = paths(run)["case"]
    page = verifier.get(where).text
    assert "演**" in page or "演*" in page
    assert "410102198503159912" not in page
    person = f"/estimates/cases/{where.rsplit('/', 1)[1]}/person"
    assert verifier.post(person, data={"purpose": "curiosity"}).status_code == 400
    shown = verifier.post(person, data={"purpose": "complaint"}).text
    assert "410102198503159912" in shown
    kept = db.session.scalars(
        select(AuditEvent).where(AuditEvent.action == AuditAction.PERSON_REVEAL)
    ).one()
    assert kept.purpose == "complaint"


@begins_with(nothing)
def test_before_anything_is_computed_the_pages_say_so(verifier):
    assert "本地区没有核查批次" in verifier.get("/estimates/").text
    make_released_campaign(units=(LANKAO,))
    assert "还没有推算" in verifier.get("/estimates/").text


@begins_with(nothing)
def test_a_campaign_without_one_case_still_has_a_page(verifier):
    campaign = make_released_campaign(units=(LANKAO,))
    set_target(campaign, LANKAO, 5, P1)
    empty = computed(campaign)
    page = verifier.get(f"/estimates/runs/{empty.uid}/regions/{LANKAO}/re_employment")
    assert page.status_code == 200
    assert "台账没有已提交的记录" in page.text
    assert "没有个案" in page.text


def test_unknown_addresses_are_not_found(run, verifier):
    base = f"/estimates/runs/{run.uid}"
    for path in (
        f"/estimates/runs/{'0' * 32}",
        f"{base}/regions/999999",
        f"{base}/regions/{PROVINCE}/magic",
        f"{base}/regions/{LUOHE}/overcapacity",
        f"{base}/cases/{'0' * 32}",
        f"/estimates/photos/{'0' * 32}",
    ):
        assert verifier.get(path).status_code == 404, path


def test_an_undetermined_figure_says_what_holds_it_back(run, verifier):
    """舞阳县 has five unaudited answers of its own; its neighbour's audits are lent to it."""
    page = verifier.get(f"/estimates/runs/{run.uid}/regions/{WUYANG}/re_employment").text
    assert "借用全单位的属实率" in page
    assert "未完成：台账数低于任务数" in page


def test_new_employment_is_headed_as_called_where_its_people_are_called(run, verifier, app):
    desk = verifier.get(paths(run)["province"]).text
    authenticity = make_released_campaign(projects=(P0, P1), units=(LUOHE,))
    authenticity.kind = CampaignKind.AUTHENTICITY
    db.session.commit()
    make_stratum(authenticity, Said(times=20), frame_size=40, project=P0)
    set_target(authenticity, LUOHE, 30, P0)

    called = verifier.get(paths(computed(authenticity))["province"]).text

    assert "台账审核认定" in desk
    assert "台账审核认定" not in called


@pytest.mark.parametrize(
    ("decision", "limits", "said"),
    [
        ("not_met", (0.36, 1.02), "认定规则"),
        ("met", (0.98, 1.1), "认定规则"),
        ("not_met", (0.2, 0.9), ""),
        ("met", (1.0, 1.0), ""),
        ("undetermined", (0.36, 1.02), "区间跨过任务线"),
    ],
)
def test_a_decision_beside_limits_that_cross_the_task_line_says_by_what(
    app, decision, limits, said
):
    low, high = limits
    row = EstimateRow(decision=decision, flags=[], rate_low=low, rate_high=high)
    with app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        assert said in reason(row)
        assert bool(reason(row)) == bool(said)
