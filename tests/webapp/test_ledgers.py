import io
import re
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.db import db
from casework.ledgers.models import Ledger, LedgerState
from casework.ledgers.projects import Project
from tests.casework.ledgers.builders import OTHER_WOMAN, WOMAN, row, saved, titles
from tests.casework.ledgers.uploads import XUCHANG, book_of, entries_of, make_clerk
from tests.casework.ledgers.uploads import people as some_people
from tests.factories import LINYING, make_drawn_campaign, make_entries, make_ledger, make_user
from tests.webapp.people import log_in


@pytest.fixture
def clerk(app) -> User:
    return make_clerk()


@pytest.fixture
def desk(client, clerk) -> FlaskClient:
    return log_in(client, clerk)


def upload(client: FlaskClient, content: bytes, name: str = "演示台账.xlsx", **changes: Any):
    fields = {
        "project": "re_employment",
        "region": XUCHANG,
        "year": "2017",
        "period_end": "2017-11-30",
        "file": (io.BytesIO(content), name),
    } | changes
    return client.post("/ledgers/", data=fields)


@pytest.fixture
def hand_in(app, desk, work_off):
    """Upload a file as the clerk and let the worker check it; return the ledger's id."""

    def act(content: bytes, name: str = "演示台账.xlsx", **changes: Any) -> int:
        answer = upload(desk, content, name, **changes)
        assert answer.status_code == 302, answer.text
        work_off(app)
        return int(answer.location.rsplit("/", 1)[-1])

    return act


def ledgers() -> list[Ledger]:
    return list(db.session.scalars(select(Ledger)))


def faulty_book() -> bytes:
    return book_of(
        row(id_no=WOMAN), row(id_no=OTHER_WOMAN, name=""), row(id_no=WOMAN, name="演示丙")
    )


class TestTheDay:
    def test_from_the_file_to_the_entries(self, app, desk, hand_in, work_off):
        number = hand_in(faulty_book())
        page = desk.get(f"/ledgers/{number}").text
        assert "还不能提交：2 行有错误。" in page
        assert "姓名不能为空" in page

        desk.post(
            f"/ledgers/{number}/removals", data={"places": "3:再就业", "removal_class": "invalid"}
        )
        desk.post(f"/ledgers/{number}/removals/all")
        assert "已没有错误的行" in desk.get(f"/ledgers/{number}").text
        desk.post(f"/ledgers/{number}/acceptance")
        work_off(app)

        assert "本份台账计入 1 人" in desk.get(f"/ledgers/{number}").text
        assert [entry.name for entry in entries_of(ledgers()[0])] == ["刘晓燕"]

    def test_the_page_asks_until_the_work_is_done(self, app, desk, work_off):
        address = upload(desk, faulty_book()).location
        assert f'hx-get="{address}/progress"' in desk.get(address).text
        assert "HX-Refresh" not in desk.get(f"{address}/progress").headers

        work_off(app)

        assert desk.get(f"{address}/progress").headers["HX-Refresh"] == "true"

    def test_a_problem_shows_the_place_and_never_the_person(self, desk, hand_in):
        page = desk.get(f"/ledgers/{hand_in(faulty_book())}").text

        assert "以工作表“再就业”第 2 行为准" in page
        for secret in (WOMAN, OTHER_WOMAN, "刘晓燕", "演示丙", "13837405926"):
            assert secret not in page

    def test_problems_are_filtered_and_the_filter_stands_in_the_address(self, desk, hand_in):
        number = hand_in(faulty_book())

        page = desk.get(f"/ledgers/{number}?rule=D001&severity=error").text

        assert "年内同一身份证号重复登记" in page
        assert 'value="3:再就业"' not in page
        assert 'value="4:再就业"' in page

    def test_many_problems_come_page_by_page(self, desk, hand_in):
        number = hand_in(book_of(*some_people(60, name="")))

        first = desk.get(f"/ledgers/{number}").text
        assert 'value="51:再就业"' in first
        assert 'value="52:再就业"' not in first
        assert "下一页" in first

    def test_accepting_with_errors_is_disabled_and_says_why(self, desk, hand_in):
        number = hand_in(faulty_book())
        assert "2 行有错误</span>" in desk.get(f"/ledgers/{number}").text

        answer = desk.post(f"/ledgers/{number}/acceptance")

        assert answer.status_code == 409
        assert "还有 2 行有错误，未提交任何记录" in answer.text

    def test_no_row_ticked_removes_nothing(self, desk, hand_in):
        number = hand_in(faulty_book())

        answer = desk.post(f"/ledgers/{number}/removals", data={"removal_class": "invalid"})

        assert answer.status_code == 422
        assert "请至少选择一行。未剔除任何行。" in answer.text

    @pytest.mark.both_engines
    @pytest.mark.parametrize("place", ["2:再就业", "999999999:再就业", "x:再就业", "", "-1:a"])
    def test_a_row_that_has_no_error_is_not_removed(self, desk, hand_in, place):
        number = hand_in(faulty_book())

        answer = desk.post(
            f"/ledgers/{number}/removals", data={"places": place, "removal_class": "invalid"}
        )

        assert answer.status_code in {409, 422}
        assert ledgers()[0].rows_faulty == 2

    def test_a_withdrawn_ledger_keeps_nothing(self, desk, hand_in):
        number = hand_in(faulty_book())

        desk.post(f"/ledgers/{number}/withdrawal")

        assert "这份台账已撤回" in desk.get(f"/ledgers/{number}").text
        assert ledgers()[0].content_sealed is None

    def test_the_marked_workbook_names_who_took_it(self, desk, hand_in, clerk):
        answer = desk.post(f"/ledgers/{hand_in(faulty_book())}/workbook")

        sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
        assert clerk.name in sheet.cell(1, sheet.max_column).value
        assert "F001 姓名不能为空" in sheet.cell(3, sheet.max_column).value
        assert "filename" in answer.headers["Content-Disposition"]


