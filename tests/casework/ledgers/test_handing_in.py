from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from casework.accounts.models import User
from casework.audit.models import AuditAction, AuditEvent
from casework.campaigns.frame import freeze_frame, request_freeze
from casework.db import db
from casework.errors import CaseworkError, NotAllowedNow, NotFound
from casework.ledgers import refusals
from casework.ledgers.errors import InFrame, NoSuchFault, RowsStillFaulty, SameFile
from casework.ledgers.handing_in import (
    remove_faulty_rows,
    remove_rows,
    request_acceptance,
    withdraw_ledger,
)
from casework.ledgers.intake import accept_ledger
from casework.ledgers.models import Ledger, LedgerState, RemovalClass
from casework.ledgers.overview import (
    Window,
    faults_by_class,
    find_ledger,
    ledgers_of,
    problems_of,
    regions_of,
    removals_by_class,
)
from tests.casework.ledgers.builders import OTHER_WOMAN, WOMAN, row
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
from tests.factories import LINYING, NOON, make_campaign


def actions_of(ledger: Ledger) -> list[AuditAction]:
    chosen = select(AuditEvent.action).where(AuditEvent.subject == f"ledger:{ledger.id}")
    return list(db.session.scalars(chosen.order_by(AuditEvent.id)))


def with_faults() -> bytes:
    """One faultless row (2), a missing name (3), a wrong check digit (4), a repeated person (5)."""
    return book_of(
        row(id_no=WOMAN),
        row(id_no=OTHER_WOMAN, name=""),
        row(id_no=WOMAN[:-1] + "0"),
        row(id_no=WOMAN, employ_date="2017-06-01"),
    )


@pytest.mark.usefixtures("app")
class TestUploading:
    def test_a_file_waits_for_its_check_and_says_nothing_in_the_clear(self):
        content = book_of(*people(1))

        ledger = upload(content, make_clerk())

        assert (ledger.state, ledger.file_size) == (LedgerState.UPLOADED, len(content))
        assert content[:40] not in ledger.content_sealed
        assert actions_of(ledger) == [AuditAction.LEDGER_UPLOAD]

    def test_the_same_file_is_refused_and_the_first_ledger_named(self):
        clerk = make_clerk()
        first = upload(book_of(*people(1)), clerk)
        content = book_of(*people(2))
        second = upload(content, clerk)

        with pytest.raises(SameFile) as refused:
            upload(content, clerk, region_code=XIANGCHENG)

        assert refused.value.facts == {"ledger": second.id}
        assert first.id != second.id

    def test_a_withdrawn_file_may_be_handed_in_again(self):
        clerk, content = make_clerk(), with_faults()
        ledger = checked(content, clerk)
        withdraw_ledger(ledger.id, actor=clerk, at=AT)

        assert checked(content, clerk).state is LedgerState.FAULTY

    def test_a_clerk_cannot_hand_in_for_another_region(self):
        with pytest.raises(NotFound):
            upload(book_of(*people(1)), make_clerk(), region_code=LINYING)

    def test_a_functional_zone_hands_in_no_ledger(self):
        with pytest.raises(refusals.UnknownRegion):
            upload(book_of(*people(1)), make_clerk("410000"), region_code="410171")

    def test_an_empty_file_is_refused_before_anything_is_kept(self):
        with pytest.raises(refusals.EmptyFile):
            upload(b"", make_clerk())

        assert db.session.scalars(select(Ledger)).all() == []

    def test_a_city_offers_itself_and_its_counties_a_county_only_itself(self):
        codes = [region.code for region in regions_of(make_clerk(XUCHANG))]

        assert XUCHANG in codes
        assert XIANGCHENG in codes
        assert LINYING not in codes
        assert [region.code for region in regions_of(make_clerk(LINYING))] == [LINYING]


@pytest.mark.usefixtures("app")
class TestRemoving:
    def test_every_faulty_row_goes_under_the_class_its_rule_asks_for(self):
        clerk = make_clerk()
        ledger = checked(with_faults(), clerk)
        assert faults_by_class(ledger.id) == {
            RemovalClass.INCOMPLETE: 1,
            RemovalClass.INVALID: 1,
            RemovalClass.DUPLICATE: 1,
        }

        assert remove_faulty_rows(ledger.id, actor=clerk, at=AT) == 3

        assert db.session.get_one(Ledger, ledger.id).state is LedgerState.CLEAN
        assert sum(removals_by_class(ledger.id).values()) == 3
        assert faults_by_class(ledger.id) == {}

    def test_chosen_rows_go_under_the_class_that_was_chosen(self):
        clerk = make_clerk()
        ledger = checked(with_faults(), clerk)

        remove_rows(ledger.id, [("再就业", 3)], RemovalClass.INVALID, actor=clerk, at=AT)

        assert removals_by_class(ledger.id) == {RemovalClass.INVALID: 1}
        ledger = db.session.get_one(Ledger, ledger.id)
        assert (ledger.rows_faulty, ledger.state) == (2, LedgerState.FAULTY)

    @pytest.mark.parametrize("place", [("再就业", 2), ("再就业", 99), ("别的表", 3)])
    def test_a_row_without_an_error_stays(self, place):
        clerk = make_clerk()
        ledger = checked(with_faults(), clerk)

        with pytest.raises(NoSuchFault):
            remove_rows(ledger.id, [place], RemovalClass.INVALID, actor=clerk, at=AT)

    def test_a_removed_row_is_marked_in_the_list_of_problems(self):
        clerk = make_clerk()
        ledger = checked(with_faults(), clerk)
        remove_rows(ledger.id, [("再就业", 3)], RemovalClass.INVALID, actor=clerk, at=AT)

        seen = problems_of(ledger.id, Window(50), actor=clerk, rule="F001").rows

        assert [(s.problem.row, s.removed) for s in seen] == [(3, RemovalClass.INVALID)]


