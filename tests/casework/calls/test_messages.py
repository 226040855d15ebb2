"""What supervisors say to operators: messages, and replies about cases that were handed over."""

from datetime import timedelta

import pytest

from casework.accounts.roles import Role
from casework.calls.attempts import IdentityNumberTyped
from casework.calls.board import floor
from casework.calls.messages import (
    MessageEmpty,
    answer_message,
    mark_message_read,
    said_to,
    send_message,
)
from casework.calls.supervision import return_case
from casework.calls.supervision_models import Ruling
from casework.errors import NotAllowedNow, NotFound
from tests.casework.calls.rows import SOON, claimed, open_replicate, report
from tests.factories import NOON, make_user

pytestmark = pytest.mark.usefixtures("app")
DAY = timedelta(days=1)


@pytest.fixture
def operator(app):
    return make_user()


@pytest.fixture
def supervisor(app):
    return make_user(Role.SUPERVISOR, name="演示督导甲")


def test_a_message_is_unread_until_its_operator_says_so_and_the_first_time_counts(
    operator, supervisor
):
    send_message(operator.id, "第 A7 题请逐字读", actor=supervisor, at=NOON)
    [sent] = said_to(actor=operator, at=SOON)
    assert floor(actor=supervisor, at=SOON).unread == {operator.id: 1}

    mark_message_read(sent.uid, actor=operator, at=SOON)
    mark_message_read(sent.uid, actor=operator, at=SOON + DAY)

    [read] = said_to(actor=operator, at=SOON)
    assert (sent.unread, sent.author, sent.words) == (True, "演示督导甲", "第 A7 题请逐字读")
    assert (read.unread, read.read_at) == (False, SOON)
    assert floor(actor=supervisor, at=SOON).unread == {}


def test_what_is_unread_stays_and_what_was_read_goes_with_the_day(operator, supervisor):
    for words in ("已读的", "未读的"):
        send_message(operator.id, words, actor=supervisor, at=NOON)
    first = said_to(actor=operator, at=NOON)[-1]
    mark_message_read(first.uid, actor=operator, at=NOON)

    assert [one.words for one in said_to(actor=operator, at=NOON + DAY)] == ["未读的"]


def test_nobody_reads_or_marks_what_was_said_to_somebody_else(operator, supervisor):
    send_message(operator.id, "只给一人", actor=supervisor, at=NOON)
    [sent] = said_to(actor=operator, at=NOON)

    assert said_to(actor=make_user(), at=NOON) == ()
    with pytest.raises(NotFound):
        mark_message_read(sent.uid, actor=make_user(), at=NOON)


def test_a_message_has_words_no_identity_number_and_somebody_who_calls(operator, supervisor):
    with pytest.raises(MessageEmpty):
        send_message(operator.id, " \x00 ", actor=supervisor, at=NOON)
    with pytest.raises(IdentityNumberTyped):
        send_message(operator.id, "41010119800101001X410101198001010", actor=supervisor, at=NOON)
    for nobody in (make_user(Role.CLERK), make_user(active=False)):
        with pytest.raises(NotFound):
            send_message(nobody.id, "请回电", actor=supervisor, at=NOON)


def test_the_reply_about_a_case_reaches_who_handed_it_over_and_nobody_else(operator, supervisor):
    open_replicate(1)
    claim = claimed(operator)
    report(claim, "71", actor=operator, note="对方要求公函")

    return_case(claim.case_id, "公函已寄", actor=supervisor, at=SOON)

    [reply] = said_to(actor=operator, at=SOON)
    assert (reply.code, reply.ruling, reply.words) == (claim.code, Ruling.RETURN, "公函已寄")
    assert not reply.unread
    assert said_to(actor=make_user(), at=SOON) == ()


def test_a_message_is_answered_once_and_read_by_that(operator, supervisor):
    send_message(operator.id, "请逐字读", actor=supervisor, at=NOON)
    [sent] = said_to(actor=operator, at=NOON)
    for _twice in range(2):
        answer_message(sent.uid, "已照办", actor=operator, at=SOON)

    [said] = said_to(actor=operator, at=SOON)
    [answer] = floor(actor=supervisor, at=SOON).answers
    assert (said.read_at, said.answer) == (SOON, "已照办")
    assert (answer.words, answer.message, answer.at) == ("已照办", "请逐字读", SOON)
    assert floor(actor=make_user(Role.SUPERVISOR), at=SOON).answers == ()
    with pytest.raises(NotAllowedNow):
        answer_message(sent.uid, "另一句话", actor=operator, at=SOON)
    with pytest.raises(NotFound):
        answer_message(answer.uid, "谢谢", actor=supervisor, at=SOON)
    with pytest.raises(NotFound):
        answer_message(sent.uid, "已照办", actor=make_user(), at=SOON)
