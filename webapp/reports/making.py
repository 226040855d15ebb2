"""Who writes each kind of hand-out: words from here, files from casework."""

from collections.abc import Callable
from typing import BinaryIO, Final

from flask import current_app
from flask_babel import force_locale

from casework.db import utcnow
from casework.reports import handouts
from casework.reports.bundle import write_run_bundle
from casework.reports.document import Document
from casework.reports.handouts import Order, Writer
from casework.reports.models import HandoutKind
from casework.reports.official import OfficialTable, as_sheet
from casework.reports.typesetting import as_page, as_pdf
from casework.reports.word import as_word
from casework.reports.workbook import write_workbook
from webapp.i18n import LANGUAGES
from webapp.reports.certificate import result_certificate
from webapp.reports.notice import result_notice
from webapp.reports.verification import verification_report
from webapp.reports.weekly import weekly_paper
from webapp.reports.words import ending, workbook_word

SUFFIXES: Final = {
    HandoutKind.REPORT_WORD: "docx",
    HandoutKind.REPORT_PDF: "pdf",
    HandoutKind.ANNEX: "xlsx",
    HandoutKind.NOTICE_WORD: "docx",
    HandoutKind.NOTICE_PDF: "pdf",
    HandoutKind.WEEKLY_SHEET: "xlsx",
    HandoutKind.WEEKLY_PDF: "pdf",
    HandoutKind.CERTIFICATE_WORD: "docx",
    HandoutKind.CERTIFICATE_PDF: "pdf",
    HandoutKind.BUNDLE: "zip",
}
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
TYPES: Final = {
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "zip": "application/zip",
}


def make_handout(uid: str) -> None:
    """Make one requested hand-out; what a worker runs."""
    handouts.make_handout(uid, WRITERS, at=utcnow())


def _paper(compose: Callable[[Order], Document], form: Callable[[Document], bytes]) -> Writer:
    def write(order: Order, out: BinaryIO) -> None:
        order.show(0, 2)
        with force_locale(LANGUAGES[order.language]):
            document = compose(order)
        order.show(1, 2)
        out.write(form(document))

    return write


def _workbook(order: Order, out: BinaryIO) -> None:
    with force_locale(LANGUAGES[order.language]):
        write_workbook(order, out, words=workbook_word, demonstration=current_app.config["DEMO"])


def _weekly(form: Callable[[OfficialTable, BinaryIO], None]) -> Writer:
    def write(order: Order, out: BinaryIO) -> None:
        order.show(0, 2)
        with force_locale(LANGUAGES[order.language]):
            table = weekly_paper(order)
            order.show(1, 2)
            form(table, out)

    return write


def _weekly_sheet(table: OfficialTable, out: BinaryIO) -> None:
    as_sheet(table, out, ending)


def _weekly_page(table: OfficialTable, out: BinaryIO) -> None:
    out.write(as_page(table))


def _bundle(order: Order, out: BinaryIO) -> None:
    order.show(0, 1)
    write_run_bundle(order.run, out, at=order.at, demonstration=current_app.config["DEMO"])


WRITERS: Final[dict[HandoutKind, Writer]] = {
    HandoutKind.REPORT_WORD: _paper(verification_report, as_word),
    HandoutKind.REPORT_PDF: _paper(verification_report, as_pdf),
    HandoutKind.ANNEX: _workbook,
    HandoutKind.NOTICE_WORD: _paper(result_notice, as_word),
    HandoutKind.NOTICE_PDF: _paper(result_notice, as_pdf),
    HandoutKind.WEEKLY_SHEET: _weekly(_weekly_sheet),
    HandoutKind.WEEKLY_PDF: _weekly(_weekly_page),
    HandoutKind.CERTIFICATE_WORD: _paper(result_certificate, as_word),
    HandoutKind.CERTIFICATE_PDF: _paper(result_certificate, as_pdf),
    HandoutKind.BUNDLE: _bundle,
}
