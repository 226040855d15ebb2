import hashlib
import io
import struct
import zipfile

import openpyxl
import pytest

from casework.ledgers import refusals
from casework.ledgers.archives import survey
from casework.ledgers.reading import open_book
from tests.casework.ledgers.builders import row, saved, titles, workbook


def archive(changes, *, of=None):
    """A workbook's bytes with some members replaced or added."""
    source = zipfile.ZipFile(io.BytesIO(of or saved(openpyxl.Workbook())))
    members = {name: source.read(name) for name in source.namelist()} | changes
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in members.items():
            target.writestr(name, data)
    return content.getvalue()


def put(tmp_path, content, name="ledger.xlsx"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


SHEET = "xl/worksheets/sheet1.xml"
HEAD = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def sheet(rows, before=""):
    return f"{HEAD}{before}<sheetData>{rows}</sheetData></worksheet>".encode()


@pytest.mark.parametrize(
    ("content", "broken"),
    [
        (b"", refusals.EmptyFile),
        (b"  \r\n ", refusals.EmptyFile),
        (b"<html><table><tr><td>1</td></tr></table></html>", refusals.WrongFileType),
        (b"%PDF-1.7 ...", refusals.WrongFileType),
        (b"\x89PNG\r\n\x1a\n....", refusals.WrongFileType),
        (b"a,b\0c\n", refusals.WrongFileType),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), refusals.OldWorkbook),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            refusals.EncryptedWorkbook,
        ),
        (b"PK\x03\x04 but not a zip file", refusals.BrokenWorkbook),
        (b"\xff\xff\x80\x81 neither", refusals.UnknownEncoding),
        (b'a,b\n"open,c\n', refusals.BrokenText),
        (b"a" * 200_000, refusals.BrokenText),
        (("," * 60 + "x\n").encode(), refusals.TooManyColumns),
    ],
)
def test_files_that_are_no_ledger_are_refused_by_their_content(tmp_path, content, broken):
    with pytest.raises(broken):
        open_book(put(tmp_path, content))


def test_a_zip_that_is_no_workbook(tmp_path):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as target:
        target.writestr("word/document.xml", "<w/>")

    with pytest.raises(refusals.WrongFileType) as caught:
        open_book(put(tmp_path, content.getvalue()))
    assert caught.value.facts == {"found": "zip"}


def test_a_file_of_200_mb_is_refused_unread(tmp_path):
    path = tmp_path / "ledger.xlsx"
    with path.open("wb") as file:
        file.truncate(200 * 2**20)

    with pytest.raises(refusals.FileTooLarge) as caught:
        open_book(path)
    assert caught.value.facts == {"megabytes": 200, "limit": 50}


@pytest.mark.parametrize(
    "member",
    ["xl/vbaProject.bin", "xl/embeddings/oleObject1.bin", "xl/externalLinks/externalLink1.xml"],
)
def test_macros_objects_and_links_are_refused(tmp_path, member):
    with pytest.raises(refusals.ActiveContent):
        open_book(put(tmp_path, archive({member: b"x"})))


@pytest.mark.parametrize(
    "changes",
    [
        {f"xl/media/{n}.png": b"" for n in range(201)},
        {"../evil.xml": b""},
        {"/etc/passwd": b""},
        {"xl/WORKBOOK.xml": b"<a/>"},
        {SHEET: b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + sheet("")},
        {SHEET: b"<worksheet><sheetData><row></worksheet>"},
        {SHEET: sheet("<row><c t='n'><v>1</v></c></row>")},
    ],
)
def test_hand_made_archives_are_refused(tmp_path, changes):
    with pytest.raises(refusals.BrokenWorkbook):
        open_book(put(tmp_path, archive(changes)))


def test_a_zip_bomb_is_refused_by_its_listing(tmp_path):
    bomb = archive({"xl/media/zeros.bin": bytes(60 * 2**20)})

    assert len(bomb) < 100_000
    with pytest.raises(refusals.UnpackedTooLarge):
        open_book(put(tmp_path, bomb))


def test_a_zip_bomb_with_a_lying_listing_is_refused_while_unpacking(tmp_path):
    content = bytearray(archive({"xl/media/zeros.bin": bytes(60 * 2**20)}))
    true_size, false_size = struct.pack("<I", 60 * 2**20), struct.pack("<I", 1000)

    lying = bytes(content).replace(true_size, false_size)

    assert lying != bytes(content)
    with pytest.raises(refusals.UnpackedTooLarge):
        survey(io.BytesIO(lying), len(lying))