BAD_FILES = {
    "wrong type": (b"%PDF-1.7 demo", "演示.xlsx", "文件内容不是工作簿（实际为：pdf）"),
    "no known header": (b"a,b\n1,2\n", "演示.csv", "没有找到本项目的表头"),
    "not text at all": (b"\xff\xff\xfe\x81\xff", "演示.csv", "文本编码既不是 UTF-8 也不是 GB18030"),
    "old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "演示.xls", "旧版 .xls"),
    "only a header": (book_of(), "演示.xlsx", "只有表头，没有人员数据"),
}


class TestBadInput:
    @pytest.mark.parametrize("kind", BAD_FILES)
    def test_a_refused_file_gets_one_sentence(self, desk, hand_in, kind):
        content, name, words = BAD_FILES[kind]

        page = desk.get(f"/ledgers/{hand_in(content, name)}").text

        assert words in page
        assert page.count("未保存任何内容；请") == 1
        assert ledgers()[0].content_sealed is None

    def test_an_empty_file_is_refused_at_once(self, desk):
        answer = upload(desk, b"")

        assert answer.status_code == 422
        assert "文件是空的。未保存任何内容" in answer.text
        assert ledgers() == []

    def test_no_file_at_all_is_named_at_its_field(self, desk):
        answer = upload(desk, b"", file=(io.BytesIO(b""), ""))

        assert answer.status_code == 422
        assert "请选择文件。" in answer.text

    def test_a_file_handed_in_twice_leads_to_the_ledger_that_holds_it(self, desk, hand_in):
        content = faulty_book()
        number = hand_in(content)

        answer = upload(desk, content, "别的名字.xlsx")

        assert answer.status_code == 422
        assert f"这份文件就是已有的 {number} 号台账。" in answer.text
        assert f'href="/ledgers/{number}"' in answer.text
        assert len(ledgers()) == 1

    def test_gb18030_text_is_read_as_it_is(self, hand_in):
        lines = [",".join(cells) for cells in (titles(), row())]

        hand_in("\r\n".join(lines).encode("gb18030"), "演示.csv")

        assert ledgers()[0].state is LedgerState.CLEAN

    def test_an_identity_number_typed_as_a_number_is_named_and_not_repaired(self, desk, hand_in):
        number = hand_in(book_of(row(id_no=4.10102198503150e17)))

        page = desk.get(f"/ledgers/{number}").text
        assert "单元格是数值，末位可能已丢失" in page

    def test_titles_over_merged_cells_above_the_header_are_passed_over(self, hand_in):
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "再就业"
        sheet.append(["2017年失业人员再就业实名制台账（演示数据）"])
        sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=10)
        for cells in (titles(), row(), row(name="", id_no=OTHER_WOMAN)):
            sheet.append(cells)

        hand_in(saved(book))

        assert (ledgers()[0].rows_total, ledgers()[0].rows_faulty) == (2, 1)

    def test_two_hundred_megabytes_are_refused_unread(self, desk):
        answer = desk.post(
            "/ledgers/",
            input_stream=io.BytesIO(b"--x"),
            environ_overrides={"CONTENT_LENGTH": str(200 * 2**20)},
            content_type="multipart/form-data; boundary=x",
        )

        assert answer.status_code == 413
        assert "超过" in answer.text
        assert "50 MB" in answer.text
        assert ledgers() == []

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("region", LINYING),
            ("region", "999999"),
            ("project", "new_employment"),
            ("project", "nonsense"),
            ("year", "20l7"),
            ("period_end", "2016-11-30"),
            ("period_end", "soon"),
        ],
    )
    def test_a_form_that_does_not_fit_keeps_nothing(self, desk, field, value):
        answer = upload(desk, faulty_book(), **{field: value})

        assert answer.status_code == 422
        assert "处需要改正" in answer.text
        assert ledgers() == []


