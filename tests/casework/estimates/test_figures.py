"""What a figure keeps besides its estimate, and how often the cases are counted for it."""

import pytest

from casework.cases.models import PhoneClass
from casework.estimates import figures
from casework.estimates.inputs import read_inputs
from casework.estimates.models import Level
from casework.ledgers.projects import Project
from casework.visits.models import VisitReason
from estimation import survey
from estimation.domains import Protocol
from tests.casework.estimates.factories import (
    LINYING,
    Said,
    computed,
    make_released_campaign,
    make_stratum,
    row_of,
    set_target,
)

pytestmark = pytest.mark.one_engine

P1 = Project.RE_EMPLOYMENT
RANDOM, LEAD = VisitReason.RANDOM, VisitReason.LEAD


@pytest.fixture
def campaign(app):
    campaign = make_released_campaign()
    make_stratum(
        campaign,
        Said(site="V1", reason=RANDOM, times=21),
        Said(site="N1", reason=RANDOM, times=2),
        Said(PhoneClass.NOT_ACHIEVED, "V1", LEAD),
        Said(PhoneClass.NOT_ACHIEVED, "N4", LEAD, times=2),
        Said(PhoneClass.DEEMED, times=3),
        Said(PhoneClass.REFUSED, times=5),
        Said(PhoneClass.NO_ANSWER, "U1", RANDOM),
        Said(phone=None, times=2),
        frame_size=80,
    )
    set_target(campaign, LINYING, 62, P1)
    return campaign


@pytest.mark.both_engines
def test_the_cases_of_a_level_are_counted_once(campaign, monkeypatch):
    counted = []
    tabulate = survey.tabulate

    def count(*arguments):
        counted.append(1)
        return tabulate(*arguments)

    monkeypatch.setattr(survey, "tabulate", count)
    assert figures.figures(read_inputs(campaign), P1, Level.PLACE, protocol=Protocol())
    assert len(counted) == 1


def test_unresolved_cases_are_told_apart_by_kind(campaign):
    under = row_of(computed(campaign), Level.PLACE, LINYING).classes
    assert under["unresolved"] == {"refused": 5, "no_answer": 1, "unfinished": 2}
    assert under["reached"] == 29


def test_what_the_site_made_of_the_phones_answers_is_counted_both_ways(campaign):
    under = row_of(computed(campaign), Level.PLACE, LINYING).classes
    assert under["corrections"] == {"false": 2, "true": 1}


def test_what_the_unreached_could_change_is_kept_with_the_figure(campaign):
    row = row_of(computed(campaign), Level.PLACE, LINYING)
    tipping = row.classes["tipping"]
    assert tipping["unreached"] == 8
    assert tipping["unreached_share"] == pytest.approx(8 / 37)
    # 26 of 37 count, but for the two of 23 seen whose yes was false; x of the 8 must be genuine.
    known = 23 * 21 / 23 + 3 + 1
    needed = tipping["point_share"]
    assert (known + 8 * needed) / 37 * 80 == pytest.approx(62, abs=1.5)
    (as_the_others, *_, none_genuine) = [
        s for s in row.classes["what_if"] if s["ratio"] is not None
    ]
    assert as_the_others["completed"] == pytest.approx(row.completed)
    assert none_genuine["completed"] < row.completed
    assert 0 < row.classes["p"]["met"] <= 1
