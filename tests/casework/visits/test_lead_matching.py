import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.db import db
from casework.errors import NotAllowedNow
from casework.ledgers.models import LedgerEntry, LedgerProblem, LedgerState
from casework.ledgers.rules import Severity
from casework.sealing import blind_index
from casework.visits.lead_matching import CLAIMED_TWICE, lead_grounds, raise_grounds
from casework.visits.models import Lead, LeadSource
from casework.visits.selection import close_calling
from tests.casework.visits.factories import (
    cases_of,
    make_calling_campaign,
    make_visiting_campaign,
    visits_of,
)
from tests.factories import LANKAO, NOON, make_entries, make_ledger, make_user, saved

pytestmark = pytest.mark.usefixtures("app")


def person() -> dict[str, str]:
    return {"id_index": blind_index("41010219850315991X", column="id_no")}


def warn(campaign, rule: str) -> None:
    """Let the self-check have warned of the row of the campaign's first case."""
    entry = db.session.scalars(
        select(LedgerEntry).where(LedgerEntry.uid == cases_of(campaign)[0].entry_uid)
    ).one()
    saved(
        LedgerProblem(
            ledger_id=entry.ledger_id,
            sheet=entry.sheet,
            row=entry.row,
            column="姓名",
            rule=rule,
            severity=Severity.WARNING,
            facts={},
        )
    )


def raise_all(campaign, ground: str) -> int:
    return raise_grounds(campaign.id, ground, actor=make_user(Role.COORDINATOR), at=NOON)


@pytest.mark.parametrize(
    ("state", "offered"), [(LedgerState.ACCEPTED, {CLAIMED_TWICE: 1}), (LedgerState.WITHDRAWN, {})]
)
def test_a_person_whom_another_county_claims_too_is_a_ground(state, offered):
    campaign = make_calling_campaign("V1", **person())
    make_entries(make_ledger(region=LANKAO, state=state), 1, **person())

    assert lead_grounds(campaign) == offered


def test_the_same_county_twice_is_none():
    campaign = make_calling_campaign("V1", **person())
    make_entries(make_ledger(), 1, **person())

    assert lead_grounds(campaign) == {}


@pytest.mark.parametrize(("rule", "offered"), [("F007", {"F007": 1}), ("F013", {}), ("F029", {})])
def test_a_warning_is_a_ground_if_it_speaks_of_the_claim_not_of_the_telephone(rule, offered):
    campaign = make_calling_campaign("V1", "V1")
    warn(campaign, rule)

    assert lead_grounds(campaign) == offered


def test_raising_makes_one_lead_for_each_case_and_the_case_is_visited():
    campaign = make_calling_campaign("V1", "V1")
    warn(campaign, "F007")

    assert raise_all(campaign, "F007") == 1
    assert raise_all(campaign, "F007") == 0
    close_calling(campaign.id, actor=make_user(Role.COORDINATOR), at=NOON)

    assert [visit.case_id for visit in visits_of(campaign)] == [cases_of(campaign)[0].id]
    assert db.session.scalars(select(Lead.source)).all() == [LeadSource.RULE]


def test_once_visits_are_chosen_no_ground_is_offered_or_taken():
    campaign = make_visiting_campaign("V1")
    warn(campaign, "F007")

    assert lead_grounds(campaign) == {}
    with pytest.raises(NotAllowedNow):
        raise_all(campaign, "F007")
