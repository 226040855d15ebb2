"""Where calling may stop: the sequential test, looked at after whole replicates only."""

import pytest
from sqlalchemy import select, update

from casework.accounts.roles import Role
from casework.campaigns.models import Campaign
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case, PhoneClass
from casework.db import db
from casework.errors import NotFound
from casework.estimates.stopping import Answer, stopping
from casework.ledgers.projects import Project
from casework.visits.models import VisitReason
from estimation.decision import Decision
from estimation.stopping import Replicates, stopping_report
from tests.casework.estimates.factories import (
    LINYING,
    WUYANG,
    YANCHENG,
    Said,
    make_released_campaign,
    make_stratum,
    set_target,
)
from tests.factories import LUOHE, make_user
from tests.grounds import begins_with

P1, P3 = Project.RE_EMPLOYMENT, Project.OVERCAPACITY


def make_survey() -> Campaign:
    """Three counties: one seen on site, one only phoned, one of which a row is still called."""
    campaign = make_released_campaign(projects=(P1, P3))
    seen = Said(site="V1", reason=VisitReason.RANDOM, times=20)
    make_stratum(campaign, seen, Said(times=10, released=False), frame_size=60)
    make_stratum(campaign, Said(times=19), Said(PhoneClass.REFUSED), frame_size=60, region=WUYANG)
    make_stratum(
        campaign, Said(times=19), Said(phone=None, times=1), frame_size=60, region=YANCHENG
    )
    make_stratum(
        campaign, Said(times=2), frame_size=6, region=LUOHE, project=P3, enterprise="演示一矿"
    )
    for region in (LINYING, WUYANG, YANCHENG):
        set_target(campaign, region, 30, P1)
    set_target(campaign, LUOHE, 3, P3)
    return campaign


pytestmark = begins_with(make_survey)


@pytest.fixture
def coordinator(app):
    return make_user(Role.COORDINATOR)


def cells_of(campaign, actor):
    return {cell.region.code: cell for cell in stopping(campaign.id, actor=actor).cells}


def test_every_cell_says_what_the_sequential_test_says_of_its_worked_replicates(begun, coordinator):
    cells = cells_of(begun, coordinator)
    assert cells.keys() == {LINYING, WUYANG, YANCHENG}  # no enterprise
    seen = Replicates([[20, 10]], [[20, 0]], [[0, 0]], [[0, 0]])
    assert cells[LINYING].stop == stopping_report([""], [60], [30], seen).cells[0]
    assert cells[LINYING].answer is Answer.STOP
    assert cells[LINYING].spared == 10
    phoned = Replicates([[20]], [[19]], [[0]], [[1]])
    assert cells[WUYANG].as_phoned == stopping_report([""], [60], [30], phoned).cells[0]


def test_a_yes_that_nobody_checked_decides_only_where_the_protocol_accepts_it(begun, coordinator):
    cell = cells_of(begun, coordinator)[WUYANG]
    assert (cell.answer, cell.stop.decision) == (Answer.VISITS, Decision.UNDETERMINED)
    begun.phone_answers_accepted = True
    db.session.commit()
    cell = cells_of(begun, coordinator)[WUYANG]
    assert (cell.answer, cell.stop.decision) == (Answer.STOP, Decision.MET)


def test_a_replicate_counts_only_when_its_last_row_is_worked(begun, coordinator):
    cell = cells_of(begun, coordinator)[YANCHENG]
    assert (cell.stop.worked, cell.opened, cell.answer) == (0, 20, Answer.GO_ON)
    last = select(Case.id).where(Case.region_code == YANCHENG, Case.state == CaseState.READY)
    db.session.execute(
        update(Case)
        .where(Case.id.in_(last.scalar_subquery()))
        .values(state=CaseState.CLOSED, phone_outcome="U2")
    )
    db.session.commit()
    assert cells_of(begun, coordinator)[YANCHENG].answer is Answer.VISITS


def test_a_visit_that_is_still_to_be_made_counts_against_both_decisions(begun, coordinator):
    begun.phone_answers_accepted = True
    db.session.execute(
        update(Case).where(Case.region_code == WUYANG).values(state=CaseState.TO_VISIT)
    )
    db.session.commit()
    cell = cells_of(begun, coordinator)[WUYANG]
    assert (cell.answer, cell.stop.decision) == (Answer.VISITS, Decision.UNDETERMINED)


def test_nobody_below_the_province_sees_it(begun, app):
    with pytest.raises(NotFound):
        stopping(begun.id, actor=make_user(Role.VERIFIER, region=LUOHE))
