import pytest
from sqlalchemy import select

from casework.audit import trail
from casework.audit.models import AuditAction, AuditEvent
from casework.db import db, transaction
from tests.factories import NOON, make_user

pytestmark = pytest.mark.usefixtures("app")


def act(actor, subject="case:1", **facts):
    with transaction() as session:
        trail.record(
            session,
            AuditAction.CASE_CLAIM,
            actor_id=actor.id,
            at=NOON,
            subject=subject,
            facts=facts,
        )


def test_each_row_is_chained_to_the_one_before():
    actor = make_user()
    for number in range(3):
        act(actor, f"case:{number}", number=number)

    rows = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [row.previous for row in rows] == [trail.START, rows[0].digest, rows[1].digest]
    assert trail.first_broken_link() is None


def test_a_changed_row_is_named():
    actor = make_user()
    for number in range(3):
        act(actor, number=number)
    second = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()[1]

    second.facts = {"number": 99}  # only in this session: the database would refuse it
    with db.session.no_autoflush:
        assert trail.first_broken_link() == second.id
    db.session.rollback()


def act_and_fail(actor):
    with transaction() as session:
        trail.record(session, AuditAction.CASE_CLAIM, actor_id=actor.id, at=NOON, subject="case:1")
        1 / 0  # noqa: B018 - any failure after the row was written


def test_an_act_that_fails_leaves_no_row():
    actor = make_user()

    with pytest.raises(ZeroDivisionError):
        act_and_fail(actor)

    assert db.session.scalars(select(AuditEvent)).all() == []
