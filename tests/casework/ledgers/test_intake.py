import io
from datetime import timedelta

import openpyxl
import pytest
from sqlalchemy import select

from casework.accounts.models import User
from casework.audit.models import AuditAction, AuditEvent
from casework.db import db
from casework.errors import NotAllowedNow, NotFound
from casework.ledgers.download import download_annotated
from casework.ledgers.handing_in import remove_faulty_rows, request_acceptance, withdraw_ledger
from casework.ledgers.intake import accept_ledger, check_ledger
from casework.ledgers.models import Ledger, LedgerProblem, LedgerState
from casework.sealing import blind_index
from tests.casework.ledgers.builders import HARD, OTHER_WOMAN, OVER, WOMAN, row, titles
from tests.casework.ledgers.uploads import (
    AT,
    XIANGCHENG,
    XUCHANG,
    book_of,
    checked,
    entries_of,
    make_clerk,
    people,
    upload,
)
from tests.factories import LINYING

CANARY = "金丝雀演示"


def problems_of(ledger: Ledger) -> list[LedgerProblem]:
    chosen = select(LedgerProblem).where(LedgerProblem.ledger_id == ledger.id)
    return list(db.session.scalars(chosen.order_by(LedgerProblem.id)))


def ask_and_accept(ledger: Ledger, clerk: User) -> Ledger:
    request_acceptance(ledger.id, actor=clerk, at=AT)
    accept_ledger(ledger.uid, at=AT)
    return db.session.get_one(Ledger, ledger.id)


@pytest.mark.usefixtures("app")
class TestChecking:
    def test_every_problem_stands_at_its_place_with_no_personal_data(self):
        ledger = checked(
            book_of(row(id_no=WOMAN), row(id_no=OTHER_WOMAN, name=""), row(id_no=WOMAN)),
            make_clerk(),
        )

        found = [(p.sheet, p.row, p.rule) for p in problems_of(ledger)]
        assert found == [("再就业", 3, "F001"), ("再就业", 4, "D001")]
        assert (ledger.rows_total, ledger.rows_faulty) == (3, 2)
        assert WOMAN not in str([p.facts for p in problems_of(ledger)])

    def test_a_ledger_without_errors_is_clean_and_still_no_entry(self):
        ledger = checked(book_of(*people(4)), make_clerk())

        assert ledger.state is LedgerState.CLEAN
        assert entries_of(ledger) == []

    def test_a_warning_does_not_stand_in_the_way(self):
        ledger = checked(book_of(row(name="测试")), make_clerk())

        assert [p.rule for p in problems_of(ledger)] == ["F002"]
        assert ledger.state is LedgerState.CLEAN

    def test_checking_twice_lists_each_problem_once(self):
        ledger = checked(book_of(row(name="")), make_clerk())

        check_ledger(ledger.uid, at=AT)

        assert [p.rule for p in problems_of(ledger)] == ["F001"]

    def test_a_check_that_died_is_done_anew(self):
        ledger = upload(book_of(row(name="")), make_clerk())
        ledger.state = LedgerState.CHECKING
        db.session.commit()

        check_ledger(ledger.uid, at=AT)

        assert db.session.get_one(Ledger, ledger.id).state is LedgerState.FAULTY

    def test_nothing_is_kept_of_a_refused_file(self):
        ledger = checked("序号,备注\n1,无".encode(), make_clerk())

        assert (ledger.state, ledger.refusal) == (LedgerState.REFUSED, "UnknownHeader")
        assert ledger.content_sealed is None
        assert problems_of(ledger) == []

    def test_the_rows_of_a_county_stand_in_for_no_other(self):
        ledger = checked(book_of(row(region_county="长葛市")), make_clerk(XIANGCHENG))

        assert [p.rule for p in problems_of(ledger)] == ["F028"]


