"""The weekly table counts the frame: by place, by project, the week apart from the year."""

import io
from datetime import date

import pytest
from openpyxl import load_workbook

from casework.accounts.roles import Role
from casework.campaigns.frame import freeze_frame, request_freeze
from casework.campaigns.models import CampaignState
from casework.db import db
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from casework.reports.models import HandoutKind, HandoutState
from tests.casework.estimates.factories import computed
from tests.casework.reports.test_handouts import file_of, made
from tests.conftest import rolled_back
from tests.factories import (
    LANKAO,
    LINYING,
    LUOHE,
    NOON,
    make_campaign,
    make_entries,
    make_ledger,
    make_user,
)

IN_THE_WEEK, LAST_SUNDAY = date(2017, 11, 27), date(2017, 11, 26)  # the ledgers end on the 30th
EMPTY = [None] * 6


@pytest.fixture(scope="module")
def run(shared_app):
    with shared_app("sqlite").app_context(), rolled_back():
        for region, entries, started in (
            (LINYING, 3, IN_THE_WEEK),
            (LINYING, 4, LAST_SUNDAY),
            (LUOHE, 1, IN_THE_WEEK),
            (LUOHE, 2, None),
            (LANKAO, 5, IN_THE_WEEK),
        ):
            ledger = make_ledger(Project.RE_EMPLOYMENT, region=region)
            make_entries(ledger, entries, started_on=started)
        campaign = make_campaign(projects=(Project.RE_EMPLOYMENT,), units=(LUOHE, LANKAO))
        request_freeze(campaign.id, actor=make_user(Role.COORDINATOR), at=NOON)
        freeze_frame(campaign.uid, at=NOON)
        campaign.state = CampaignState.CALLING
        db.session.commit()
        yield computed(campaign)


def sheet_of(run, region):
    content = file_of(made(run, HandoutKind.WEEKLY_SHEET, region=region))
    return list(load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))


def test_a_city_lists_itself_and_its_counties_under_their_sum(run):
    rows = sheet_of(run, LUOHE)
    counts = {row[0]: row for row in rows[5:]}

    assert rows[1][0] == "城镇新增就业人员实名制登记统计情况周调度（汇总）表"
    assert rows[2][5] == "2017年11月第4周"
    assert [cell for cell in rows[3] if cell][3] == "失业人员再就业人数"
    assert counts["合计"][7:9] == (4, 10)
    assert counts["漯河市本级"][7:9] == (1, 3)
    assert counts["临颍县"][7:9] == (3, 7)
    assert counts["舞阳县"][7:9] == (0, 0)


def test_what_is_not_known_is_empty_and_said(run):
    rows = sheet_of(run, LUOHE)
    notes = "".join(row[0] or "" for row in rows)

    assert rows[5][1:7] == ("未采集",) * 6
    assert list(rows[6][1:7]) == EMPTY
    assert "自然减员不在台账内" in notes
    assert "没有核准台账、因而留空的项目：城镇新就业人员、就业困难人员就业人数" in notes
    assert "另有 2 人没有就业（安置）日期" in notes
    assert rows[-1][0].startswith("共 7 行；SHA-256 ")


def test_the_province_lists_its_units_with_what_lies_in_them(run):
    counts = {row[0]: row for row in sheet_of(run, PROVINCE)[5:]}

    assert counts["合计"][7:9] == (9, 15)
    assert counts["漯河市"][7:9] == (4, 10)
    assert counts["兰考县"][7:9] == (5, 5)
    assert "河南省本级" not in counts


def test_it_is_set_on_paper_too_in_either_language(run):
    for language in ("zh", "en"):
        handout = made(run, HandoutKind.WEEKLY_PDF, language=language)
        assert handout.state is HandoutState.DONE
        assert file_of(handout)[:4] == b"%PDF"
