import pytest

from casework.ledgers.refusals import CellTooLong, UnknownRegion
from tests.casework.ledgers.builders import (
    MAN,
    OTHER_WOMAN,
    OVER,
    WOMAN,
    check_file,
    check_rows,
    found_in,
    row,
    titles,
    workbook,
)


def test_of_one_person_the_earliest_employment_counts(tmp_path):
    outcome = check_rows(
        tmp_path,
        row(employ_date="2017-06-01"),
        row(employ_date="2017-05-01"),
        row(id_no=OTHER_WOMAN),
        row(employ_date="2017-07-01"),
    )

    assert found_in(outcome) == [(2, "身份证号", "D001"), (5, "身份证号", "D001")]
    assert {problem.facts["kept_row"] for problem in outcome.problems} == {3}
    assert [clean.row for clean in outcome.accepted] == [3, 4]


def test_on_the_same_day_the_first_row_counts(tmp_path):
    outcome = check_rows(tmp_path, row(), row(id_no=WOMAN.lower()))

    assert found_in(outcome) == [(3, "身份证号", "D001")]


def test_an_old_and_a_new_number_are_one_person(tmp_path):
    person = {"sex": "男", "employ_form": "灵活就业"}
    outcome = check_rows(
        tmp_path, row(id_no="410102198503151216", **person), row(id_no="410102850315121", **person)
    )

    assert outcome.by_rule == {"D001": 1, "F029": 1}


def test_workers_of_an_enterprise_count_once_too(tmp_path):
    outcome = check_rows(tmp_path, row(OVER), row(OVER), project=OVER)

    assert outcome.by_rule == {"D001": 1}


def test_progress_is_told_and_ends_at_the_whole(tmp_path):
    told = []
    path = workbook(tmp_path / "ledger.xlsx", [titles(), *[row(id_no=MAN, sex="男")] * 2500])

    check_file(path, progress=lambda done, total: told.append((done, total)))

    assert told == [(1000, 2500), (2000, 2500), (2500, 2500)]


def test_a_ledger_of_a_county_needs_no_region_columns(tmp_path):
    head = [title for title in titles() if title not in titles()[1:3]]
    cells = [cell for index, cell in enumerate(row()) if index not in {1, 2}]
    path = workbook(tmp_path / "ledger.xlsx", [head, cells])

    assert check_file(path, region="411025").accepted[0].region == "411025"
    assert check_file(path, region="411000").by_rule == {"F028": 1}


def test_a_column_that_is_not_there_is_missing_in_every_row(tmp_path):
    path = workbook(
        tmp_path / "ledger.xlsx", [["姓名", "身份证号", "联系电话"], ["刘晓燕", WOMAN, "1"]]
    )

    outcome = check_file(path, region="411025")

    assert set(outcome.by_rule) == {"F011", "F014", "F015", "F016", "F017"}


def test_titles_are_named_as_the_person_wrote_them(tmp_path):
    head = ["公民身份号码" if title == "身份证号" else title for title in titles()]
    path = workbook(tmp_path / "ledger.xlsx", [head, row(id_no="")])

    assert found_in(check_file(path)) == [(2, "公民身份号码", "F003")]


def test_a_csv_file_is_checked_like_a_workbook(tmp_path):
    path = tmp_path / "台账.csv"
    lines = [titles(), row(), row(id_no="4.10102E+17")]
    path.write_bytes("\r\n".join(",".join(line) for line in lines).encode("gb18030"))

    outcome = check_file(path)

    assert [(p.sheet, p.row, p.rule) for p in outcome.problems] == [("台账", 3, "F008")]
    assert len(outcome.accepted) == 1


def test_a_cell_like_a_novel_is_refused(tmp_path):
    with pytest.raises(CellTooLong) as caught:
        check_rows(tmp_path, row(), row(remark="长" * 2001))
    assert caught.value.facts == {"sheet": "再就业", "row": 3, "column": "备注", "limit": 2000}


def test_an_unknown_reporting_region_is_refused(tmp_path):
    with pytest.raises(UnknownRegion):
        check_rows(tmp_path, row(), region="410171")
