"""Whether a zip archive can be unpacked safely. Sizes are counted, since headers can lie.

The reader of workbooks allocates the whole box between the first and the last filled cell, so
the reach of every sheet is measured here, before it sees the file.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Final

from casework.ledgers import refusals

MAX_MEMBERS: Final = 200
MAX_UNPACKED: Final = 500 * 2**20  #: bytes
MAX_RATIO: Final = 100  #: bytes unpacked for each byte packed
SMALL: Final = 4 * 2**20  #: bytes; below this a high ratio does no harm
MAX_ROWS: Final = 1_200_000
MAX_COLUMNS: Final = 60
_LAST_COLUMN: Final = b" BH"  #: the letters of column 60
CROWDED: Final = 100_000  #: rows; up to here a sheet may be as sparse as it likes

_CHUNK: Final = 2**20
_LOCAL_HEADER: Final = 30
_ACTIVE: Final = ("vbaproject", "/embeddings/", "/activex/", "/externallinks/", "/macrosheets/")
_FILLED: Final = rb'"(?:\s[^<>]*)?(?<!/)>'
_WIDE: Final = re.compile(rb'<c r="(?:[Bb][I-Zi-z]|[C-Zc-z][A-Za-z]|[A-Za-z]{3,})\d+' + _FILLED)
_DEEP: Final = re.compile(rb'<c r="[A-Za-z]+(\d{6,})' + _FILLED)
_ANY_CELL: Final = re.compile(rb"<(?:[\w.-]+:)?c(?=[\s/>])([^<>]*)>")
_ADDRESS: Final = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]+)(\d+)["']""")
_HIDDEN_ROW: Final = re.compile(rb'<row [^>]*?hidden="(?:1|true)"')


@dataclass(slots=True)
class Survey:
    """What was seen while unpacking."""

    formulas: int = 0
    hidden_rows: int = 0
    date_1904: bool = False


def survey(file: IO[bytes], size: int) -> Survey:
    """Unpack every member of an .xlsx archive once, throwing the content away.

    Parameters
    ----------
    file
        The archive, readable and seekable.
    size
        Its length in bytes.

    Raises
    ------
    FileRefused
        Of the kind that says what is wrong with the archive.
    """
    try:
        members = zipfile.ZipFile(file).infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise refusals.BrokenWorkbook from error
    _refuse_by_listing(members, size)
    seen = Survey()
    budget = MAX_UNPACKED
    for member in members:
        budget = _read_member(file, member, budget, seen)
    return seen


def _refuse_by_listing(members: list[zipfile.ZipInfo], size: int) -> None:
    names = {member.filename.replace("\\", "/").lower() for member in members}
    if "xl/workbook.xml" not in names:
        raise refusals.WrongFileType(found="xlsb" if "xl/workbook.bin" in names else "zip")
    if any(part in f"/{name}" for name in names for part in _ACTIVE):
        raise refusals.ActiveContent
    if len(members) > MAX_MEMBERS or len(names) != len(members):
        raise refusals.BrokenWorkbook(members=len(members), limit=MAX_MEMBERS)
    if any(name.startswith("/") or ".." in name.split("/") for name in names):
        raise refusals.BrokenWorkbook
    if any(member.flag_bits & 1 for member in members):
        raise refusals.EncryptedWorkbook
    declared = sum(member.file_size for member in members)
    _refuse_size(declared, size)
    if sum(member.compress_size for member in members) > size:
        raise refusals.BrokenWorkbook  # members overlap


