"""The whole life of cases on the call floor, step by step at random, with a clock of its own.

Every step is a public service, as a page would call it. After each step the invariants of the
floor hold. HEYAN_STEPS sets how many steps are played; more than usual finds rarer sequences.
"""

import contextlib
import os
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import current_app
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.calls.attempts import NumberIsSpared, OutsideCallingHours, start_attempt
from casework.calls.closing import AppointmentUnusable
from casework.calls.corrections import CorrectionTooLate, correct_attempt
from casework.calls.freeing import free_case
from casework.calls.holding import CaseNotHeld, expire_leases, hand_back, recount, renew_lease
from casework.calls.late_models import LateOutcome
from casework.calls.late_outcomes import accept_late_outcome, list_late_outcomes
from casework.calls.models import Attempt
from casework.calls.overruling import CallNotLast, CallsAreOver, overrule_call
from casework.calls.pushing import HoldsAnotherCase, RefusalRests, push_case, take_case
from casework.calls.queue import Claim, claim_next_case
from casework.calls.reports import OutcomeKeptLate, record_outcome
from casework.calls.rules import Rules, set_calling_rules
from casework.calls.schedule import CALLING_HOURS
from casework.calls.script import answers_leading_to
from casework.calls.supervision import finish_case, return_case
from casework.cases.lifecycle import CaseState, TransitionNotAllowed
from casework.cases.models import Case, CaseSchedule, Standing
from casework.db import db, transaction
from casework.errors import NotAllowedNow
from tests.casework.calls.rows import open_replicate, to_report
from tests.factories import NOON, make_user
from tests.grounds import begins_with

STEPS = int(os.environ.get("HEYAN_STEPS", "2000"))
ONE_RUN = 50  # steps on one database
CASES, OPERATORS = 5, 3
LIMITS = Rules(calls_of_a_case=5, calls_a_day=2)
HOUR = timedelta(hours=1)
who = st.integers(0, OPERATORS - 1)
endings = st.sampled_from(["11", "21", "22", "31", "33", "41", "43", "51", "54", "71", "81"])


def open_floor() -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """Open a campaign; return its cases, the operators and the supervisor, by their ids."""
    campaign, supervisor = open_replicate(CASES), make_user(Role.SUPERVISOR)
    set_calling_rules(campaign.id, LIMITS, actor=supervisor, at=NOON)
    case_ids = db.session.scalars(select(Case.id).order_by(Case.id)).all()
    return tuple(case_ids), tuple(make_user().id for _ in range(OPERATORS)), supervisor.id


