from datetime import timedelta

import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.calls.attempts import save_answer, save_note, start_attempt
from casework.calls.freeing import FreeingUnexplained, HolderAtWork, free_case
from casework.calls.interruptions import interrupted_calls
from casework.calls.late_outcomes import list_late_outcomes
from casework.calls.reports import OutcomeKeptLate
from casework.calls.supervision import replies_to
from casework.calls.supervision_models import Ruling
from casework.cases.lifecycle import CaseState
from casework.db import db
from casework.errors import NotAllowedNow, NotFound
from tests.casework.calls.rows import SOON, claimed, fresh, open_replicate, report
from tests.factories import NOON, make_user

pytestmark = pytest.mark.usefixtures("app")
GONE = SOON + timedelta(minutes=2)


@pytest.fixture
def operator(app):
    return make_user()


@pytest.fixture
def supervisor(app):
    return make_user(Role.SUPERVISOR)


@pytest.fixture
def claim(operator):
    open_replicate(1)
    claim = claimed(operator)
    start_attempt(claim.case_id, claim.fence, actor=operator, at=NOON)
    save_answer(claim.case_id, claim.fence, "G1", ["1"], actor=operator, at=NOON)
    save_note(claim.case_id, claim.fence, "说到一半", actor=operator, at=SOON)
    return claim


def test_a_freed_case_waits_again_and_nothing_of_its_call_is_lost(claim, operator, supervisor):
    free_case(claim.case_id, "话务员断网", actor=supervisor, at=GONE)

    (told,) = db.session.scalars(
        select(AuditEvent.facts).where(AuditEvent.action == AuditAction.CASE_RELEASE)
    )
    assert told["taken_from"] == operator.id
    case = fresh(claim)
    assert (case.state, case.holder_id, case.schedule.tried) == (CaseState.READY, None, 1)
    (asked,) = interrupted_calls(actor=operator)
    assert (asked.code, asked.note, asked.spoke) == (case.code, "说到一半", True)
    (reply,) = replies_to(claim.case_id)
    assert (reply.ruling, reply.words) == (Ruling.FREE, "话务员断网")
    assert claimed(make_user(), GONE).case_id == claim.case_id


def test_a_report_that_still_comes_is_kept_as_a_late_one(claim, operator, supervisor):
    free_case(claim.case_id, "话务员断网", actor=supervisor, at=GONE)

    with pytest.raises(OutcomeKeptLate):
        report(claim, "33", actor=operator, at=GONE)

    (late,) = list_late_outcomes(actor=supervisor)
    assert (late.disposition, late.acceptable) == ("33", True)
    assert fresh(claim).schedule.last_code is None  # it counts as no call yet


def test_nobody_who_is_at_work_loses_a_case_by_mistake(claim, supervisor):
    a_moment = SOON + timedelta(seconds=59)

    with pytest.raises(HolderAtWork):
        free_case(claim.case_id, "话务员断网", actor=supervisor, at=a_moment)
    assert fresh(claim).state is CaseState.HELD

    free_case(claim.case_id, "话务员来电要求", although_at_work=True, actor=supervisor, at=a_moment)
    assert fresh(claim).state is CaseState.READY


def test_a_case_is_freed_with_a_reason_once_and_by_who_may_see_it(claim, supervisor):
    with pytest.raises(FreeingUnexplained):
        free_case(claim.case_id, " ", actor=supervisor, at=GONE)
    with pytest.raises(NotFound):
        free_case(claim.case_id, "断网", actor=make_user(Role.SUPERVISOR, region="410300"), at=GONE)
    free_case(claim.case_id, "断网", actor=supervisor, at=GONE)
    with pytest.raises(NotAllowedNow):
        free_case(claim.case_id, "断网", actor=supervisor, at=GONE)
