"""Eight operators at once, with true commits on both engines."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import func, select

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.audit.trail import first_broken_link
from casework.calls.filling import CallReport
from casework.calls.holding import LEASE, expire_due_leases
from casework.calls.models import Attempt
from casework.calls.queue import Claim, claim_next_case
from casework.calls.reports import record_and_claim, record_outcome
from casework.calls.rules import Rules, set_calling_rules
from casework.calls.slots import SlotFull
from casework.campaigns.models import Campaign
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case
from casework.db import db, transaction
from tests.casework.calls.rows import claimed, open_replicate, report
from tests.factories import NOON, make_user

OPERATORS = 8
#: SQLite lets one write at a time, so that more claims meet no more of each other.
CASES = {"sqlite": 100, "postgresql": 400}


def test_eight_operators_share_the_cases_without_a_double_or_an_error(committed_app: Flask):
    cases = cases_for(committed_app)
    operators = prepare(committed_app, operators=OPERATORS, cases=cases)

    def work(operator_id: int) -> list[int]:
        with committed_app.app_context():
            done = []
            operator = db.session.get_one(User, operator_id)
            while (claim := claim_next_case(actor=operator, at=NOON)) is not None:
                report = CallReport(disposition="22", note="演示", idempotency_key=f"{claim.code}")
                record_outcome(claim.case_id, claim.fence, report, actor=operator, at=NOON)
                done.append(claim.case_id)
            return done

    with ThreadPoolExecutor(OPERATORS) as pool:
        worked = [case for done in pool.map(work, operators) for case in done]

    with committed_app.app_context():
        assert max(Counter(worked).values()) == 1
        assert len(worked) == cases
        assert db.session.scalar(select(func.count()).select_from(Attempt)) == cases
        assert first_broken_link() is None


def test_as_many_claims_at_once_have_as_many_holders(committed_app: Flask):
    cases = cases_for(committed_app)
    operators = prepare(committed_app, operators=cases, cases=cases)

    def claim(operator_id: int) -> int | None:
        with committed_app.app_context():
            operator = db.session.get_one(User, operator_id)
            claim = claim_next_case(actor=operator, at=NOON)
            return claim and claim.case_id

    with ThreadPoolExecutor(OPERATORS) as pool:
        claimed = list(pool.map(claim, operators))

    with committed_app.app_context():
        held = db.session.scalars(select(Case.holder_id).where(Case.state == CaseState.HELD)).all()
    assert len(set(claimed) - {None}) == cases
    assert len(set(held)) == cases


def test_two_tabs_of_one_operator_hold_one_case(committed_app: Flask):
    (operator_id,) = prepare(committed_app, operators=1, cases=OPERATORS)

    def claim(_tab: int) -> int | None:
        with committed_app.app_context():
            operator = db.session.get_one(User, operator_id)
            claim = claim_next_case(actor=operator, at=NOON + timedelta(seconds=1))
            return claim and claim.case_id

    with ThreadPoolExecutor(OPERATORS) as pool:
        assert len(set(pool.map(claim, range(OPERATORS)))) == 1


def test_a_report_in_one_tab_and_claims_in_others_leave_one_case_in_hand(committed_app: Flask):
    (operator_id,) = prepare(committed_app, operators=1, cases=OPERATORS)
    with committed_app.app_context():
        first = claim_next_case(actor=db.session.get_one(User, operator_id), at=NOON)
    assert first is not None

    def press(tab: int) -> None:
        with committed_app.app_context():
            operator = db.session.get_one(User, operator_id)
            if tab % 2:
                claim_next_case(actor=operator, at=NOON)
            else:
                report = CallReport(disposition="41", idempotency_key="one press")
                record_and_claim(first.case_id, first.fence, report, actor=operator, at=NOON)

    with ThreadPoolExecutor(OPERATORS) as pool:
        list(pool.map(press, range(OPERATORS)))
    with committed_app.app_context():
        held = db.session.scalars(select(Case.id).where(Case.holder_id == operator_id)).all()
        assert len(held) == 1
        assert db.session.scalar(select(func.count()).select_from(Attempt)) == 1


def test_an_own_case_that_another_claim_takes_back_is_not_given_once_more(committed_app: Flask):
    (operator_id,) = prepare(committed_app, operators=1, cases=1)
    later = NOON + LEASE

    def claim(at: datetime) -> Claim | None:
        with committed_app.app_context():
            return claim_next_case(actor=db.session.get_one(User, operator_id), at=at)

    first = claim(NOON)
    with ThreadPoolExecutor(1) as pool, committed_app.app_context():
        with transaction() as session:
            expire_due_leases(session, later)
            session.flush()
            second = pool.submit(claim, later)
            with suppress(TimeoutError):
                second.result(timeout=1)
        again = second.result(timeout=30)

    assert first is not None
    assert again is not None
    assert (again.fence, again.resumed) == (first.fence + 1, False)


def test_a_double_press_is_one_outcome(committed_app: Flask):
    (operator_id,) = prepare(committed_app, operators=1, cases=1)
    with committed_app.app_context():
        operator = db.session.get_one(User, operator_id)
        claim = claim_next_case(actor=operator, at=NOON)
    assert claim is not None

    def press(_time: int) -> CaseState:
        with committed_app.app_context():
            operator = db.session.get_one(User, operator_id)
            report = CallReport(disposition="41", idempotency_key="one press")
            return record_outcome(claim.case_id, claim.fence, report, actor=operator, at=NOON).state

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(press, range(4))) == {CaseState.READY}
    with committed_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Attempt)) == 1


def test_operators_who_agree_at_once_on_the_last_place_of_a_slot_get_it_once(committed_app: Flask):
    operators = prepare(committed_app, operators=4, cases=4)
    with committed_app.app_context():
        campaign = db.session.scalars(select(Campaign.id)).one()
        supervisor = make_user(Role.SUPERVISOR)
        set_calling_rules(campaign, Rules(slot_capacity=1), actor=supervisor, at=NOON)
        ours = [db.session.get_one(User, operator_id) for operator_id in operators]
        claims = [claimed(operator) for operator in ours]
    window = (NOON + timedelta(days=1), NOON + timedelta(days=1, minutes=30))

    def agree(turn: int) -> bool:
        with committed_app.app_context():
            operator, claim = db.session.get_one(User, operators[turn]), claims[turn]
            try:
                report(claim, "31", actor=operator, at=NOON, window=window)
            except SlotFull:
                return False
            return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(agree, range(4))) == 1


def cases_for(app: Flask) -> int:
    with app.app_context():
        return CASES[db.engine.dialect.name]


def prepare(app: Flask, *, operators: int, cases: int) -> list[int]:
    with app.app_context():
        open_replicate(cases)
        return [make_user().id for _ in range(operators)]
