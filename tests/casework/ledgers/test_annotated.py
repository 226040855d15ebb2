import openpyxl

from casework.ledgers.annotated import write_annotated
from casework.ledgers.reading import open_book
from tests.casework.ledgers.builders import check_file, row, saved, titles


def test_the_problems_stand_beside_their_rows(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "再就业"
    book.active.append(["台账（演示数据）"])
    book.active.append(titles())
    book.active.append(row())
    book.active.append(row(id_no=410102198503150125, phone="", remark="=1+1"))
    book.create_sheet("说明").append(["=cmd()", "x", "x"])
    book.create_sheet("字典").append(["男"])
    book["字典"].sheet_state = "hidden"
    path, out = tmp_path / "ledger.xlsx", tmp_path / "out.xlsx"
    path.write_bytes(saved(book))

    write_annotated(
        open_book(path),
        check_file(path).problems,
        out,
        title="核验问题",
        words=lambda problem: f"{problem.column} {problem.rule}",
    )

    written = openpyxl.load_workbook(out)
    sheet = written["再就业"]
    width = len(titles())
    assert written.sheetnames == ["再就业", "说明", "字典"]
    assert written["字典"].sheet_state == "hidden"
    assert sheet.cell(1, width + 1).value == "核验问题"
    assert [cell.value for cell in sheet[2]][:width] == titles()
    assert sheet.cell(3, width + 1).value in {None, ""}
    assert sheet.cell(4, width + 1).value == "身份证号 F008；联系电话 F010"
    assert all(cell.data_type == "s" for cell in sheet[3] if cell.value)
    assert "e+17" in sheet.cell(4, titles().index("身份证号") + 1).value