@pytest.mark.usefixtures("app")
class TestAccepting:
    def test_nothing_is_accepted_while_one_row_has_an_error(self):
        clerk = make_clerk()
        ledger = checked(with_faults(), clerk)

        with pytest.raises(RowsStillFaulty) as refused:
            request_acceptance(ledger.id, actor=clerk, at=AT)

        assert refused.value.facts == {"rows": 3}
        accept_ledger(ledger.uid, at=AT)
        assert entries_of(ledger) == []

    def test_a_ledger_is_asked_to_be_accepted_once(self):
        clerk = make_clerk()
        ledger = checked(book_of(*people(2)), clerk)
        request_acceptance(ledger.id, actor=clerk, at=AT)

        with pytest.raises(NotAllowedNow):
            request_acceptance(ledger.id, actor=clerk, at=AT)

    def test_who_asked_is_audited(self):
        clerk = make_clerk()
        ledger = checked(book_of(*people(2)), clerk)

        request_acceptance(ledger.id, actor=clerk, at=AT)

        assert actions_of(ledger)[-1] is AuditAction.LEDGER_ACCEPT_REQUEST


@pytest.mark.usefixtures("app")
class TestWithdrawing:
    def test_a_withdrawn_ledger_keeps_neither_file_nor_entries(self):
        clerk = make_clerk()
        ledger = accepted(book_of(*people(3)), clerk)
        assert len(entries_of(ledger)) == 3

        withdraw_ledger(ledger.id, actor=clerk, at=AT)

        ledger = db.session.get_one(Ledger, ledger.id)
        assert (ledger.state, ledger.content_sealed) == (LedgerState.WITHDRAWN, None)
        assert entries_of(ledger) == []

    def test_a_ledger_in_a_frozen_frame_stays(self):
        clerk = make_clerk()
        ledger = accepted(book_of(*people(3)), clerk)
        campaign = make_campaign(units=(XUCHANG,))
        request_freeze(campaign.id, actor=clerk, at=NOON)
        freeze_frame(campaign.uid, at=NOON)

        with pytest.raises(InFrame):
            withdraw_ledger(ledger.id, actor=clerk, at=AT)

        assert db.session.get_one(Ledger, ledger.id).state is LedgerState.ACCEPTED
        assert len(entries_of(ledger)) == 3


@pytest.mark.usefixtures("app")
class TestScope:
    def test_another_county_has_no_such_ledger(self):
        ledger = checked(with_faults(), make_clerk(XIANGCHENG))
        stranger = make_clerk(LINYING)

        for act in (
            lambda: find_ledger(ledger.id, actor=stranger),
            lambda: problems_of(ledger.id, Window(9), actor=stranger),
            lambda: remove_faulty_rows(ledger.id, actor=stranger, at=AT),
            lambda: request_acceptance(ledger.id, actor=stranger, at=AT),
            lambda: withdraw_ledger(ledger.id, actor=stranger, at=AT),
        ):
            with pytest.raises(NotFound):
                act()
        assert ledgers_of(stranger, Window(9)).rows == []

    def test_the_unit_sees_the_ledgers_of_its_counties(self):
        ledger = checked(with_faults(), make_clerk(XIANGCHENG))

        assert find_ledger(ledger.id, actor=make_clerk(XUCHANG)).id == ledger.id


@pytest.mark.usefixtures("app")
def test_a_long_list_is_paged_forwards_and_back_without_losing_a_row():
    clerk = make_clerk()
    ledger = checked(book_of(*people(7, name="")), clerk)

    first = problems_of(ledger.id, Window(3), actor=clerk)
    second = problems_of(ledger.id, Window(3, after=first.rows[-1].problem.id), actor=clerk)
    last = problems_of(ledger.id, Window(3, after=second.rows[-1].problem.id), actor=clerk)
    back = problems_of(ledger.id, Window(3, before=last.rows[0].problem.id), actor=clerk)

    rows = [seen.problem.row for part in (first, second, last) for seen in part.rows]
    assert rows == [2, 3, 4, 5, 6, 7, 8]
    assert (first.has_previous, first.has_next) == (False, True)
    assert (last.has_previous, last.has_next) == (True, False)
    assert [seen.problem.id for seen in back.rows] == [seen.problem.id for seen in second.rows]


def test_of_two_uploads_of_one_file_at_the_same_moment_one_is_kept(committed_app):
    with committed_app.app_context():
        clerk_id = make_clerk().id
    content = book_of(*people(1))

    def hand_in(number: int) -> type[CaseworkError] | None:
        with committed_app.app_context():
            clerk = db.session.get_one(User, clerk_id)
            try:
                upload(content, clerk)
            except SameFile as error:
                return type(error)
        return None

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(hand_in, range(4)))

    assert sorted(map(str, outcomes)) == sorted(map(str, [None, SameFile, SameFile, SameFile]))
    with committed_app.app_context():
        assert len(db.session.scalars(select(Ledger)).all()) == 1


def accepted(content: bytes, clerk: User) -> Ledger:
    ledger = checked(content, clerk)
    request_acceptance(ledger.id, actor=clerk, at=AT)
    accept_ledger(ledger.uid, at=AT)
    return db.session.get_one(Ledger, ledger.id)
