"""Campaigns of other kinds, each through to a case that can be called."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.calls.queue import claim_next_case
from casework.calls.script import answers_leading_to, script_for, walk
from casework.campaigns.design import open_campaign
from casework.campaigns.errors import (
    AuthenticityIsNewEmployment,
    PlaceOutsideUnits,
    SpotIsEverywhere,
)
from casework.campaigns.kinds import called_projects
from casework.campaigns.models import (
    CampaignKind,
    Coordination,
    FrameEntry,
    Stratum,
)
from casework.cases.models import Case
from casework.cases.release import release_replicate
from casework.db import db
from casework.ledgers.models import LedgerEntry
from casework.ledgers.projects import Project
from casework.regions.models import Region
from tests.casework.campaigns.factories import drawn, frozen, plan
from tests.factories import LINYING, LUOHE, NOON, make_entries, make_ledger, make_user

pytestmark = pytest.mark.usefixtures("app")
WUYANG = "411121"  # 舞阳县, of 漯河市 too


def called(campaign) -> Case:
    """Release the first replicate and give one case to an operator."""
    release_replicate(campaign.id, 1, actor=make_user(Role.COORDINATOR), at=NOON)
    claim = claim_next_case(actor=make_user(Role.OPERATOR), at=NOON + timedelta(minutes=1))
    assert claim is not None
    return db.session.get_one(Case, claim.case_id)


def test_the_people_of_new_employment_are_called_by_their_own_script():
    make_entries(make_ledger(Project.NEW_EMPLOYMENT), 6)
    campaign = drawn(
        4,
        kind=CampaignKind.AUTHENTICITY,
        projects=frozenset({Project.NEW_EMPLOYMENT}),
    )

    case = called(campaign)

    assert case.code.startswith("P0-")
    answers = answers_leading_to(case.project, "N5")
    assert walk(script_for(case.project), answers).outcome == "N5"
    assert called_projects(campaign) == [Project.NEW_EMPLOYMENT]


def test_in_a_yearly_campaign_new_employment_is_judged_at_the_desk():
    both = frozenset({Project.NEW_EMPLOYMENT, Project.HARDSHIP})

    campaign = open_campaign(plan(projects=both), actor=make_user(), at=NOON)

    assert called_projects(campaign) == [Project.HARDSHIP]


@pytest.mark.parametrize(
    ("kind", "projects"),
    [
        (CampaignKind.AUTHENTICITY, {Project.NEW_EMPLOYMENT, Project.HARDSHIP}),
        (CampaignKind.AUTHENTICITY, {Project.HARDSHIP}),
    ],
)
def test_authenticity_is_checked_of_new_employment_alone(kind, projects):
    with pytest.raises(AuthenticityIsNewEmployment):
        open_campaign(plan(kind=kind, projects=frozenset(projects)), actor=make_user(), at=NOON)


def test_a_spot_check_covers_the_chosen_counties_alone():
    make_entries(make_ledger(region=LINYING), 4)
    make_entries(make_ledger(region=WUYANG), 6)

    campaign = drawn(3, kind=CampaignKind.SPOT_CHECK, places=frozenset({WUYANG}))

    regions = db.session.scalars(
        select(LedgerEntry.region_code).join(FrameEntry, FrameEntry.entry_uid == LedgerEntry.uid)
    )
    assert set(regions) == {WUYANG}
    assert called(campaign).region_code == WUYANG


def test_a_spot_check_of_everywhere_is_refused():
    every = frozenset(db.session.scalars(select(Region.code).where(Region.unit_order.is_not(None))))
    spot = plan(kind=CampaignKind.SPOT_CHECK, units=every)

    with pytest.raises(SpotIsEverywhere):
        open_campaign(spot, actor=make_user(), at=NOON)
    open_campaign(replace(spot, units=every - {LUOHE}), actor=make_user(), at=NOON)


def test_a_county_outside_the_chosen_units_is_refused():
    with pytest.raises(PlaceOutsideUnits):
        open_campaign(
            plan(kind=CampaignKind.SPOT_CHECK, places=frozenset({"410225"})),
            actor=make_user(),
            at=NOON,
        )


def test_a_follow_up_wave_is_called_like_any_other():
    make_entries(make_ledger(), 12)
    first = drawn(6)
    second = drawn(
        6,
        seed="another",
        kind=CampaignKind.FOLLOW_UP,
        follows=first.id,
        coordination=Coordination.APART,
    )

    assert called(second).campaign_id == second.id


def test_large_enterprises_are_certain_and_small_ones_joined_within_their_unit():
    for enterprise, persons in (("大矿", 40), ("甲厂", 3), ("乙厂", 5), ("丙厂", 12)):
        ledger = make_ledger(Project.OVERCAPACITY)
        make_entries(ledger, persons, enterprise=f"示例{enterprise}")

    campaign = frozen(projects=frozenset({Project.OVERCAPACITY}), certain_from=30, merge_below=10)

    rows = db.session.execute(
        select(Stratum.enterprise, Stratum.frame_size, Stratum.certain).where(
            Stratum.campaign_id == campaign.id
        )
    )
    found = {enterprise: (size, certain) for enterprise, size, certain in rows}
    assert found["示例大矿"] == (40, True)
    assert sum(size for size, _ in found.values()) == 60
    assert all(size >= 10 for size, _ in found.values())