class CallFloor(RuleBasedStateMachine):
    """A model of what was promised: who was told that what is stored."""

    @initialize()
    def open(self) -> None:
        ground = current_app.extensions["ground"]
        self.undo = ground.begun_with(begins_with(open_floor).mark)
        self.undo.__enter__()
        self.case_ids, self.operators, self.supervisor = ground.made()
        self.at = NOON
        self.claims: list[tuple[int, Claim]] = []  # also those lost since
        self.acknowledged: dict[str, str] = {}  # key of a report to its disposition
        self.late: set[int] = set()

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            self.undo.__exit__(None, None, None)

    def user(self, user_id: int) -> User:
        return db.session.get_one(User, user_id)

    def operator(self, number: int) -> User:
        return self.user(self.operators[number])

    @rule(minutes=st.sampled_from([1, 7, 19, 25, 61, 200, 1440]))
    def time_passes(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule(number=who)
    def claim(self, number: int) -> None:
        claim = claim_next_case(actor=self.operator(number), at=self.at)
        if claim is None:
            assert not self.callable_by_anybody() or not CALLING_HOURS.contain(self.at)
        elif not claim.resumed:
            assert CALLING_HOURS.contain(self.at)
            self.claims.append((self.operators[number], claim))

    def callable_by_anybody(self) -> bool:
        """Tell whether a plain case is due that no rule keeps from anybody."""
        plain = select(CaseSchedule.case_id).where(
            CaseSchedule.standing != Standing.OUT,
            CaseSchedule.due_at <= self.at,
            CaseSchedule.owner_id.is_(None),
            CaseSchedule.skill == "",
            CaseSchedule.tried == 0,
        )
        return self.at < NOON + timedelta(days=20) and db.session.scalar(plain) is not None

    def holds(self, owner: int, claim: Claim) -> bool:
        now = select(Case.holder_id, Case.fence).where(Case.id == claim.case_id)
        return db.session.execute(now).one() == (owner, claim.fence)

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def dial(self, data: st.DataObject) -> None:
        owner, claim = data.draw(st.sampled_from(self.claims))
        holds = self.holds(owner, claim)
        try:
            start_attempt(claim.case_id, claim.fence, actor=self.user(owner), at=self.at)
        except CaseNotHeld:
            assert not holds
        except OutsideCallingHours:
            assert not CALLING_HOURS.contain(self.at) or self.at > NOON + timedelta(days=20)
        else:
            assert holds

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), disposition=endings, twice=st.booleans())
    def submit(self, data: st.DataObject, disposition: str, twice: bool) -> None:
        owner, claim = data.draw(st.sampled_from(self.claims))
        holds = self.holds(owner, claim)
        report = self.report(claim, disposition)
        for _ in range(1 + twice):
            try:
                record_outcome(
                    claim.case_id, claim.fence, report, actor=self.user(owner), at=self.at
                )
            except OutcomeKeptLate as kept:
                assert not holds
                self.late.add(int(str(kept.facts["number"])))
            except CaseNotHeld:
                assert not holds
            else:
                assert holds
                self.acknowledged[report.idempotency_key] = disposition

    def report(self, claim: Claim, disposition: str):
        facts = {}
        if disposition == "11":
            facts["answers"] = answers_leading_to(claim.project, "V1")
        if disposition == "31":
            start = CALLING_HOURS.within(self.at + HOUR)
            facts["window"] = (start, start + HOUR)
        if disposition == "54":
            facts["new_number"] = "13900000001"
        return to_report(disposition, **facts)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), back=st.booleans())
    def beat_or_hand_back(self, data: st.DataObject, back: bool) -> None:
        owner, claim = data.draw(st.sampled_from(self.claims))
        holds = self.holds(owner, claim)
        act = hand_back if back else renew_lease
        try:
            act(claim.case_id, claim.fence, actor=self.user(owner), at=self.at)
        except CaseNotHeld:
            assert not holds
        else:
            assert holds

    @rule()
    def the_server_stops_and_starts(self) -> None:
        db.session.remove()
        expire_leases(at=self.at)
        assert not db.session.scalar(
            select(func.count()).where(Case.holder_id.is_not(None), Case.lease_until <= self.at)
        )

    @rule(data=st.data(), number=who, sure=st.booleans())
    def push(self, data: st.DataObject, number: int, sure: bool) -> None:
        case_id, to = data.draw(st.sampled_from(self.case_ids)), self.operators[number]
        supervisor = self.user(self.supervisor)
        with contextlib.suppress(NotAllowedNow, NumberIsSpared, RefusalRests):
            push_case(case_id, to, although_resting=sure, actor=supervisor, at=self.at)

    @rule(data=st.data())
    def the_supervisor_frees_a_case(self, data: st.DataObject) -> None:
        case_id, by = data.draw(st.sampled_from(self.case_ids)), self.user(self.supervisor)
        with contextlib.suppress(NotAllowedNow):
            free_case(case_id, "演示断网", although_at_work=True, actor=by, at=self.at)

    @rule(data=st.data(), number=who)
    def somebody_calls_back(self, data: st.DataObject, number: int) -> None:
        case_id = data.draw(st.sampled_from(self.case_ids))
        try:
            claim = take_case(case_id, actor=self.operator(number), at=self.at)
        except (NotAllowedNow, HoldsAnotherCase, OutsideCallingHours):
            return
        self.claims.append((self.operators[number], claim))

    @rule(data=st.data(), back=st.booleans())
    def the_supervisor_decides(self, data: st.DataObject, back: bool) -> None:
        case_id = data.draw(st.sampled_from(self.case_ids))
        act = return_case if back else finish_case
        with contextlib.suppress(NotAllowedNow, TransitionNotAllowed):
            act(case_id, "演示决定", actor=self.user(self.supervisor), at=self.at)

    @rule(data=st.data(), disposition=endings)
    def correct(self, data: st.DataObject, disposition: str) -> None:
        closed = db.session.scalars(select(Attempt).where(Attempt.disposition != "")).all()
        if not closed:
            return
        attempt = data.draw(st.sampled_from(closed))
        claim = next(c for _, c in self.claims if c.case_id == attempt.case_id)
        report = self.report(claim, disposition)
        report = replace(report, note=f"演示更正 {report.idempotency_key}")
        owner = self.user(attempt.operator_id)
        try:
            correct_attempt(attempt.uid, report, actor=owner, at=self.at)
        except CorrectionTooLate:
            return
        self.acknowledged[report.idempotency_key] = disposition

    @rule(data=st.data(), disposition=endings)
    def the_supervisor_corrects(self, data: st.DataObject, disposition: str) -> None:
        closed = db.session.scalars(select(Attempt).where(Attempt.disposition != "")).all()
        if not closed:
            return
        attempt = data.draw(st.sampled_from(closed))
        claim = next(c for _, c in self.claims if c.case_id == attempt.case_id)
        report = self.report(claim, disposition)
        with contextlib.suppress(CallNotLast, CallsAreOver):
            overrule_call(attempt.uid, report, actor=self.user(self.supervisor), at=self.at)
            self.acknowledged[report.idempotency_key] = disposition

    @rule()
    def accept_what_came_late(self) -> None:
        supervisor = self.user(self.supervisor)
        for row in list_late_outcomes(actor=supervisor):
            with contextlib.suppress(NotAllowedNow, AppointmentUnusable):
                accept_late_outcome(row.number, actor=supervisor, at=self.at)

    @rule()
    def the_calls_are_counted_anew(self) -> None:
        with transaction() as session:
            for case in session.scalars(select(Case)):
                before = counts_of(case)
                recount(session, case)
                assert counts_of(case) == before

    @invariant()
    def every_promise_holds(self) -> None:
        if not hasattr(self, "at"):
            return
        db.session.rollback()
        cases = db.session.scalars(select(Case).options(joinedload(Case.schedule))).all()
        self.one_holder(cases)
        self.schedule_in_step(cases)
        self.what_was_acknowledged_is_stored()

    def one_holder(self, cases) -> None:
        holders = [case.holder_id for case in cases if case.holder_id is not None]
        assert len(holders) == len(set(holders))
        for case in cases:
            assert (case.holder_id is not None) == (case.state is CaseState.HELD)
            assert (case.lease_until is not None) == (case.state is CaseState.HELD)
            assert (case.phone_class is not None) == (case.state is CaseState.PHONED)

    def schedule_in_step(self, cases) -> None:
        for case in cases:
            waits = case.schedule.standing is not Standing.OUT
            assert waits == (case.state is CaseState.READY)
            due_at = case.schedule.due_at
            assert due_at <= self.at or CALLING_HOURS.contain(due_at) or not waits

    def what_was_acknowledged_is_stored(self) -> None:
        stored = {
            row.idempotency_key: row
            for row in db.session.execute(
                select(
                    Attempt.id,
                    Attempt.supersedes_id,
                    Attempt.case_id,
                    Attempt.fence,
                    Attempt.idempotency_key,
                    Attempt.disposition,
                    Attempt.outcome,
                ).where(Attempt.disposition != "")
            )
        }
        for key, disposition in self.acknowledged.items():
            assert stored[key].disposition == disposition
        replaced = {row.supersedes_id for row in stored.values()}
        standing = [row for row in stored.values() if row.id not in replaced]
        holds = [(row.case_id, row.fence) for row in standing]
        assert len(holds) == len(set(holds))
        last_calls = {row.case_id: row.disposition for row in sorted(standing)}
        for schedule in db.session.scalars(select(CaseSchedule)):
            assert schedule.last_code == last_calls.get(schedule.case_id)
        for case_id in {row.case_id for row in standing if row.outcome == "V1"}:
            case = db.session.get_one(Case, case_id)
            assert (case.state, case.phone_outcome) == (CaseState.PHONED, "V1")
        if self.late:
            assert self.late <= set(db.session.scalars(select(LateOutcome.id)))


def counts_of(case: Case) -> tuple[object, ...]:
    row = case.schedule
    parts = (row.tried_daytime, row.tried_evening, row.tried_weekend)
    return (row.tried, row.tried_on, row.tried_that_day, *parts)


@pytest.mark.parametrize(("engine", "steps"), [("sqlite", STEPS), ("postgresql", STEPS // 10)])
def test_no_sequence_of_steps_breaks_a_promise(engine, steps, shared_app, redis):
    with shared_app(engine).app_context():
        play(steps)


def play(steps: int) -> None:
    run_state_machine_as_test(
        CallFloor,
        settings=settings(
            max_examples=max(steps // ONE_RUN, 1),
            stateful_step_count=ONE_RUN,
            deadline=None,
            derandomize=STEPS <= 2000,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
