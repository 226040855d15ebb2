from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from casework.accounts.roles import Role
from casework.db import db
from casework.errors import NotAllowedNow, NotFound
from casework.visits.rectification import (
    AnswerFileUnusable,
    Attached,
    DueTooEarly,
    MatterDraft,
    MatterIncomplete,
    Step,
    StepUnexplained,
    is_overdue,
    issue,
    matter_page,
    opened_file,
    show_matter,
    steps_after,
    take_step,
)
from casework.visits.rectification_models import Matter, MatterKind, MatterState, StepKind
from tests.casework.visits.factories import KAIFENG
from tests.factories import LINYING, LUOHE, NOON, make_campaign, make_user

pytestmark = pytest.mark.usefixtures("app")

TODAY = date(2017, 12, 20)
DRAFT = MatterDraft(
    kind=MatterKind.ORDER,
    region_code=LINYING,
    addressee="临颍县人社局",
    words="核减不实记录并说明原因",
    issued_on=TODAY,
    due_on=TODAY + timedelta(days=15),
)


def issued(draft: MatterDraft = DRAFT) -> Matter:
    return issue(make_campaign().id, draft, actor=make_user(Role.VERIFIER), at=NOON)


def step(matter: Matter, kind: StepKind, *, words="已核减", actor=None, seen=None, **more):
    entered = Step(
        kind=kind,
        words=words,
        on=TODAY + timedelta(days=1),
        seen=matter.steps_taken if seen is None else seen,
        **more,
    )
    take_step(matter.uid, entered, actor=actor or make_user(Role.VERIFIER), at=NOON)


def test_an_order_is_answered_sent_back_answered_again_and_closed():
    matter = issued()

    for kind in (StepKind.ANSWER, StepKind.SEND_BACK, StepKind.ANSWER, StepKind.CLOSE):
        step(matter, kind)

    shown, _campaign = show_matter(matter.uid, actor=make_user(Role.VERIFIER))
    assert shown.state is MatterState.CLOSED
    assert [s.kind for s in shown.steps] == ["answer", "send_back", "answer", "close"]
    assert [s.words for s in shown.steps] == ["已核减"] * 4
    assert steps_after(shown) == []


def test_an_answer_brings_a_file_that_comes_out_as_it_went_in():
    matter, verifier = issued(), make_user(Role.VERIFIER)
    file = Attached("整改报告.pdf", b"%PDF-1.7 ...")
    with pytest.raises(AnswerFileUnusable):
        step(matter, StepKind.ANSWER, file=Attached("run.exe", b"MZ"))

    step(matter, StepKind.ANSWER, file=file)

    shown, _campaign = show_matter(matter.uid, actor=verifier)
    uid = shown.steps[0].file.uid
    assert opened_file(uid, actor=verifier, at=NOON) == file
    with pytest.raises(NotFound):
        opened_file(uid, actor=make_user(Role.VERIFIER, region=KAIFENG), at=NOON)


@pytest.mark.parametrize("kind", [StepKind.CLOSE, StepKind.SEND_BACK])
def test_what_was_not_answered_is_neither_closed_nor_sent_back(kind):
    with pytest.raises(NotAllowedNow):
        step(issued(), kind)


def test_what_is_closed_stays_closed_in_the_database_too():
    matter = issued()
    step(matter, StepKind.ANSWER)
    step(matter, StepKind.CLOSE)

    with pytest.raises(NotAllowedNow):
        step(matter, StepKind.EXTEND, due_on=TODAY + timedelta(days=60))
    for statement in ("UPDATE matter SET state = 'open'", "DELETE FROM matter_step"):
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.execute(text(statement))


def test_an_extension_gives_a_later_day_and_nothing_else_does():
    matter = issued()

    for due_on in (None, matter.due_on, TODAY):
        with pytest.raises(DueTooEarly):
            step(matter, StepKind.EXTEND, due_on=due_on)
    step(matter, StepKind.EXTEND, due_on=matter.due_on + timedelta(days=5))

    assert matter.due_on == DRAFT.due_on + timedelta(days=5)
    assert matter.state is MatterState.OPEN


def test_a_step_that_somebody_took_meanwhile_is_not_taken_twice():
    matter = issued()
    step(matter, StepKind.ANSWER)

    with pytest.raises(StaleDataError):
        step(matter, StepKind.CLOSE, seen=0)


@pytest.mark.parametrize("words", ["", "  ", "长" * 4001])
def test_a_step_and_a_matter_need_words(words):
    with pytest.raises(StepUnexplained):
        step(issued(), StepKind.ANSWER, words=words)
    with pytest.raises(MatterIncomplete):
        issued(replace(DRAFT, words=words))


def test_a_matter_needs_an_addressee_and_a_day_that_lies_ahead():
    with pytest.raises(MatterIncomplete):
        issued(replace(DRAFT, addressee=" "))
    with pytest.raises(DueTooEarly):
        issued(replace(DRAFT, due_on=TODAY - timedelta(days=1)))


def test_what_is_not_answered_in_time_is_overdue_until_it_is():
    matter, verifier = issued(), make_user(Role.VERIFIER)
    campaign = show_matter(matter.uid, actor=verifier)[1]
    after = DRAFT.due_on + timedelta(days=1)

    def overdue(day: date) -> int:
        return matter_page(campaign, actor=verifier, today=day, overdue=True).overdue

    assert (overdue(DRAFT.due_on), overdue(after)) == (0, 1)
    assert is_overdue(matter, after)
    step(matter, StepKind.ANSWER)
    assert overdue(after) == 0


def test_a_verifier_issues_and_sees_only_in_the_own_unit():
    matter = issued()
    campaign = show_matter(matter.uid, actor=make_user(Role.VERIFIER))[1]
    stranger, local = (make_user(Role.VERIFIER, region=r) for r in (KAIFENG, LUOHE))

    assert matter_page(campaign, actor=local, today=TODAY).total == 1
    assert matter_page(campaign, actor=stranger, today=TODAY).total == 0
    with pytest.raises(NotFound):
        show_matter(matter.uid, actor=stranger)
    with pytest.raises(NotFound):
        issue(campaign.id, DRAFT, actor=stranger, at=NOON)
    assert db.session.scalars(select(Matter)).one() is matter
