from datetime import timedelta

import pytest

from casework.accounts.models import LoginSession
from casework.accounts.roles import Role
from casework.calls.attempts import start_attempt
from casework.calls.board import floor
from casework.calls.breaks import away, begin_break, break_since, end_break
from casework.calls.operators import Doing
from casework.db import db
from tests.casework.calls.rows import SOON, claimed, open_replicate, report
from tests.factories import NOON, make_user

pytestmark = pytest.mark.usefixtures("app")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def operator(app):
    return make_user()


def row(operator, at):
    rows = floor(actor=make_user(Role.SUPERVISOR), at=at).operators
    return next(row for row in rows if row.operator_id == operator.id)


def test_a_break_is_on_the_board_from_its_beginning_to_its_end(operator):
    seen = {"created_at": NOON, "seen_at": NOON}
    db.session.add(LoginSession(token_digest="演示", user_id=operator.id, content={}, **seen))
    db.session.commit()
    begin_break(actor=operator, at=NOON)
    begin_break(actor=operator, at=NOON + 2 * MINUTE)

    paused = row(operator, NOON + 10 * MINUTE)
    assert (paused.doing, paused.since, paused.away) == (Doing.AWAY, NOON, 10 * MINUTE)
    assert break_since(actor=operator, at=NOON + 10 * MINUTE) == NOON

    end_break(actor=operator, at=NOON + 12 * MINUTE)
    back = row(operator, NOON + 13 * MINUTE)
    assert (back.doing, back.away) == (Doing.FREE, 12 * MINUTE)
    assert break_since(actor=operator, at=NOON + 13 * MINUTE) is None


def test_a_break_wished_for_during_a_call_begins_with_its_end(operator):
    open_replicate(1)
    claim = claimed(operator)
    start_attempt(claim.case_id, claim.fence, actor=operator, at=NOON)
    begin_break(actor=operator, at=NOON + MINUTE)

    assert row(operator, NOON + 2 * MINUTE).away == timedelta(0)
    report(claim, "41", actor=operator)

    assert row(operator, SOON + 5 * MINUTE).away == 5 * MINUTE


def test_whoever_calls_again_is_back_and_nobody_is_away_over_night(operator):
    spans = [(NOON, None)]
    called_again = [(NOON + 7 * MINUTE, None)]

    assert away(spans, called_again, NOON + 9 * MINUTE).in_all == 7 * MINUTE
    assert away(spans, called_again, NOON + 9 * MINUTE).since is None
    begin_break(actor=operator, at=NOON)
    assert break_since(actor=operator, at=NOON + timedelta(days=1)) is None