@pytest.mark.usefixtures("app")
class TestAccepting:
    def test_every_clean_row_becomes_one_entry(self):
        clerk = make_clerk()
        ledger = ask_and_accept(checked(book_of(*people(5)), clerk), clerk)

        assert ledger.state is LedgerState.ACCEPTED
        entries = entries_of(ledger)
        assert [entry.row for entry in entries] == [2, 3, 4, 5, 6]
        assert {entry.region_code for entry in entries} == {XIANGCHENG}
        assert entries[0].id_index == blind_index(entries[0].id_no, column="id_no")

    def test_removed_rows_become_no_entries(self):
        clerk = make_clerk()
        ledger = checked(book_of(*people(3), row(name="", id_no=OTHER_WOMAN)), clerk)
        remove_faulty_rows(ledger.id, actor=clerk, at=AT)

        ledger = ask_and_accept(ledger, clerk)

        assert [entry.row for entry in entries_of(ledger)] == [2, 3, 4]

    def test_accepting_twice_makes_each_entry_once(self):
        clerk = make_clerk()
        ledger = ask_and_accept(checked(book_of(*people(2)), clerk), clerk)

        accept_ledger(ledger.uid, at=AT)

        assert len(entries_of(ledger)) == 2

    def test_what_became_faulty_since_the_check_is_accepted_neither_whole_nor_in_part(self):
        clerk = make_clerk()
        ledger = checked(book_of(*people(3)), clerk)
        request_acceptance(ledger.id, actor=clerk, at=AT)

        accept_ledger(ledger.uid, at=AT - timedelta(days=50 * 366))  # nobody was born yet

        ledger = db.session.get_one(Ledger, ledger.id)
        assert (ledger.state, ledger.rows_faulty) == (LedgerState.FAULTY, 3)
        assert entries_of(ledger) == []

    def test_the_workers_act_is_audited_with_counts_alone(self):
        clerk = make_clerk()
        ledger = ask_and_accept(checked(book_of(*people(2)), clerk), clerk)

        event = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == AuditAction.LEDGER_ACCEPT)
        ).one()
        assert event.subject == f"ledger:{ledger.id}"
        assert event.facts == {"entries": 2, "removed": 0}

    def test_a_claim_of_not_settled_and_the_enterprise_are_kept_for_overcapacity(self):
        clerk = make_clerk()
        rows = row(OVER), row(OVER, id_no=OTHER_WOMAN, enterprise="示例煤业二矿")
        content = book_of(*rows, project=OVER)
        ledger = ask_and_accept(checked(content, clerk, project=OVER), clerk)

        assert [entry.enterprise for entry in entries_of(ledger)] == [
            "示例煤业一矿",
            "示例煤业二矿",
        ]

    def test_hardship_ledgers_are_taken_too(self):
        clerk = make_clerk()
        content = book_of(row(HARD), project=HARD)

        ledger = ask_and_accept(checked(content, clerk, project=HARD), clerk)

        assert len(entries_of(ledger)) == 1


def test_no_name_and_no_number_lies_in_the_database_in_the_clear(new_app, tmp_path):
    app = new_app("sqlite")
    with app.app_context():
        clerk = make_clerk()
        rows = row(name=CANARY, id_no=WOMAN), row(name=CANARY, id_no=OTHER_WOMAN[:-1] + "9")
        ledger = checked(book_of(*rows), clerk)
        remove_faulty_rows(ledger.id, actor=clerk, at=AT)
        ask_and_accept(ledger, clerk)
        assert entries_of(ledger)[0].name == CANARY

    stored = b"".join(path.read_bytes() for path in tmp_path.glob("*.db*"))
    assert len(stored) > 10_000
    for secret in (CANARY, WOMAN, OTHER_WOMAN[:-1], "13837405926"):
        assert secret.encode() not in stored


@pytest.mark.usefixtures("app")
class TestDownloading:
    def download(self, ledger: Ledger, actor: User) -> openpyxl.Workbook:
        content = download_annotated(
            ledger.id, actor=actor, at=AT, title="问题", words=lambda problem: problem.rule
        )
        return openpyxl.load_workbook(io.BytesIO(content))

    def test_the_workbook_comes_back_with_the_problems_beside_the_rows(self):
        clerk = make_clerk()
        ledger = checked(book_of(row(id_no=OTHER_WOMAN), row(name="")), clerk)

        sheet = self.download(ledger, clerk).active

        assert [cell.value for cell in sheet[1]] == [*titles(), "问题"]
        assert [line[-1].value for line in sheet.iter_rows(min_row=2)] == [None, "F001"]

    def test_who_took_it_is_audited(self):
        clerk = make_clerk()
        ledger = checked(book_of(row(name="")), clerk)

        self.download(ledger, clerk)

        event = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == AuditAction.LEDGER_DOWNLOAD)
        ).one()
        assert (event.actor_id, event.subject) == (clerk.id, f"ledger:{ledger.id}")

    def test_a_stranger_finds_nothing_and_of_a_withdrawn_file_nothing_is_left(self):
        clerk = make_clerk(XUCHANG)
        ledger = checked(book_of(row(name="")), clerk)
        with pytest.raises(NotFound):
            self.download(ledger, make_clerk(LINYING))
        withdraw_ledger(ledger.id, actor=clerk, at=AT)
        with pytest.raises(NotAllowedNow):
            self.download(ledger, clerk)