class TestWhoMay:
    def test_another_county_finds_nothing(self, app, client, hand_in):
        number = hand_in(faulty_book())
        stranger = log_in(app.test_client(), make_clerk(LINYING))

        assert stranger.get(f"/ledgers/{number}").status_code == 404
        assert "演示台账.xlsx" not in stranger.get("/ledgers/").text
        for act in ("removals", "removals/all", "acceptance", "withdrawal", "workbook"):
            assert stranger.post(f"/ledgers/{number}/{act}").status_code == 404

    def test_the_coordinator_reads_all_and_changes_nothing(self, app, hand_in):
        number = hand_in(faulty_book())
        coordinator = log_in(app.test_client(), make_user(Role.COORDINATOR))

        page = coordinator.get(f"/ledgers/{number}").text
        assert "姓名不能为空" in page
        assert 'type="checkbox"' not in page
        assert "提交台账" not in page
        assert "上传并检查" not in coordinator.get("/ledgers/").text
        for act in ("removals", "removals/all", "acceptance", "withdrawal", "workbook"):
            assert coordinator.post(f"/ledgers/{number}/{act}").status_code == 403

    @pytest.mark.parametrize("role", [Role.OPERATOR, Role.INSPECTOR, Role.VERIFIER, Role.AUDITOR])
    def test_others_have_no_ledgers(self, client, role):
        assert log_in(client, make_user(role)).get("/ledgers/").status_code == 403

    def test_the_twin_of_another_region_is_refused_without_a_word_about_it(self, app, hand_in):
        content = faulty_book()
        hand_in(content, "别县台账.xlsx")
        stranger = log_in(app.test_client(), make_clerk(LINYING))

        answer = upload(stranger, content, region=LINYING)

        assert answer.status_code == 422
        assert "这份文件以前已上传过" in answer.text
        assert "别县台账" not in answer.text


class TestTheList:
    def test_an_empty_list_says_what_to_do(self, desk):
        assert "还没有上传过台账" in desk.get("/ledgers/").text

    def test_the_list_is_filtered_by_project_and_state(self, desk, hand_in):
        hand_in(faulty_book())

        assert "演示台账.xlsx" in desk.get("/ledgers/?state=faulty").text
        assert "没有符合条件的台账" in desk.get("/ledgers/?project=hardship").text
        assert "演示台账.xlsx" in desk.get("/ledgers/?state=nonsense&after=x").text

    def test_english_has_no_chinese_left_but_the_data(self, desk, hand_in):
        number = hand_in(faulty_book())
        desk.post("/language/en", data={"next": "/"})

        page = desk.get(f"/ledgers/{number}").text
        assert "Cannot be submitted yet. Rows with errors: 2." in page
        assert "The name is missing" in page


def test_a_frozen_ledger_says_so_and_a_later_one_beside_it_too(client):
    make_drawn_campaign(entries=4, sampled=2)
    frozen = db.session.scalars(select(Ledger)).one()
    later = make_ledger(Project.RE_EMPLOYMENT, region=LINYING)
    make_entries(later, 2)
    desk = log_in(client, make_user(Role.CLERK, region=LINYING))
    pages = {ledger.id: desk.get(f"/ledgers/{ledger.id}").text for ledger in (frozen, later)}
    shut = re.compile(r'<button class="btn btn-stop[^>]* disabled>撤回')
    assert shut.search(pages[frozen.id])
    assert not shut.search(pages[later.id])
    assert "本份不再进入该批次" in pages[later.id]
    refused = desk.post(f"/ledgers/{frozen.id}/withdrawal")
    assert refused.status_code == 409
    assert "现在不能这样做" in refused.text
