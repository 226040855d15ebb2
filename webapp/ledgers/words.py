"""What people read when a ledger file is refused: what was wrong, what was kept, what to do."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from casework.errors import CaseworkError
from casework.ledgers import refusals

#: The sentence for each way in which a whole file is refused; its facts fill the places.
REFUSALS: dict[type[CaseworkError], LazyString] = {
    refusals.EmptyFile: _l(
        "The file is empty. Nothing was kept; export the table again and upload that file."
    ),
    refusals.FileTooLarge: _l(
        "The file has {megabytes} MB, more than {limit} MB. Nothing was kept; split it by county "
        "and upload the parts."
    ),
    refusals.WrongFileType: _l(
        "This is not a workbook, whatever its name says (found: {found}). Nothing was kept; open "
        "it in WPS or Excel, save it as .xlsx and upload that file."
    ),
    refusals.OldWorkbook: _l(
        "This is a workbook of the old .xls kind. Nothing was kept; save it as .xlsx and upload "
        "that file."
    ),
    refusals.EncryptedWorkbook: _l(
        "The workbook is locked with a password. Nothing was kept; take the password off and "
        "upload it again."
    ),
    refusals.ActiveContent: _l(
        "The workbook carries macros, embedded objects or links to other files. Nothing was "
        "kept; save it as a plain .xlsx and upload that file."
    ),
    refusals.BrokenWorkbook: _l(
        "The workbook is damaged. Nothing was kept; open it in WPS or Excel, save it under a new "
        "name and upload that file."
    ),
    refusals.UnpackedTooLarge: _l(
        "The workbook unpacks to more than {limit} MB or is packed unusually tightly. Nothing was "
        "kept; copy the table into a new workbook and upload that."
    ),
    refusals.TooManyRows: _l(
        "A sheet reaches down to row {rows}, with few or too many rows filled (at most {limit}). "
        "Nothing was kept; delete the empty rows below the table, or split it, and upload again."
    ),
    refusals.TooManyColumns: _l(
        "A sheet has more than {limit} columns. Nothing was kept; delete what stands to the right "
        "of the table and upload again."
    ),
    refusals.CellTooLong: _l(
        "Sheet {sheet}, row {row}, column {column}: the cell has more than {limit} characters. "
        "Nothing was kept; shorten it and upload again."
    ),
    refusals.UnknownEncoding: _l(
        "The text is neither UTF-8 nor GB18030. Nothing was kept; save the table as .xlsx and "
        "upload that file."
    ),
    refusals.BrokenText: _l(
        "The text cannot be split into columns from row {row} on, perhaps an open quotation "
        "mark. Nothing was kept; save the table as .xlsx and upload that file."
    ),
    refusals.UnknownHeader: _l(
        "No sheet has the column titles of this project. Nothing was kept; check that the right "
        "project was chosen, or copy the ledger into the template and upload that."
    ),
    refusals.OtherProject: _l(
        "The columns are those of another project. Nothing was kept; choose the right project or "
        "the right file and upload again."
    ),
    refusals.RepeatedColumn: _l(
        "These columns stand twice in the header: {titles}. Nothing was kept; keep one of each "
        "and upload again."
    ),
    refusals.DifferentHeaders: _l(
        "The file holds tables with different headers (sheets: {sheets}). Nothing was kept; "
        "upload each table as a file of its own."
    ),
    refusals.HiddenLedger: _l(
        "The hidden sheet {sheet} holds a ledger too. Nothing was kept; show the sheet if it "
        "counts, delete it if not, and upload again."
    ),
    refusals.NoRows: _l(
        "There is a header, but no person under it. Nothing was kept; check that the right file "
        "was chosen."
    ),
    refusals.UnknownRegion: _l(
        "No ledger is handed in for the region code {region}. Nothing was kept; give the code of "
        "a city, or of a county or district."
    ),
}