@pytest.mark.parametrize(
    ("cells", "broken"),
    [
        ('<row r="1"><c r="XFD1"><v>1</v></c></row>', refusals.TooManyColumns),
        ('<row r="1"><c r="BI1"><v>1</v></c></row>', refusals.TooManyColumns),
        ('<row r="1"><x:c s="1" r="BI1"><v>1</v></x:c></row>', refusals.TooManyColumns),
        ('<row r="1048576"><c r="A1048576"><v>1</v></c></row>', refusals.TooManyRows),
        ("<row r='1048576'><c s='1' r='A1048576'><v>1</v></c></row>", refusals.TooManyRows),
    ],
)
def test_one_cell_far_away_costs_no_memory(tmp_path, cells, broken):
    with pytest.raises(broken):
        open_book(put(tmp_path, archive({SHEET: sheet(cells)})))


def test_empty_styled_cells_far_away_do_no_harm(tmp_path):
    cells = (
        '<row r="1"><c r="A1"><v>7</v></c><c r="XFD1" s="1"/></row>'
        '<row r="900000"><c r="A900000" s="1"/></row>'
    )

    book = open_book(put(tmp_path, archive({SHEET: sheet(cells)})))

    assert list(book.sheets[0].rows()) == [[7]]


@pytest.mark.parametrize("dimension", ["A1:B2", "A1:XFD1048576", "A1"])
def test_the_declared_extent_is_not_believed(tmp_path, dimension):
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 6))
    content = archive({SHEET: sheet(rows, f'<dimension ref="{dimension}"/>')})

    book = open_book(put(tmp_path, content))

    assert [cells[0] for cells in book.sheets[0].rows()] == [1, 2, 3, 4, 5]


def test_rows_keep_their_numbers_below_and_right_of_empty_space(tmp_path):
    book = openpyxl.Workbook()
    book.active["C4"] = "here"

    rows = list(open_book(put(tmp_path, saved(book))).sheets[0].rows())

    assert rows[3] == ["", "", "here"]


def test_formulas_and_hidden_rows_are_counted_and_never_evaluated(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["=1+1", "=HYPERLINK(A1)", "x"])
    book.active.append(["y"])
    book.active.row_dimensions[2].hidden = True

    opened = open_book(put(tmp_path, saved(book)))

    assert (opened.formulas, opened.hidden_rows) == (2, 1)
    assert next(opened.sheets[0].rows()) == ["", "", "x"]


def test_hidden_sheets_are_marked(tmp_path):
    book = openpyxl.Workbook()
    book.create_sheet("字典").sheet_state = "hidden"
    book.create_sheet("深藏").sheet_state = "veryHidden"

    assert [s.hidden for s in open_book(put(tmp_path, saved(book))).sheets] == [False, True, True]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_text_in_every_usual_encoding(tmp_path, encoding):
    path = put(tmp_path, "姓名,身份证号\r\n刘㐂燕,1\r\n".encode(encoding), "台账.csv")

    opened = open_book(path)

    assert opened.sheets[0].name == "台账"
    assert list(opened.sheets[0].rows()) == [["姓名", "身份证号"], ["刘㐂燕", "1"]]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a;b\n1;2\n", [["a", "b"], ["1", "2"]]),
        ("a\tb\r1\t2\r", [["a", "b"], ["1", "2"]]),
        ("sep=;\na;b\n", [[], ["a", "b"]]),
        ('a,b\n"x\ny",2\n', [["a", "b"], ["x\ny", "2"]]),
        ("a,b\n1\n\n1,2,3\n,,\n", [["a", "b"], ["1"], [], ["1", "2", "3"]]),
        ("=1+1,@x\n", [["=1+1", "@x"]]),
    ],
)
def test_text_as_spreadsheet_programs_split_it(tmp_path, text, rows):
    assert list(open_book(put(tmp_path, text.encode(), "a.csv")).sheets[0].rows()) == rows


def test_the_digest_is_that_of_the_file(tmp_path):
    path = workbook(tmp_path / "ledger.xlsx", [titles(), row()])

    assert open_book(path).digest == hashlib.sha256(path.read_bytes()).hexdigest()
