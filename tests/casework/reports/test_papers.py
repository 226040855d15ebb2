"""What papers say and how they look, on one engine: nothing here depends on the database."""

import io
import zipfile

import docx
import pytest
from flask import current_app
from openpyxl import load_workbook

from casework.db import db
from casework.ledgers.projects import Project
from casework.regions.models import Region
from casework.reports.models import HandoutKind, HandoutState
from casework.visits.models import VisitReason
from tests.casework.estimates.factories import (
    LUOHE,
    WUYANG,
    Said,
    computed,
    make_released_campaign,
    make_stratum,
    set_target,
)
from tests.casework.reports.endings import assert_ends
from tests.casework.reports.test_handouts import file_of, made, make_run, words_of
from tests.factories import LANKAO, NOON
from tests.grounds import rolled_back

ODD = "<b>&#$ #eval(1) *x* _y_ @z 很长的企业名称" * 4


@pytest.fixture(scope="module")
def run(shared_app):
    with shared_app("sqlite").app_context(), rolled_back():
        yield make_run()


def test_the_report_says_the_figures_of_the_run_and_names_it(run):
    words = words_of(file_of(made(run, HandoutKind.REPORT_WORD)))

    assert "河南省2017年度就业目标任务完成情况核查报告" in words
    for heading in ("一、核查基本情况", "（一）核查范围", "三、存在的问题", "五、有关说明"):
        assert heading in words
    assert "其中 7 条到现场核查" in words
    assert run.input_digest in words
    assert run.uid in words
    assert "失业人员再就业" in words
    assert "漯河市" in words
    assert "兰考县" in words
    assert "2018年1月15日" in words
    assert "按样本模拟" in words
    assert "表4　抽样误差与未知部分" in words
    assert "中期结果" not in words


def test_the_report_names_the_county_for_which_a_unit_is_not_complete(run):
    campaign = make_released_campaign(units=(LUOHE, LANKAO))
    make_stratum(campaign, Said(times=6), frame_size=6)
    make_stratum(campaign, Said(site="V1", reason=VisitReason.RANDOM), frame_size=1, region=WUYANG)
    set_target(campaign, WUYANG, 5, Project.RE_EMPLOYMENT)
    report = docx.Document(io.BytesIO(file_of(made(computed(campaign), HandoutKind.REPORT_WORD))))

    tables = [[[cell.text for cell in row.cells] for row in each.rows] for each in report.tables]
    (unmet,) = [rows for rows in tables if rows[0][:2] == ["地区", "所属填报单位"]]
    assert unmet[1:] == [["舞阳县", "漯河市", "失业人员再就业", unmet[1][3]]]
    assert unmet[1][3].endswith("台账数低于任务数")


def test_each_remark_says_which_figures_it_concerns(run):
    report = docx.Document(io.BytesIO(file_of(made(run, HandoutKind.REPORT_WORD))))
    remarks = {row.cells[0].text: row.cells[1].text for row in report.tables[-2].rows}

    assert remarks["备注"] == "所涉数字"
    assert remarks["每条记录均已查实，未作推算。"] == "兰考县（失业人员再就业）"
    loose = [each.text for each in report.paragraphs if each.text in remarks]
    assert loose == []


def test_a_report_names_every_interval_it_shows_and_that_nobody_signed_it(run):
    content = file_of(made(run, HandoutKind.REPORT_WORD))
    header = docx.Document(io.BytesIO(content)).sections[0].header.paragraphs[0].text

    assert "样本全部查实的单一层用超几何 mid-p，其余用Jeffreys（封顶）" in words_of(content)
    assert "草稿，未签署" in header


def test_the_heads_of_a_table_come_again_on_every_page_and_fonts_are_the_official_ones(run):
    content = file_of(made(run, HandoutKind.REPORT_WORD))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        body = archive.read("word/document.xml").decode()
        pictures = [name for name in archive.namelist() if name.startswith("word/media/")]
    paper = docx.Document(io.BytesIO(content))

    assert body.count("<w:tblHeader/>") == len(paper.tables)
    assert 'w:eastAsia="仿宋_GB2312"' in body
    assert 'w:eastAsia="黑体"' in body
    assert len(pictures) == 1
    assert 'descr="' in body


def test_papers_speak_the_language_of_whoever_asked(run):
    words = words_of(file_of(made(run, HandoutKind.NOTICE_WORD, language="en")))

    assert "Notice of the result of verification" in words
    assert "核查结果" not in words


def test_an_interim_run_is_marked_on_every_page_and_so_are_secret_and_fictitious_data(run):
    current_app.config["DEMO"] = True
    try:
        content = file_of(made(make_run(interim=True), HandoutKind.REPORT_WORD, at=NOON))
    finally:
        current_app.config["DEMO"] = False
    header = docx.Document(io.BytesIO(content)).sections[0].header.paragraphs[0].text

    assert "演示数据" in header
    assert "中期结果" in header
    assert "2018年1月15日 前不得公开" in header


def test_a_region_without_a_case_gets_a_paper_that_says_so(run):
    campaign = make_released_campaign(units=(LUOHE, LANKAO))
    make_stratum(campaign, Said(times=2), frame_size=4)
    set_target(campaign, LANKAO, 5, Project.RE_EMPLOYMENT)
    run = computed(campaign)
    words = words_of(file_of(made(run, HandoutKind.REPORT_WORD, region=LANKAO)))

    assert "本地区没有已释放的个案" in words
    workbook = load_workbook(io.BytesIO(file_of(made(run, HandoutKind.ANNEX, region=LANKAO))))
    head, last = list(workbook["个案"].iter_rows(values_only=True))
    assert head[0] == "个案"
    assert last[0].startswith("共 0 行；SHA-256 ")


@pytest.mark.parametrize("kind", [HandoutKind.ANNEX, HandoutKind.WEEKLY_SHEET])
def test_each_sheet_that_is_handed_out_ends_with_its_rows_and_their_digest(run, kind):
    for sheet in load_workbook(io.BytesIO(file_of(made(run, kind)))):
        rows = list(sheet.iter_rows(values_only=True))
        heads, figure = (5, 7) if kind is HandoutKind.WEEKLY_SHEET else (1, 1)
        filled = [row for row in rows[heads:] if row[figure] is not None]
        if sheet.title == "个案":
            assert len(filled) == 11  # of every case that was sampled and opened
        assert_ends(filled, rows[-1][0])


def test_markup_in_names_is_text_in_every_form(run):
    db.session.get_one(Region, WUYANG).name = ODD
    run.campaign.name = ODD
    db.session.commit()

    assert ODD in words_of(file_of(made(run, HandoutKind.REPORT_WORD, region=LUOHE)))
    assert made(run, HandoutKind.REPORT_PDF, region=LUOHE).state is HandoutState.DONE
    assert made(run, HandoutKind.NOTICE_PDF, region=WUYANG).state is HandoutState.DONE
