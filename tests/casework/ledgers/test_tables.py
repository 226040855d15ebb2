import openpyxl
import pytest

from casework.ledgers import refusals
from casework.ledgers.columns import columns_of, map_columns
from casework.ledgers.projects import Project
from casework.ledgers.reading import open_book
from casework.ledgers.tables import find_tables
from tests.casework.ledgers.builders import (
    HARD,
    OTHER_WOMAN,
    OVER,
    RE,
    check_file,
    check_rows,
    found_in,
    row,
    saved,
    titles,
    workbook,
)


@pytest.mark.parametrize("project", list(Project))
def test_every_official_title_is_known(project):
    found = map_columns(titles(project), project)

    assert list(found.position) == [column.key for column in columns_of(project)]
    assert not found.unknown


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("公民身份号码", "id_no"),
        (" 身份证\n号码 ", "id_no"),
        ("＊联系方式", "phone"),
        ("手机号（必填）", "phone"),
        ("就业单位(灵活就业填具体工作内容)", "employer"),
        ("机构名称（县（区））", "region_county"),
        ("NO.", "seq"),
        ("\ufeff姓名：", "name"),
    ],
)
def test_titles_are_known_by_their_aliases_however_typed(title, key):
    assert list(map_columns([title], RE).position) == [key]


def test_an_official_title_wins_over_an_alias():
    found = map_columns(["人员类别", "就业困难人员类别", "姓名"], HARD)

    assert found.position["hardship_type"] == 1
    assert found.position["pre_status"] == 0


def test_a_title_that_stands_twice_is_refused():
    with pytest.raises(refusals.RepeatedColumn) as caught:
        map_columns(["姓名", "身份证号", "联系电话", "联系电话"], RE)
    assert caught.value.facts == {"titles": "联系电话"}


def test_the_header_is_found_under_merged_titles(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["2017年11月失业人员再就业实名制台账（演示数据）"])
    sheet.merge_cells("A1:F1")
    sheet.append(["填报单位：许昌市襄城县", "", "", "单位：人"])
    sheet.append([])
    sheet.append(titles())
    sheet.append(row(phone=""))
    path = tmp_path / "ledger.xlsx"
    path.write_bytes(saved(book))

    assert found_in(check_file(path)) == [(5, "联系电话", "F010")]


def test_a_header_of_two_rows_is_read_as_one(tmp_path):
    upper = ["姓名", "性别", "身份证号", "联系电话", "就业方式", "", "", "", "就业时间"]
    lower = ["", "", "", "", "单位就业", "个体工商户", "公益性岗位", "灵活就业", ""]
    one = ["刘晓燕", "女", OTHER_WOMAN, "13837405926", "", "", "", "是", "2017-05-18"]
    two = ["刘晓燕", "女", OTHER_WOMAN, "13837405926", "是", "", "", "是", "2017-05-19"]
    path = workbook(tmp_path / "ledger.xlsx", [["台账"], upper, lower, one, two])

    (table,) = find_tables(open_book(path), RE).tables
    outcome = check_file(path)

    assert table.first == 4
    assert table.columns.flags == {4: "10", 5: "21", 6: "30", 7: "22"}
    assert [p.row for p in outcome.problems if p.rule == "F015"] == [5]


def test_blank_rows_totals_footers_and_repeated_headers_are_no_people(tmp_path):
    only_number = [2] + [""] * (len(titles()) - 1)
    path = workbook(
        tmp_path / "ledger.xlsx",
        [
            titles(),
            row(),
            only_number,
            [],
            titles(),
            row(id_no=OTHER_WOMAN),
            ["合计", "", "", "2人"],
            ["", "总  计", 2],
            ["填表人：王某", "", "审核人：李某", "填表日期：2017-11-30"],
        ],
    )

    outcome = check_file(path)

    assert [clean.row for clean in outcome.accepted] == [2, 6]
    assert outcome.rows == 2
    assert outcome.skipped == {"blank": 2, "header": 1, "total": 2, "footer": 1}


def test_the_rest_of_a_merged_cell_is_an_incomplete_person_not_a_copy(tmp_path):
    outcome = check_rows(tmp_path, row(), row(name="", id_no=""))

    assert (3, "姓名", "F001") in found_in(outcome)
    assert (3, "身份证号", "F003") in found_in(outcome)


