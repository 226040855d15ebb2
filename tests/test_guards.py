"""What the database itself refuses, whoever asks: rows of the work that are finished."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from casework.calls.models import Appointment, Attempt
from casework.campaigns.models import Replicate
from casework.cases.models import Case, PhoneClass
from casework.db import Base, db
from casework.estimates.models import EstimateRow, EstimateRun, RollUp, RunInputs
from casework.estimates.runs import compute_run, request_run
from casework.ledgers.models import LedgerRemoval, RemovalClass
from casework.visits.models import Lead, Visit, VisitRate
from migrations.guards import APPEND_ONLY, KEPT
from tests.casework.visits.factories import make_visiting_campaign
from tests.factories import NOON, make_ledger, make_user, saved
from tests.grounds import begins_with


def make_work() -> None:
    """Write one row, at least, of every table below, in its last state."""
    campaign = make_visiting_campaign("N2", shares=dict.fromkeys(PhoneClass, 0.5))
    case = db.session.scalars(select(Case)).one()
    user = make_user()
    attempt = Attempt(
        case_id=case.id, operator_id=user.id, fence=9, started_at=NOON, disposition="11"
    )
    saved(attempt)
    saved(
        Appointment(
            case_id=case.id,
            attempt_id=attempt.id,
            owner_id=user.id,
            window_start=NOON,
            window_end=NOON,
            kept_at=NOON,
        )
    )
    saved(
        LedgerRemoval(
            ledger_id=make_ledger().id,
            sheet="Sheet1",
            row=2,
            removal_class=RemovalClass.INVALID,
            removed_by_id=user.id,
            removed_at=NOON,
        )
    )
    compute_run(request_run(campaign.id, actor=user, at=NOON).uid, at=NOON)


pytestmark = [begins_with(make_work), pytest.mark.usefixtures("app")]

FINISHED = {
    Appointment: "kept_at = NULL",
    Attempt: "disposition = '25'",
    EstimateRow: "completed = 0",
    EstimateRun: "input_digest = ''",
    LedgerRemoval: "row = 3",
    Replicate: "released_at = NULL",
    RollUp: "completion = 'complete'",
    RunInputs: "seed = ''",
    VisitRate: "share = 0.1",
}


def refused(statement: str) -> bool:
    try:
        with db.session.begin_nested():
            db.session.execute(text(statement))
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize("model", FINISHED, ids=lambda model: model.__tablename__)
def test_a_finished_row_does_not_change(model):
    assert db.session.scalars(select(model)).first() is not None
    assert refused(f'UPDATE "{model.__tablename__}" SET {FINISHED[model]}')  # noqa: S608 - ours


@pytest.mark.parametrize(
    "model", [*FINISHED, Case, Lead, Visit], ids=lambda model: model.__tablename__
)
def test_no_row_of_the_work_is_removed(model):
    assert db.session.scalars(select(model)).first() is not None
    assert refused(f'DELETE FROM "{model.__tablename__}"')  # noqa: S608 - ours


def test_an_interrupted_call_stays_interrupted():
    case = db.session.scalars(select(Case)).one()
    user = make_user()
    saved(
        Attempt(case_id=case.id, operator_id=user.id, fence=10, started_at=NOON, interrupted=True)
    )

    assert refused("UPDATE attempt SET disposition = '11', outcome = 'V1' WHERE fence = 10")


def test_every_guarded_table_exists():
    assert {*APPEND_ONLY, *KEPT} <= set(Base.metadata.tables)
