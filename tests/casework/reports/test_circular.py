import pytest
from sqlalchemy.orm.exc import StaleDataError

from casework.accounts.roles import Role
from casework.cases.models import PhoneClass
from casework.db import db
from casework.errors import NotFound
from casework.estimates.judging_models import RunStanding
from casework.estimates.models import Completion
from casework.estimates.stages import RunStage
from casework.estimates.sureness import how_sure
from casework.ledgers.projects import Project
from casework.reports.circular import NoResults, draft_circular
from casework.reports.circular_texts import (
    CircularTextUnusable,
    circular_texts,
    keep_circular_text,
)
from casework.visits.models import VisitReason
from estimation.decision import Decision
from tests.casework.estimates.factories import (
    WUYANG,
    YANCHENG,
    Said,
    computed,
    make_released_campaign,
    make_stratum,
    set_target,
)
from tests.casework.visits.factories import KAIFENG, TOMORROW
from tests.factories import LINYING, LUOHE, NOON, make_user, saved

pytestmark = pytest.mark.one_engine


@pytest.fixture
def campaign(app):
    """A unit whose task is more than its whole ledger, so that it cannot be met."""
    campaign = make_released_campaign()
    make_stratum(campaign, Said(times=10), frame_size=20)
    set_target(campaign, LUOHE, 30, Project.RE_EMPLOYMENT)
    return campaign


def test_a_circular_names_the_units_that_fell_short_with_their_figures(campaign):
    computed(campaign)

    draft = draft_circular(campaign.uid, actor=make_user(Role.VERIFIER), today=TOMORROW)

    (found,) = [s for s in draft.not_met if s.region.code == LUOHE]
    assert (found.decision, found.row.target) == (Decision.NOT_MET, 30)
    assert [r.code for r in draft.completions[Completion.NOT_COMPLETE]] == [LUOHE]


def test_a_county_that_keeps_its_unit_from_being_complete_is_named(campaign):
    set_target(campaign, LINYING, 21, Project.RE_EMPLOYMENT)
    computed(campaign)

    draft = draft_circular(campaign.uid, actor=make_user(Role.VERIFIER), today=TOMORROW)

    told = {s.region.code: s for s in draft.not_met}
    assert told[LINYING].decision is Decision.NOT_MET
    assert told[LINYING].row.target == 21


def test_a_trial_changes_no_circular_once_a_run_was_sent_round(campaign):
    def told():
        return draft_circular(campaign.uid, actor=make_user(Role.VERIFIER), today=TOMORROW)

    first, latest = computed(campaign), computed(campaign)
    assert (told().run.id, told().number, told().stage) == (latest.id, 2, RunStage.DRAFT)
    standing = saved(
        RunStanding(run_id=first.id, stage=RunStage.PRELIMINARY, announced_on=TOMORROW)
    )
    assert (told().run.id, told().number, told().stage) == (first.id, 1, RunStage.PRELIMINARY)
    standing.stage = RunStage.WITHDRAWN
    db.session.commit()
    assert told().run.id == latest.id


def test_a_task_that_only_its_own_test_finds_unmet_names_nobody(campaign):
    # Of 60 with a task of 57, two wrong of eight have a probability of .044, twelve next to none.
    for region, wrong in ((WUYANG, 2), (YANCHENG, 12)):
        make_stratum(
            campaign,
            Said(site="V1", reason=VisitReason.RANDOM, times=6),
            Said(PhoneClass.NOT_ACHIEVED, "N1", VisitReason.RANDOM, times=wrong),
            frame_size=60,
            region=region,
        )
        set_target(campaign, region, 57, Project.RE_EMPLOYMENT)
    run = computed(campaign)
    draft = draft_circular(campaign.uid, actor=make_user(Role.VERIFIER), today=TOMORROW)
    sure = how_sure(run)
    assert [s.region.code for s in draft.unnamed] == [WUYANG]
    assert YANCHENG in {s.region.code for s in draft.not_met}
    assert not sure[WUYANG].named(Project.RE_EMPLOYMENT)


def test_without_a_run_or_outside_the_region_there_is_none(campaign):
    with pytest.raises(NoResults):
        draft_circular(campaign.uid, actor=make_user(Role.VERIFIER), today=TOMORROW)
    stranger = make_user(Role.VERIFIER, region=KAIFENG)
    with pytest.raises(NotFound):
        draft_circular(campaign.uid, actor=stranger, today=TOMORROW)


def test_an_edited_text_is_kept_version_by_version_and_never_over_another(campaign):
    run, verifier = computed(campaign), make_user(Role.VERIFIER)

    def keep(words, *, seen, actor=verifier):
        keep_circular_text(campaign, run, words, seen=seen, actor=actor, at=NOON)

    keep("# 总体情况\r\n演示正文", seen=0)
    keep("演示改稿", seen=1)
    with pytest.raises(StaleDataError):
        keep("在旧稿上改", seen=1)
    with pytest.raises(CircularTextUnusable):
        keep(" ", seen=2)

    texts = circular_texts(campaign, actor=verifier)
    assert [(text.version, text.words) for text in texts] == [
        (2, "演示改稿"),
        (1, "# 总体情况\n演示正文"),
    ]
    assert circular_texts(campaign, actor=make_user(Role.VERIFIER, region=LUOHE)) == []
