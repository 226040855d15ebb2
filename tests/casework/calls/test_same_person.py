"""A person in two projects is called once: both scripts in one call."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.calls.attempts import PersonSpokeToday, save_answer, start_attempt
from casework.calls.desk import open_case
from casework.calls.desk_models import PlacedCall
from casework.calls.dialler import dialler_for
from casework.calls.dialling import hang_up, place_call
from casework.calls.holding import expire_leases, hand_back
from casework.calls.pushing import push_case
from casework.calls.queue import claim_next_case
from casework.calls.same_person import go_on_with_person, project_that_follows
from casework.calls.schedule import CALLING_HOURS
from casework.campaigns.drawing import draw_sample, request_draw, set_sizes
from casework.campaigns.frame import freeze_frame, request_freeze
from casework.campaigns.models import Campaign
from casework.campaigns.size_plans import SizePlan, SizeRule
from casework.cases.models import Case, Tier
from casework.cases.release import release_replicate
from casework.db import db
from casework.ledgers.projects import Project
from tests.casework.calls.rows import SOON, claimed, open_replicate, report
from tests.factories import NOON, agree, make_campaign, make_entries, make_ledger, make_user
from tests.grounds import begins_with, nothing

BOTH = (Project.RE_EMPLOYMENT, Project.HARDSHIP)
DIALLER = dialler_for("")


@pytest.fixture
def operator(app):
    return make_user()


def one_person_in_two_projects() -> Campaign:
    for project in BOTH:
        make_entries(make_ledger(project), 1, id_index="the same person")
    campaign, coordinator = make_campaign(projects=BOTH), make_user(Role.COORDINATOR)
    request_freeze(campaign.id, actor=coordinator, at=NOON)
    freeze_frame(campaign.uid, at=NOON)
    for project in BOTH:
        plan = SizePlan(SizeRule.EQUAL, minimum=0, total=1)
        set_sizes(campaign.id, project, plan, actor=coordinator, at=NOON)
    agree(campaign)
    request_draw(campaign.id, replicates=1, actor=coordinator, at=NOON)
    draw_sample(campaign.uid, at=NOON)
    release_replicate(campaign.id, 1, actor=coordinator, at=NOON)
    return campaign


pytestmark = begins_with(one_person_in_two_projects)


def on_the_line(operator):
    """Claim a case, dial, and get through the opening."""
    claim = claimed(operator)
    held = (claim.case_id, claim.fence)
    start_attempt(*held, actor=operator, at=NOON)
    place_call(*held, dialler=DIALLER, actor=operator, at=NOON)
    for question in ("G1", "G2", "G3"):
        save_answer(*held, question, ["1"], actor=operator, at=NOON)
    return claim


def go_on(claim, operator):
    return go_on_with_person(claim.case_id, claim.fence, actor=operator, at=SOON)


def test_the_other_script_follows_in_the_same_call_without_its_opening(operator):
    first = on_the_line(operator)
    follows = project_that_follows(first.case_id, actor=operator)
    report(first, "11", outcome="V1", actor=operator)

    second = go_on(first, operator)

    assert {first.project, second.project} == set(BOTH)
    assert second.project is follows
    assert second.reason.tier is Tier.SAME_CALL
    shown = open_case(actor=operator)
    assert shown.ringing
    assert [question.id for question, _keys in shown.walk.answered] == ["G1", "G2", "G3"]
    calls = db.session.scalars(select(PlacedCall).order_by(PlacedCall.id)).all()
    assert len({(call.reference, call.recording) for call in calls}) == 1
    assert len({call.attempt_id for call in calls}) == 2
    assert go_on(first, operator) is None  # the same form again takes no third case


@pytest.mark.parametrize("disposition", ["41", "31", "71"])
def test_only_an_interview_goes_on(operator, disposition):
    first = on_the_line(operator)
    window = (SOON + timedelta(hours=2), SOON + timedelta(hours=3))
    report(first, disposition, actor=operator, window=window if disposition == "31" else None)

    assert go_on(first, operator) is None


def test_nobody_goes_on_when_the_line_is_closed_or_a_colleague_has_the_other_case(operator):
    first = on_the_line(operator)
    colleague = make_user()
    other = claimed(colleague)
    report(first, "11", outcome="V1", actor=operator)
    busy = go_on(first, operator)
    tomorrow = NOON + timedelta(days=1)
    expire_leases(at=tomorrow)

    assert other.project is not first.project
    assert busy is None
    again = claimed(operator, at=tomorrow)
    held = (again.case_id, again.fence)
    start_attempt(*held, actor=operator, at=tomorrow)
    place_call(*held, dialler=DIALLER, actor=operator, at=tomorrow)
    hang_up(*held, dialler=DIALLER, actor=operator, at=tomorrow)
    report(again, "11", outcome="V1", actor=operator, at=tomorrow)
    assert go_on(again, operator) is None


@begins_with(nothing)
def test_two_persons_of_one_campaign_are_two_calls(operator):
    open_replicate(2)
    first = on_the_line(operator)
    report(first, "11", outcome="V1", actor=operator)

    assert go_on(first, operator) is None


@pytest.mark.parametrize("disposition", ["22", "24", "33"])
def test_who_spoke_with_us_is_not_rung_for_the_other_project_before_tomorrow(operator, disposition):
    first = claimed(operator)
    report(first, disposition, actor=operator)

    other = db.session.scalars(select(Case).where(Case.id != first.case_id)).one()
    assert claim_next_case(actor=operator, at=SOON + timedelta(hours=1)) is None
    assert other.schedule.due_at == CALLING_HOURS.next_day(SOON)


def test_nobody_spoke_and_the_other_case_rings_as_it_was_due(operator):
    first = claimed(operator)
    report(first, "41", actor=operator)

    assert claimed(operator, at=SOON).case_id != first.case_id


def test_after_a_refusal_the_other_case_is_for_who_wins_people_over_or_a_supervisor_pushes_it(
    operator,
):
    persuader, supervisor = make_user(skills=["refusal"]), make_user(Role.SUPERVISOR)
    first = claimed(operator)
    report(first, "22", actor=operator)
    other = db.session.scalars(select(Case).where(Case.id != first.case_id)).one()
    tomorrow = NOON + timedelta(hours=21)

    assert claim_next_case(actor=operator, at=tomorrow) is None
    push_case(other.id, operator.id, actor=supervisor, at=SOON)
    again = claimed(operator, at=SOON)
    assert again.case_id == other.id
    hand_back(again.case_id, again.fence, actor=operator, at=SOON)
    assert claimed(persuader, at=tomorrow).case_id == other.id


def test_a_colleague_who_has_the_other_case_already_cannot_dial_it_any_more(operator):
    first = claimed(operator)
    colleague = make_user()
    other = claimed(colleague)
    report(first, "22", actor=operator)
    held = (other.case_id, other.fence)

    assert open_case(actor=colleague).put_off_until > SOON + timedelta(hours=8)
    with pytest.raises(PersonSpokeToday):
        start_attempt(*held, actor=colleague, at=SOON)
    hand_back(*held, actor=colleague, at=SOON)
    assert claim_next_case(actor=colleague, at=SOON) is None
