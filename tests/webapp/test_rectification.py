from datetime import timedelta
from io import BytesIO

import docx
import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.db import db, utcnow
from casework.estimates.runs import compute_run, request_run
from casework.visits.rectification_models import Matter, MatterState
from tests.casework.visits.factories import make_visiting_campaign
from tests.factories import LINYING, make_campaign, make_user
from tests.webapp.people import log_in
from tests.webapp.test_visits import TODAY

FORM = {
    "kind": "inquiry",
    "region": LINYING,
    "addressee": "临颍县人社局",
    "words": "请说明台账中 3 人重复登记的原因",
    "issued_on": TODAY.isoformat(),
    "due_on": (TODAY + timedelta(days=10)).isoformat(),
}


@pytest.fixture
def verifier(client):
    return log_in(client, make_user(Role.VERIFIER))


@pytest.fixture
def matter(verifier) -> Matter:
    verifier.post(f"/visits/rectification/{make_campaign().uid}/new", data=FORM)
    return db.session.scalars(select(Matter)).one()


def test_an_empty_list_offers_to_issue_something(verifier):
    page = verifier.get(f"/visits/rectification/{make_campaign().uid}").text

    assert "还没有发出" in page


def test_an_inquiry_is_issued_answered_and_closed_on_its_page(verifier, matter):
    path = f"/visits/rectification/matter/{matter.uid}"
    answer = {"step": "answer", "on": TODAY.isoformat(), "words": "系录入错误，已更正", "seen": 0}

    page = verifier.post(path, data=answer, follow_redirects=True)
    again = verifier.post(path, data=answer)
    verifier.post(path, data=answer | {"step": "close", "words": "同意销号", "seen": 1})

    assert "系录入错误，已更正" in page.text
    assert again.status_code in {409, 422}
    db.session.expire_all()
    assert db.session.get(Matter, matter.id).state is MatterState.CLOSED
    assert "已办结销号" in verifier.get(path).text


def test_what_is_late_is_marked_and_can_be_listed(verifier, matter):
    matter.issued_on, matter.due_on = TODAY - timedelta(days=9), TODAY - timedelta(days=1)
    db.session.commit()
    campaign_page = verifier.get("/visits/rectification/", follow_redirects=True).text

    assert "逾期未复：1 件" in campaign_page
    assert "逾期" in verifier.get(f"/visits/rectification/matter/{matter.uid}").text


def test_a_due_date_before_the_issue_is_refused_in_words(verifier):
    form = FORM | {"due_on": (TODAY - timedelta(days=1)).isoformat()}
    page = verifier.post(f"/visits/rectification/{make_campaign().uid}/new", data=form)

    assert page.status_code == 422
    assert "日期早于发出日期" in page.text
    assert "请说明台账中" in page.text


def test_an_extension_to_an_earlier_day_is_refused_in_words(verifier, matter):
    form = {"step": "extend", "on": TODAY.isoformat(), "words": "延期", "seen": 0}
    page = verifier.post(
        f"/visits/rectification/matter/{matter.uid}", data=form | {"due_on": TODAY.isoformat()}
    )

    assert page.status_code == 422
    assert "延期须晚于原期限" in page.text


def test_without_a_finished_run_there_is_no_circular(verifier):
    campaign = make_campaign()
    page = verifier.get(f"/visits/rectification/{campaign.uid}/circular", follow_redirects=True)

    assert "没有完成的推算可供起草" in page.text


def test_the_circular_says_the_same_on_the_page_and_in_the_document(verifier):
    campaign = make_visiting_campaign("V1", "N2")
    run = request_run(campaign.id, actor=make_user(Role.VERIFIER), at=utcnow())
    compute_run(run.uid, at=utcnow())
    late = {"issued_on": "2017-12-01", "due_on": "2017-12-02"}
    verifier.post(f"/visits/rectification/{campaign.uid}/new", data=FORM | late)

    page = verifier.get(f"/visits/rectification/{campaign.uid}/circular").text
    file = verifier.get(f"/visits/rectification/{campaign.uid}/circular.docx")

    document = docx.Document(BytesIO(file.data))
    told = [paragraph.text for paragraph in document.paragraphs]
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert all(line in page for line in told if line)
    assert "逾期未复：1 件。" in told
    assert "临颍县人社局" in cells
    assert "演示2" not in page

    kept = verifier.post(
        f"/visits/rectification/{campaign.uid}/circular",
        data={"words": "# 演示标题\n演示正文", "seen": "0"},
        follow_redirects=True,
    )
    assert "第 1 稿" in kept.text
    file = verifier.get(f"/visits/rectification/{campaign.uid}/circular.docx")
    told = [paragraph.text for paragraph in docx.Document(BytesIO(file.data)).paragraphs]
    assert {"演示标题", "演示正文", "附表"} <= set(told)
    assert "逾期未复：1 件。" not in told