def _refuse_size(unpacked: int, packed: int) -> None:
    if unpacked > MAX_UNPACKED or (unpacked > SMALL and unpacked > MAX_RATIO * packed):
        raise refusals.UnpackedTooLarge(megabytes=unpacked // 2**20, limit=MAX_UNPACKED // 2**20)


def _read_member(file: IO[bytes], member: zipfile.ZipInfo, budget: int, seen: Survey) -> int:
    """Unpack one member and return what is left of *budget*, in bytes."""
    name = member.filename.replace("\\", "/").lower()
    sheet = SheetReach(seen) if name.startswith("xl/worksheets/") else None
    unpacked = 0
    for chunk in _unpack(file, member):
        unpacked += len(chunk)
        if unpacked > member.file_size or unpacked > budget:
            # The listing promised less than there is.
            raise refusals.UnpackedTooLarge(limit=MAX_UNPACKED // 2**20)
        if name.endswith((".xml", ".rels")):
            _refuse_entities(chunk)
        if sheet:
            sheet.take(chunk)
        elif name == "xl/workbook.xml" and re.search(rb'date1904="(?:1|true)"', chunk):
            seen.date_1904 = True
        elif name == "[content_types].xml" and b"macroEnabled" in chunk:
            raise refusals.ActiveContent
    if sheet:
        sheet.finish()
    return budget - unpacked


def _refuse_entities(chunk: bytes) -> None:
    if b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk or chunk[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise refusals.BrokenWorkbook


def _unpack(file: IO[bytes], member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Inflate a member in chunks, without believing its declared size."""
    file.seek(member.header_offset)
    header = file.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER or not header.startswith(b"PK\x03\x04"):
        raise refusals.BrokenWorkbook
    file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    left = member.compress_size
    if member.compress_type == zipfile.ZIP_STORED:
        while left > 0 and (raw := file.read(min(left, _CHUNK))):
            left -= len(raw)
            yield raw
        return
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise refusals.BrokenWorkbook
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while left > 0 and not inflate.eof and (raw := file.read(min(left, _CHUNK))):
            left -= len(raw)
            while raw and not inflate.eof:
                yield inflate.decompress(raw, _CHUNK)
                raw = inflate.unconsumed_tail
    except zlib.error as error:
        raise refusals.BrokenWorkbook from error


class SheetReach:
    """How far the filled cells of one sheet reach, told from its text as it streams by."""

    def __init__(self, seen: Survey) -> None:
        self.seen = seen
        self.tail = b""
        self.filled = 0
        self.last_row = 0

    def take(self, chunk: bytes) -> None:
        """Look at the next piece of the sheet's XML."""
        text = self.tail + chunk
        cut = max(text.rfind(b"<"), 0)  # a tag cut in two is looked at when it is whole
        text, self.tail = text[:cut], text[cut:]
        if len(self.tail) > 2 * _CHUNK:
            raise refusals.BrokenWorkbook
        self._look(text)

    def finish(self) -> None:
        """Look at the rest and judge the sheet.

        Raises
        ------
        TooManyRows
            Also for one cell far below the others, which would cost memory for a million rows.
        """
        self._look(self.tail)
        reach = self.last_row
        if reach > MAX_ROWS or (reach > CROWDED and self.filled < reach):
            raise refusals.TooManyRows(rows=reach, limit=MAX_ROWS)

    def _look(self, text: bytes) -> None:
        self.seen.formulas += text.count(b"<f>") + text.count(b"<f ")
        self.seen.hidden_rows += sum(1 for _ in _HIDDEN_ROW.finditer(text))
        addressed = text.count(b'<c r="')
        if addressed == text.count(b"<c") - text.count(b"<col") and b":c" not in text:
            if _WIDE.search(text):
                raise refusals.TooManyColumns(limit=MAX_COLUMNS)
            self.filled += addressed
            self.last_row = max(self.last_row, 0, *map(int, _DEEP.findall(text)))
        else:
            self._look_closely(text)

    def _look_closely(self, text: bytes) -> None:
        """Do the same for cells that are not written the way most programs write them."""
        for cell in _ANY_CELL.finditer(text):
            attributes = cell[1]
            if attributes.endswith(b"/"):
                continue
            address = _ADDRESS.search(attributes)
            if not address:
                raise refusals.BrokenWorkbook
            if address[1].upper().rjust(3) > _LAST_COLUMN:
                raise refusals.TooManyColumns(limit=MAX_COLUMNS)
            self.filled += 1
            self.last_row = max(self.last_row, int(address[2]))