def test_ten_thousand_blank_rows_below_are_skipped(tmp_path):
    outcome = check_rows(tmp_path, row(), *[[" "]] * 10_000)

    assert outcome.rows == 1


def test_several_sheets_with_one_header_are_one_ledger(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "填表说明"
    book.active.append(["本表由县（市、区）填报"])
    for name, number in (("襄城县", row()), ("长葛市", row(id_no=OTHER_WOMAN, phone="1"))):
        sheet = book.create_sheet(name)
        sheet.append(titles())
        sheet.append(number)
    book.create_sheet("空表")
    path = tmp_path / "ledger.xlsx"
    path.write_bytes(saved(book))

    found = find_tables(open_book(path), RE)
    outcome = check_file(path)

    assert found.without_header == ["填表说明"]
    assert [(p.sheet, p.row, p.rule) for p in outcome.problems] == [("长葛市", 2, "F011")]


def test_sheets_with_different_headers_are_refused(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(titles())
    book.create_sheet("另一表").append(["姓名", "身份证号", "联系电话"])
    path = tmp_path / "ledger.xlsx"
    path.write_bytes(saved(book))

    with pytest.raises(refusals.DifferentHeaders) as caught:
        find_tables(open_book(path), RE)
    assert caught.value.facts == {"sheets": "Sheet, 另一表"}


def test_a_second_different_header_further_down_is_refused(tmp_path):
    with pytest.raises(refusals.DifferentHeaders) as caught:
        check_rows(tmp_path, row(), [], ["身份证号", "联系电话", "", "姓名", "", "学历"])
    assert caught.value.facts["row"] == 4


def test_a_hidden_ledger_is_never_a_silent_choice(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(titles())
    hidden = book.create_sheet("上月")
    hidden.append(titles())
    hidden.sheet_state = "hidden"
    path = tmp_path / "ledger.xlsx"
    path.write_bytes(saved(book))

    with pytest.raises(refusals.HiddenLedger) as caught:
        find_tables(open_book(path), RE)
    assert caught.value.facts == {"sheet": "上月"}


def test_a_hidden_list_of_choices_is_left_out_and_named(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(titles())
    book.create_sheet("字典").append(["男", "女"])
    book["字典"].sheet_state = "veryHidden"
    path = tmp_path / "ledger.xlsx"
    path.write_bytes(saved(book))

    assert find_tables(open_book(path), RE).hidden == ["字典"]


@pytest.mark.parametrize(
    "rows", [[["部门", "支出", "预算"], ["一科", 1, 2]], [["姓名", "身份证号"]], [[]]]
)
def test_a_workbook_without_the_columns_of_the_project_is_refused(tmp_path, rows):
    path = workbook(tmp_path / "ledger.xlsx", rows)

    with pytest.raises(refusals.UnknownHeader):
        find_tables(open_book(path), OVER)


@pytest.mark.parametrize(("project", "chosen"), [(RE, HARD), (HARD, RE), (OVER, RE), (HARD, OVER)])
def test_the_ledger_of_another_project_is_refused(tmp_path, project, chosen):
    path = workbook(tmp_path / "ledger.xlsx", [titles(project), row(project)])

    with pytest.raises(refusals.OtherProject) as caught:
        find_tables(open_book(path), chosen)
    assert caught.value.facts == {"expected": chosen, "found": project}


def test_a_header_of_two_rows_may_be_repeated_on_every_page(tmp_path):
    upper = ["姓名", "身份证号", "联系电话", "就业方式", ""]
    lower = ["", "", "", "单位就业", "灵活就业"]
    one = ["刘晓燕", OTHER_WOMAN, "13837405926", "是", ""]
    path = workbook(tmp_path / "ledger.xlsx", [upper, lower, one, upper, lower, one])

    outcome = check_file(path)

    assert (outcome.rows, outcome.skipped) == (2, {"header": 2})


def test_a_header_without_people_is_refused(tmp_path):
    with pytest.raises(refusals.NoRows):
        check_rows(tmp_path, ["合计"])


def test_missing_and_unknown_columns_are_named(tmp_path):
    path = workbook(tmp_path / "ledger.xlsx", [["姓名", "身份证号", "联系电话", "婚姻状况"]])

    found = find_tables(open_book(path), OVER)

    assert found.unknown == ["婚姻状况"]
    assert "安置渠道" in found.missing
    assert "姓名" not in found.missing
