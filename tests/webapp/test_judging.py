"""The pages on which a run is judged, and those on which regions see results and object."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import select, text

from casework.accounts.roles import Role
from casework.campaigns.models import Campaign
from casework.cases.models import Case
from casework.db import db
from casework.estimates.judging_models import Objection, ObjectionFile, Override
from casework.estimates.models import EstimateRun
from casework.estimates.runs import compute_run, request_run
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from casework.reports.models import Handout
from casework.visits.models import VisitReason
from tests.casework.estimates.factories import (
    FOUND,
    LINYING,
    WUYANG,
    Said,
    computed,
    make_released_campaign,
    make_stratum,
    set_target,
)
from tests.factories import LANKAO, LUOHE, NOON, make_user
from tests.grounds import begins_with
from tests.webapp.people import log_in
from webapp.reports.making import make_handout

P1, RANDOM = Project.RE_EMPLOYMENT, VisitReason.RANDOM


def make_survey() -> tuple[Campaign, EstimateRun]:
    campaign = make_released_campaign(units=(LUOHE,))
    make_stratum(campaign, Said(site="V1", reason=RANDOM, times=24), frame_size=24)
    make_stratum(campaign, Said(site="V1", reason=RANDOM), frame_size=1, region=WUYANG)
    for region, persons in ((LUOHE, 24), (LINYING, 20), (WUYANG, 2)):
        set_target(campaign, region, persons, P1)
    return campaign, computed(campaign)


pytestmark = begins_with(make_survey)


@pytest.fixture
def campaign(begun):
    return begun[0]


@pytest.fixture
def run(begun):
    return begun[1]


def someone(app, role, region=PROVINCE):
    return log_in(app.test_client(), make_user(role, region=region))


@pytest.fixture
def verifier(app):
    return someone(app, Role.VERIFIER)


def act(client, path, **data):
    response = client.post(path, data=data)
    assert response.status_code == 302, response.text
    return response


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_a_run_opens_in_both_languages(campaign, run, verifier, language):
    other = computed(campaign)
    verifier.post(f"/language/{language}", data={"next": "/"})
    for page in ("judgement", "statement", f"beside/{run.uid}", f"beside/{run.uid}?show=all"):
        response = verifier.get(f"/estimates/runs/{other.uid}/{page}")
        assert response.status_code == 200
        assert "None" not in re.sub(r"<[^>]*>", "", response.text), page
        foot = re.search(r'data-print-line="([^"]+)"', response.text)[1]  # of every printed sheet
        assert other.input_digest[:16] in foot
    assert verifier.get("/objections/").status_code == 200


def test_cases_and_intervals_that_differ_between_two_runs_are_shown(campaign, run, verifier):
    make_stratum(campaign, Said(site="N1", reason=RANDOM), frame_size=9, region="411103")
    other = request_run(
        campaign.id, actor=make_user(Role.VERIFIER), at=NOON, interval="wilson_capped"
    )
    compute_run(other.uid, at=NOON)
    page = verifier.get(f"/estimates/runs/{other.uid}/beside/{run.uid}?cases=all").text
    cases = page[(at := page.index('id="cases"')) : page.index("</table>", at)]
    assert cases.count('<td class="mono') == 1
    assert "本次没有" in cases
    assert "N1 " in cases


def test_what_came_in_after_a_run_is_marked_on_the_page_of_its_case(campaign, run, verifier):
    """The run is of noon; the visit of its only case was told two days later."""
    case = db.session.scalars(select(Case).where(Case.region_code == WUYANG)).one()
    late = request_run(campaign.id, actor=make_user(Role.VERIFIER), at=NOON)
    compute_run(late.uid, at=NOON + timedelta(days=9))
    for uid, marked in ((run.uid, True), (late.uid, False)):
        page = verifier.get(f"/estimates/runs/{uid}/cases/{case.uid}").text
        assert ("本次推算之后，此件又有新的核查结论" in page) is marked
        assert ("推算之后，未计入本次" in page) is marked
        page = verifier.get(f"/estimates/runs/{uid}/judgement").text
        assert ("推算之后又有核查结论的个案：25 件" in page) is marked


def test_why_a_province_is_not_complete_is_said_line_by_line(run, verifier):
    page = verifier.get(f"/estimates/runs/{run.uid}/judgement").text
    assert re.search(r"未完成：[^<]*舞阳县[^<]* 失业人员再就业", page)


def test_a_run_goes_round_is_signed_and_published(campaign, verifier, app):
    run = computed(campaign, at=FOUND + timedelta(days=1))
    base = f"/estimates/runs/{run.uid}"
    assert "送签" in verifier.get(f"{base}/judgement").text
    assert verifier.post(f"{base}/round", data={"day": "2000-01-01"}).status_code == 422
    assert verifier.post(f"{base}/round", data={"day": "soon"}).status_code == 400
    act(verifier, f"{base}/round", day="2999-01-01")
    city = someone(app, Role.VERIFIER, LUOHE)
    act(city, f"{base}/signatures/{LUOHE}")
    told = verifier.post(f"{base}/signatures/{LUOHE}")
    assert told.status_code == 409
    assert "只保留一个签名" in told.text
    act(verifier, f"{base}/signatures/{PROVINCE}")
    act(verifier, f"{base}/publication", day="2999-01-01")
    page = verifier.get(f"{base}/judgement").text
    assert "已公布" in page
    assert "2999-01-01" in page


def test_who_signs_a_run_with_later_findings_ticks_their_number(run, verifier):
    base = f"/estimates/runs/{run.uid}"
    act(verifier, f"{base}/round", day="2999-01-01")

    page = verifier.get(f"{base}/judgement").text
    refused = verifier.post(f"{base}/signatures/{LUOHE}")

    assert '<input class="form-check-input" type="checkbox" id="later-411100" name="later"' in page
    assert refused.status_code == 409
    assert "推算之后又有核查结论的个案：25 件，与确认的件数不符" in refused.text
    act(verifier, f"{base}/signatures/{LUOHE}", later="25")


def test_an_interim_run_is_marked_everywhere_and_not_sent_round(campaign, verifier):
    make_stratum(campaign, Said(phone=None), frame_size=3, region="411103")
    run = computed(campaign)
    base = f"/estimates/runs/{run.uid}"
    for page in (
        f"{base}/judgement",
        f"{base}/statement",
        f"{base}/regions/{PROVINCE}",
        f"{base}/regions/{LUOHE}/re_employment",
        f"{base}/regions/{LUOHE}/re_employment/cases",
        "/estimates/",
    ):
        assert "中间结果" in verifier.get(page).text, page
    assert verifier.post(f"{base}/round", data={"day": "2999-01-01"}).status_code == 409


def test_two_people_override_and_every_page_says_so(run, verifier, app):
    base = f"/estimates/runs/{run.uid}"
    where = f"{base}/regions/{WUYANG}/re_employment"
    data = {"region": WUYANG, "project": "re_employment", "decision": "met", "reason": "演示理由"}
    act(verifier, f"{base}/overrides", **data)
    override = db.session.scalars(select(Override)).one()
    settle = f"{base}/overrides/{override.uid}"
    page = f"{base}/judgement"
    for host, leads_back in (("localhost", True), ("elsewhere.example", False)):
        before = {"Referer": f"http://{host}{page}"}
        refused = verifier.post(settle, data={"answer": "confirm"}, headers=before)
        assert refused.status_code == 409
        assert (f'href="{page}"' in refused.text) is leads_back
    assert "改判待第二人确认" in verifier.get(where).text
    act(someone(app, Role.VERIFIER), settle, answer="confirm")
    assert "由两人改判" in verifier.get(where).text
    assert "由两人改判" in verifier.get(f"{base}/regions/{LUOHE}").text
    assert "未完成：" not in verifier.get(f"{base}/judgement").text


def test_a_county_objects_and_downloads_its_own_evidence(run, verifier, app):
    act(verifier, f"/estimates/runs/{run.uid}/round", day="2999-01-01")
    clerk = someone(app, Role.CLERK, WUYANG)
    assert "本地区尚无结果" in clerk.get("/objections/").text
    db.session.execute(text("UPDATE run_standing SET announced_on = '2018-01-20'"))
    db.session.commit()
    page = clerk.get("/objections/").text
    assert "舞阳县" in page
    assert "临颍县" not in page
    assert "P1-0" not in page
    data = {
        "region": WUYANG,
        "project": "re_employment",
        "text": "演示：台账漏报",
        "files": (BytesIO(b"%PDF-1.7 x"), "演示.pdf"),
    }
    wrong = data | {"files": (BytesIO(b"MZ"), "演示.exe")}
    refused = clerk.post(f"/objections/runs/{run.uid}", data=wrong)
    assert refused.status_code == 422
    assert ">演示：台账漏报</textarea>" in refused.text
    assert db.session.scalars(select(Objection)).all() == []
    act(clerk, f"/objections/runs/{run.uid}", **data)
    objection = db.session.scalars(select(Objection)).one()
    file = db.session.scalars(select(ObjectionFile)).one()
    sent = clerk.get(f"/objections/files/{file.uid}")
    assert sent.data == b"%PDF-1.7 x"
    assert sent.headers["Content-Disposition"].startswith("attachment")
    neighbour = someone(app, Role.CLERK, LINYING)
    assert neighbour.get(f"/objections/files/{file.uid}").status_code == 404
    assert clerk.post(f"/objections/{objection.uid}/answer", data={"text": "x"}).status_code == 403
    act(verifier, f"/objections/{objection.uid}/answer", text="演示：已核实")
    assert verifier.post(f"/objections/{objection.uid}/close").status_code == 409
    act(someone(app, Role.VERIFIER), f"/objections/{objection.uid}/close")
    assert "演示：已核实" in clerk.get("/objections/").text


def test_a_county_fetches_its_own_notice_and_no_other(run, verifier, app):
    act(verifier, f"/estimates/runs/{run.uid}/round", day="2999-01-01")
    clerk, ask = someone(app, Role.CLERK, WUYANG), f"/reports/own/runs/{run.uid}"
    assert clerk.post(ask, data={"region": WUYANG}).status_code == 404  # before its day
    db.session.execute(text("UPDATE run_standing SET announced_on = '2018-01-20'"))
    db.session.commit()
    assert "生成核查结果告知书" in clerk.get("/objections/").text
    for region in (LINYING, LUOHE, PROVINCE):
        assert clerk.post(ask, data={"region": region}).status_code == 404
    act(clerk, ask, region=WUYANG)
    notice = db.session.scalars(select(Handout)).one()
    assert clerk.get(f"/reports/own/{notice.uid}/file").status_code == 404  # not made yet
    make_handout(notice.uid)

    page = clerk.get("/objections/").text
    assert f"/reports/own/{notice.uid}/file" in page
    assert "生成核查结果告知书" not in page
    with clerk.get(f"/reports/own/{notice.uid}/file") as file:
        assert file.data[:4] == b"%PDF"
    neighbour = someone(app, Role.CLERK, LINYING)
    assert neighbour.get(f"/reports/own/{notice.uid}/file").status_code == 404
    assert clerk.get(f"/reports/{notice.uid}/file").status_code == 403


@pytest.mark.both_engines
def test_evidence_that_was_altered_is_said_to_be(run, verifier, app):
    act(verifier, f"/estimates/runs/{run.uid}/round", day="2999-01-01")
    db.session.execute(text("UPDATE run_standing SET announced_on = '2018-01-20'"))
    db.session.commit()
    clerk = someone(app, Role.CLERK, WUYANG)
    data = {"region": WUYANG, "project": "re_employment", "text": "演示"}
    act(clerk, f"/objections/runs/{run.uid}", **data, files=(BytesIO(b"%PDF-1.7 x"), "a.pdf"))
    file = db.session.scalars(select(ObjectionFile)).one()
    connection = db.session.connection()
    of = " ON objection_file" if connection.dialect.name == "postgresql" else ""
    connection.execute(text(f"DROP TRIGGER guard_objection_file_update{of}"))
    file.content_sealed = file.content_sealed[:-1] + b"\0"
    db.session.commit()
    answer = verifier.get(f"/objections/files/{file.uid}")
    assert answer.status_code >= 400
    assert "Traceback" not in answer.text


def test_a_coordinator_sends_round_and_signs_nothing(run, app):
    coordinator = someone(app, Role.COORDINATOR)
    base = f"/estimates/runs/{run.uid}"
    act(coordinator, f"{base}/round", day="2999-01-01")
    assert coordinator.post(f"{base}/signatures/{LUOHE}").status_code == 403
    assert coordinator.post(f"{base}/overrides").status_code == 403
    assert LANKAO not in coordinator.get(f"{base}/judgement").text
