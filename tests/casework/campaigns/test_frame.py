from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from casework.campaigns.errors import FrameEmpty
from casework.campaigns.frame import frame_is_intact, freeze_frame, request_freeze
from casework.campaigns.models import (
    Campaign,
    CampaignState,
    CampaignWork,
    Frame,
    Stratum,
)
from casework.db import db
from casework.errors import NotAllowedNow
from casework.ledgers.models import LedgerState
from casework.ledgers.projects import Project
from tests.factories import (
    LANKAO,
    LINYING,
    LUOHE,
    NOON,
    make_campaign,
    make_drawn_campaign,
    make_entries,
    make_ledger,
    make_user,
)

ELSEWHERE = "411121"  # 舞阳县, a county of the same city

pytestmark = pytest.mark.usefixtures("app")


def freeze(campaign: Campaign) -> None:
    request_freeze(campaign.id, actor=make_user(), at=NOON)
    freeze_frame(campaign.uid, at=NOON)


def sizes_of_strata() -> dict[str, int]:
    return dict(db.session.execute(select(Stratum.key, Stratum.frame_size)).all())


def test_only_accepted_entries_of_the_chosen_projects_and_units_are_frozen():
    make_entries(make_ledger(), 3)
    make_entries(make_ledger(Project.HARDSHIP), 4)
    make_entries(make_ledger(region=LANKAO), 5)
    make_entries(make_ledger(state=LedgerState.WITHDRAWN), 6)

    freeze(make_campaign())

    assert sizes_of_strata() == {f"re_employment|{LINYING}": 3}


def test_what_began_after_the_cutoff_is_not_claimed_in_the_campaign():
    campaign = make_campaign()
    day = campaign.cutoff_on
    make_entries(make_ledger(), 2, started_on=day)
    make_entries(make_ledger(), 3, started_on=day + timedelta(days=1))
    make_entries(make_ledger(), 4, started_on=None)

    freeze(campaign)

    assert sizes_of_strata() == {f"re_employment|{LINYING}": 2 + 4}


def test_a_person_in_two_ledgers_counts_where_the_first_known_day_is():
    undated, dated = make_ledger(region=ELSEWHERE), make_ledger()
    make_entries(undated, 1, started_on=None, id_index="one person")
    make_entries(dated, 1, id_index="one person")

    freeze(make_campaign())

    assert sizes_of_strata() == {f"re_employment|{LINYING}": 1}


def test_overcapacity_is_frozen_by_unit_and_enterprise():
    ledger = make_ledger(Project.OVERCAPACITY)
    make_entries(ledger, 2, enterprise="示例煤业一矿")
    second = make_ledger(Project.OVERCAPACITY)
    make_entries(second, 3, enterprise="示例煤业二矿")

    freeze(make_campaign(projects=(Project.OVERCAPACITY,)))

    assert sizes_of_strata() == {
        f"overcapacity|{LUOHE}|示例煤业一矿": 2,
        f"overcapacity|{LUOHE}|示例煤业二矿": 3,
    }


def test_nothing_to_freeze_is_said_and_changes_nothing():
    campaign = make_campaign()

    with pytest.raises(FrameEmpty):
        request_freeze(campaign.id, actor=make_user(), at=NOON)


def test_a_frozen_campaign_is_not_frozen_again():
    make_entries(make_ledger(), 3)
    campaign = make_campaign()
    freeze(campaign)

    with pytest.raises(NotAllowedNow):
        request_freeze(campaign.id, actor=make_user(), at=NOON)

    assert campaign.state is CampaignState.FROZEN
    assert frame_is_intact(campaign.id)


def test_running_the_job_twice_freezes_once():
    make_entries(make_ledger(), 3)
    campaign = make_campaign()
    freeze(campaign)

    freeze_frame(campaign.uid, at=NOON)

    assert len(db.session.scalars(select(Frame)).all()) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE frame SET digest = 'other'",
        "DELETE FROM frame",
        "UPDATE frame_entry SET content_digest = 'other'",
        "DELETE FROM frame_entry",
        (
            "INSERT INTO frame_entry SELECT frame_id, uid, stratum_id, 'x' FROM frame_entry, "
            "ledger_entry WHERE uid NOT IN (SELECT entry_uid FROM frame_entry)"
        ),
        "UPDATE ledger_entry SET row = 99 WHERE uid IN (SELECT entry_uid FROM frame_entry)",
        "DELETE FROM ledger_entry WHERE uid IN (SELECT entry_uid FROM frame_entry)",
        "UPDATE sample_entry SET rank = 99",
        "DELETE FROM draw",
        "DELETE FROM audit_event",
        "UPDATE audit_event SET purpose = 'other'",
    ],
)
def test_the_database_refuses_to_change_what_is_sealed(statement):
    make_drawn_campaign(entries=3, sampled=2)
    make_entries(make_ledger(), 1)

    with pytest.raises(DBAPIError, match=r"sealed|append-only"):
        db.session.execute(text(statement))

    db.session.rollback()


def test_ledgers_withdrawn_meanwhile_end_the_freezing_and_say_so():
    ledger = make_ledger()
    make_entries(ledger, 3)
    campaign = make_campaign()
    request_freeze(campaign.id, actor=make_user(), at=NOON)
    ledger.state = LedgerState.WITHDRAWN
    db.session.commit()

    freeze_frame(campaign.uid, at=NOON)

    assert campaign.state is CampaignState.DESIGN
    assert campaign.work is CampaignWork.NONE
    assert campaign.work_failure == "FrameEmpty"
