"""What the pages of the call floor ask of the database, however many cases there are."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from casework.accounts.roles import Role
from casework.calls.queue import claim_next_case
from casework.calls.schedule import ALL_DAY
from casework.campaigns.models import Campaign
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case
from casework.db import db, utcnow
from tests.casework.calls.rows import open_replicate, report
from tests.factories import make_user
from tests.webapp.people import log_in

pytestmark = pytest.mark.both_engines

CASE_PAGE, BOARD, PAIR = 15, 21, 14  # statements, those that only mark a unit of work not counted


@pytest.fixture
def any_hour(app) -> Iterator[None]:
    """Calls at any hour, as in a demonstration."""
    app.config["DEMO"] = True
    yield
    app.config["DEMO"] = False


@contextmanager
def asked() -> Iterator[list[str]]:
    """Collect the statements of the block."""
    sent: list[str] = []

    def note(connection, cursor, statement, *rest) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN")):
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)


def open_cases(cases: int) -> None:
    open_replicate(cases)
    db.session.scalars(select(Campaign)).one().fieldwork_ends_on = date(2099, 1, 1)
    db.session.commit()


def held() -> dict[str, str]:
    """Return the report of a call without an answer about the case on the screen."""
    case = db.session.scalars(select(Case).where(Case.state == CaseState.HELD)).one()
    return {"case": str(case.id), "fence": str(case.fence), "disposition": "41"}


def work(operators: int) -> None:
    """Let so many operators each close a call and hold another case."""
    for _ in range(operators):
        actor = make_user()
        at = utcnow()
        claim = claim_next_case(actor=actor, at=at, hours=ALL_DAY)
        report(claim, "41", actor=actor, at=at)
        claim_next_case(actor=actor, at=at + timedelta(seconds=1), hours=ALL_DAY)


@pytest.mark.usefixtures("any_hour")
@pytest.mark.parametrize("cases", [2, 25])
def test_a_case_and_the_one_after_it(client, cases):
    log_in(client, make_user())
    open_cases(cases)
    client.post("/calls/next")

    with asked() as page:
        shown = client.get("/calls/case")
    client.post("/calls/case/dial", data=held())
    with asked() as pair:
        answer = client.post("/calls/case/outcome", data=held() | {"key": "sent"})
    with asked() as by_hand:
        client.post("/calls/case/outcome", data=held() | {"key": "by hand", "by_hand": "1"})

    assert 'data-lease="20' in shown.text  # by which the bars know until when a case is held
    assert answer.location.endswith("/calls/case")
    assert len(page) <= CASE_PAGE, page
    assert len(pair) <= PAIR, pair
    assert len(by_hand) <= PAIR + 1, by_hand  # that it was dialled by hand is kept with it


@pytest.mark.usefixtures("any_hour")
def test_the_board_asks_as_much_of_a_full_floor_as_of_an_empty_one(client):
    log_in(client, make_user(Role.SUPERVISOR))
    open_cases(12)
    client.get("/calls/board")  # the first page writes its token into the session
    counts = []
    for operators in (1, 4):
        work(operators)
        with asked() as board:
            assert client.get("/calls/board").status_code == 200
        counts.append(len(board))

    assert counts[0] == counts[1] <= BOARD
