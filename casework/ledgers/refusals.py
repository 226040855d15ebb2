"""Why a file is refused as a whole. Nothing is kept of a refused file."""

from casework.errors import CaseworkError


class FileRefused(CaseworkError):
    """The file cannot be read as a ledger."""


class EmptyFile(FileRefused):
    """The file has no content."""


class FileTooLarge(FileRefused):
    """The file is larger than a ledger may be."""


class WrongFileType(FileRefused):
    """The content of the file is neither an .xlsx workbook nor .csv text."""


class OldWorkbook(FileRefused):
    """The file is a workbook of the old .xls kind, whatever its name says."""


class EncryptedWorkbook(FileRefused):
    """The workbook is locked with a password."""


class ActiveContent(FileRefused):
    """The workbook carries macros, embedded objects or links to other files."""


class BrokenWorkbook(FileRefused):
    """The workbook is damaged, or was not written by a spreadsheet program."""


class UnpackedTooLarge(FileRefused):
    """The workbook unpacks to more than a ledger can hold."""


class TooManyRows(FileRefused):
    """A sheet has more rows than a ledger may have, or a cell far below all others."""


class TooManyColumns(FileRefused):
    """A sheet is wider than a ledger may be."""


class CellTooLong(FileRefused):
    """A cell holds more text than a ledger may hold."""


class UnknownEncoding(FileRefused):
    """The text is neither UTF-8 nor GB18030."""


class BrokenText(FileRefused):
    """The .csv text has an open quotation mark or is otherwise damaged."""


class UnknownHeader(FileRefused):
    """No sheet has a header with the columns of this project."""


class OtherProject(FileRefused):
    """The header has the columns of another project."""


class RepeatedColumn(FileRefused):
    """Two columns of one header mean the same."""


class DifferentHeaders(FileRefused):
    """The file holds two tables with different headers."""


class HiddenLedger(FileRefused):
    """A hidden sheet holds a ledger, and whether it counts is for a person to say."""


class NoRows(FileRefused):
    """There is a header with no person under it."""


class UnknownRegion(CaseworkError):
    """No ledger is handed in for this region code."""
