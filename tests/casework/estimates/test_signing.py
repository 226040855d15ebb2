"""From a draft to a published result: who signs what, what stands in the way, who is told."""

from datetime import date, timedelta
from itertools import product

import pytest
from sqlalchemy import func, select

from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.campaigns.models import Campaign
from casework.cases.models import Case, PhoneClass
from casework.db import db
from casework.errors import NotAllowedNow, NotFound
from casework.estimates import judging_errors as errors
from casework.estimates.judged import judged
from casework.estimates.judging_models import OverrideState, RunSignature, RunStanding
from casework.estimates.models import Completion, EstimateRun
from casework.estimates.objecting import (
    Attached,
    announced_to,
    answer_objection,
    close_objection,
    file_objection,
    objections,
    opened_file,
    take_back,
)
from casework.estimates.overriding import propose_override, settle_override
from casework.estimates.signing import publish, send_round, sign_province, sign_unit, withdraw
from casework.estimates.stages import TRANSITIONS, RunAction, RunStage, next_stage
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from casework.visits.models import Visit, VisitReason
from estimation.decision import Decision
from tests.casework.estimates.factories import (
    FOUND,
    LINYING,
    WUYANG,
    Said,
    add_finding,
    computed,
    make_released_campaign,
    make_stratum,
    set_target,
)
from tests.factories import LANKAO, LUOHE, NOON, make_user
from tests.grounds import begins_with

P1 = Project.RE_EMPLOYMENT
RANDOM, LEAD = VisitReason.RANDOM, VisitReason.LEAD
COMPUTED = FOUND + timedelta(days=1)
DAY = date(2018, 1, 20)
LATER = date(2999, 1, 1)
PDF = Attached("演示证明.pdf", b"%PDF-1.7 demonstration")


def make_survey() -> tuple[Campaign, EstimateRun]:
    """漯河's 临颍 met its task and 舞阳 did not; 兰考 is a unit of its own and met."""
    campaign = make_released_campaign(units=(LUOHE, LANKAO))
    make_stratum(campaign, Said(site="V1", reason=RANDOM, times=24), frame_size=24)
    make_stratum(
        campaign,
        Said(site="V1", reason=RANDOM, times=3),
        Said(PhoneClass.NOT_ACHIEVED, "N4", LEAD, times=2),
        frame_size=5,
        region=WUYANG,
    )
    make_stratum(
        campaign, Said(site="V1", reason=RANDOM, times=3), frame_size=3, region=LANKAO, unit=LANKAO
    )
    for region, persons in ((LUOHE, 25), (LINYING, 20), (WUYANG, 4), (LANKAO, 3)):
        set_target(campaign, region, persons, P1)
    return campaign, computed(campaign, at=COMPUTED)


pytestmark = [begins_with(make_survey), pytest.mark.one_engine]


@pytest.fixture
def campaign(begun):
    return begun[0]


@pytest.fixture
def run(begun):
    return begun[1]


@pytest.fixture
def verifier(app):
    return make_user(Role.VERIFIER)


@pytest.fixture
def sent(run, verifier):
    send_round(run.uid, announced_on=DAY, actor=verifier, at=NOON)
    return run


def stage_of(run):
    return db.session.scalar(select(RunStanding.stage).where(RunStanding.run_id == run.id))


def sign_all(run):
    for code in (LUOHE, LANKAO):
        sign_unit(run.uid, code, actor=make_user(Role.VERIFIER, region=code), at=NOON)


@pytest.mark.parametrize(("stage", "action"), list(product(RunStage, RunAction)))
def test_only_what_the_table_lists_is_allowed(stage, action):
    if (stage, action) in TRANSITIONS:
        assert next_stage(stage, action) is TRANSITIONS[stage, action]
    else:
        with pytest.raises(NotAllowedNow):
            next_stage(stage, action)


@pytest.mark.both_engines
def test_a_run_becomes_final_by_the_units_then_the_province_and_is_published(sent, verifier):
    with pytest.raises(errors.UnitsUnsigned):
        sign_province(sent.uid, actor=verifier, at=NOON)
    sign_all(sent)
    sign_province(sent.uid, actor=verifier, at=NOON)
    assert stage_of(sent) is RunStage.FINAL
    publish(sent.uid, published_on=LATER, actor=verifier, at=NOON)
    assert stage_of(sent) is RunStage.PUBLISHED
    signed = db.session.scalars(select(RunSignature.input_digest).distinct()).all()
    assert signed == [sent.input_digest]
    said = set(
        db.session.scalars(select(AuditEvent.action).where(AuditEvent.subject == f"run:{sent.uid}"))
    )
    assert said >= {"run:send_round", "run:sign_unit", "run:sign_province", "run:publish"}


@pytest.mark.both_engines
def test_a_run_with_later_findings_is_signed_only_by_who_names_their_number(
    campaign, sent, verifier
):
    visit = db.session.scalars(select(Visit).join(Case).where(Case.region_code == LINYING)).first()
    add_finding(visit, "N2", at=COMPUTED + timedelta(hours=1))
    city = make_user(Role.VERIFIER, region=LUOHE)

    for wrong in (0, 2):
        with pytest.raises(errors.LaterFindings) as refused:
            sign_unit(sent.uid, LUOHE, actor=city, at=NOON, later=wrong)
        assert refused.value.facts == {"amount": 1}
    sign_unit(sent.uid, LUOHE, actor=city, at=NOON, later=1)
    sign_unit(sent.uid, LANKAO, actor=make_user(Role.VERIFIER, region=LANKAO), at=NOON)
    with pytest.raises(errors.LaterFindings):
        sign_province(sent.uid, actor=verifier, at=NOON)
    sign_province(sent.uid, actor=verifier, at=NOON, later=1)

    signed = [AuditAction.RUN_SIGN_UNIT, AuditAction.RUN_SIGN_PROVINCE]
    events = select(AuditEvent).where(AuditEvent.action.in_(signed)).order_by(AuditEvent.id)
    assert [one.facts["later"] for one in db.session.scalars(events)] == [1, 0, 1]


def test_of_two_signers_in_one_minute_one_signs_and_the_other_is_told_who(sent, verifier):
    first = make_user(Role.VERIFIER, region=LUOHE)
    sign_unit(sent.uid, LUOHE, actor=first, at=NOON)
    with pytest.raises(errors.AlreadySigned) as told:
        sign_unit(sent.uid, LUOHE, actor=verifier, at=NOON + timedelta(seconds=20))
    assert told.value.facts == {"name": first.name, "at": NOON}
    sign_unit(sent.uid, LANKAO, actor=first_of(LANKAO), at=NOON)
    sign_province(sent.uid, actor=verifier, at=NOON)
    with pytest.raises(errors.AlreadySigned):
        sign_province(sent.uid, actor=make_user(Role.VERIFIER), at=NOON)
    assert db.session.scalar(select(func.count(RunSignature.id))) == 3


def first_of(region):
    return make_user(Role.VERIFIER, region=region)


def test_the_province_is_signed_by_somebody_who_signed_for_no_unit(sent, verifier):
    for code in (LUOHE, LANKAO):
        sign_unit(sent.uid, code, actor=verifier, at=NOON)
    with pytest.raises(errors.SecondPersonNeeded):
        sign_province(sent.uid, actor=verifier, at=NOON)


def test_a_city_signs_for_itself_alone_and_never_for_the_province(sent):
    city = make_user(Role.VERIFIER, region=LUOHE)
    for act in (
        lambda: sign_unit(sent.uid, LANKAO, actor=city, at=NOON),
        lambda: sign_province(sent.uid, actor=city, at=NOON),
        lambda: publish(sent.uid, published_on=LATER, actor=city, at=NOON),
        lambda: withdraw(sent.uid, "演示", actor=city, at=NOON),
    ):
        with pytest.raises(NotFound):
            act()


@pytest.mark.both_engines
def test_an_interim_run_is_not_sent_round(campaign, verifier):
    make_stratum(campaign, Said(phone=None), frame_size=2, region="411103")
    with pytest.raises(errors.RunUnfinished):
        send_round(computed(campaign).uid, announced_on=DAY, actor=verifier, at=NOON)


def test_a_run_on_old_data_is_not_sent_round(campaign, run, verifier):
    add_finding(db.session.scalars(select(Visit).limit(1)).one(), "N1")
    computed(campaign)
    with pytest.raises(errors.DataMovedOn):
        send_round(run.uid, announced_on=DAY, actor=verifier, at=NOON)


def test_no_region_hears_of_it_before_the_day_the_campaign_fixed(run, verifier):
    with pytest.raises(errors.DayTooEarly):
        send_round(run.uid, announced_on=date(2018, 1, 14), actor=verifier, at=NOON)


def test_one_run_at_a_time_is_out_and_a_withdrawn_one_makes_room(campaign, sent, verifier):
    second = computed(campaign)
    with pytest.raises(errors.AnotherRunIsOut):
        send_round(second.uid, announced_on=DAY, actor=verifier, at=NOON)
    with pytest.raises(errors.ReasonNeeded):
        withdraw(sent.uid, " ", actor=verifier, at=NOON)
    withdraw(sent.uid, "演示：数据有误", actor=verifier, at=NOON)
    send_round(second.uid, announced_on=DAY, actor=verifier, at=NOON)
    assert stage_of(second) is RunStage.PRELIMINARY


def test_why_is_said_down_to_the_county_and_its_project(run):
    lines = judged(run).lines(PROVINCE)
    assert [(line.region, line.project, line.decision) for line in lines[:1]] == [
        (WUYANG, P1, Decision.NOT_MET)
    ]
    assert (LINYING, P1) not in {(line.region, line.project) for line in lines}


def propose(run, actor, code=WUYANG, decision=Decision.MET):
    return propose_override(run.uid, code, P1, decision, "演示：复核", actor=actor, at=NOON)


@pytest.mark.both_engines
def test_two_people_override_a_decision_and_the_roll_up_follows(run, verifier):
    assert judged(run).rolled[LUOHE].completion is Completion.NOT_COMPLETE
    override = propose(run, verifier)
    assert judged(run).rolled[LUOHE].completion is Completion.NOT_COMPLETE
    with pytest.raises(errors.SecondPersonNeeded):
        settle_override(override.uid, confirmed=True, actor=verifier, at=NOON)
    second = make_user(Role.VERIFIER)
    state = settle_override(override.uid, confirmed=True, actor=second, at=NOON)
    assert state is OverrideState.CONFIRMED
    found = judged(run)
    assert found.rolled[WUYANG].completion is Completion.COMPLETE
    assert found.rolled[LUOHE].completion is Completion.COMPLETE
    assert found.rolled[PROVINCE].completion is Completion.UNDETERMINED  # other units left out
    assert found.overrides[WUYANG, P1].computed == "not_met"
    with pytest.raises(NotAllowedNow):
        settle_override(override.uid, confirmed=False, actor=second, at=NOON)


@pytest.mark.both_engines
def test_data_that_moved_on_void_the_first_persons_half(campaign, run, verifier):
    override = propose(run, verifier)
    visit = db.session.scalars(select(Visit).order_by(Visit.id.desc()).limit(1)).one()
    add_finding(visit, "N1")
    computed(campaign)
    second = make_user(Role.VERIFIER)
    state = settle_override(override.uid, confirmed=True, actor=second, at=NOON)
    assert state is OverrideState.VOID
    assert judged(run).overrides == {}
    with pytest.raises(errors.DataMovedOn):
        propose(run, verifier)


def test_an_override_changes_something_and_stands_alone(run, verifier):
    with pytest.raises(errors.NothingOverridden):
        propose(run, verifier, decision=Decision.NOT_MET)
    with pytest.raises(errors.ReasonNeeded):
        propose_override(run.uid, WUYANG, P1, Decision.MET, "", actor=verifier, at=NOON)
    override = propose(run, verifier)
    with pytest.raises(errors.AlreadyProposed):
        propose(run, make_user(Role.VERIFIER))
    settle_override(override.uid, confirmed=False, actor=make_user(Role.VERIFIER), at=NOON)
    assert judged(run).overrides == {}
    propose(run, verifier)


def test_nothing_is_overridden_below_the_province_or_once_it_is_final(sent, verifier):
    with pytest.raises(NotFound):
        propose(sent, make_user(Role.VERIFIER, region=LUOHE))
    waiting = propose(sent, make_user(Role.VERIFIER))
    sign_all(sent)
    with pytest.raises(errors.OverridesWaiting):
        sign_province(sent.uid, actor=verifier, at=NOON)
    settle_override(waiting.uid, confirmed=False, actor=verifier, at=NOON)
    sign_province(sent.uid, actor=verifier, at=NOON)
    with pytest.raises(NotAllowedNow):
        propose(sent, verifier)


@pytest.fixture
def clerk(app):
    return make_user(Role.CLERK, region=WUYANG)


def object_to(run, actor, code=WUYANG, files=(PDF,)):
    return file_objection(run.uid, code, P1, "演示：两人已就业", files, actor=actor, at=NOON)


@pytest.mark.both_engines
def test_a_county_objects_with_evidence_is_answered_and_another_person_closes(
    sent, verifier, clerk
):
    objection = object_to(sent, clerk)
    uid = objection.uid
    opened = opened_file(objection.files[0].uid, actor=verifier, at=NOON)
    assert opened == PDF
    sign_all(sent)
    with pytest.raises(errors.ObjectionsOpen):
        sign_province(sent.uid, actor=verifier, at=NOON)
    with pytest.raises(NotAllowedNow):
        close_objection(uid, actor=verifier, at=NOON)
    answer_objection(uid, "演示：查无此人", actor=verifier, at=NOON)
    with pytest.raises(errors.SecondPersonNeeded):
        close_objection(uid, actor=verifier, at=NOON)
    close_objection(uid, actor=make_user(Role.VERIFIER), at=NOON)
    (seen,) = objections(clerk)
    assert (seen.state, seen.text, seen.answer) == ("closed", "演示：两人已就业", "演示：查无此人")
    sign_province(sent.uid, actor=verifier, at=NOON)


@pytest.mark.both_engines
def test_a_county_sees_its_own_figures_when_their_day_has_come_and_nothing_else(
    campaign, run, verifier, clerk
):
    assert announced_to(clerk) == []
    with pytest.raises(NotFound):
        object_to(run, clerk)
    send_round(run.uid, announced_on=LATER, actor=verifier, at=NOON)
    assert announced_to(clerk) == []
    withdraw(run.uid, "演示", actor=verifier, at=NOON)
    again = computed(campaign)
    send_round(again.uid, announced_on=DAY, actor=verifier, at=NOON)
    (announced,) = announced_to(clerk)
    assert [row.region_code for row in announced.rows] == [WUYANG]
    assert not announced.final
    with pytest.raises(NotFound):
        object_to(again, clerk, code=LINYING)


@pytest.mark.both_engines
def test_what_is_published_is_final_for_counties_from_its_day_on(sent, verifier, clerk):
    sign_all(sent)
    sign_province(sent.uid, actor=verifier, at=NOON)
    publish(sent.uid, published_on=LATER, actor=verifier, at=NOON)
    (announced,) = announced_to(clerk)
    assert not announced.final
    with pytest.raises(NotFound):
        object_to(sent, clerk)


@pytest.mark.both_engines
def test_an_objection_is_taken_back_by_its_region_alone(sent, clerk):
    objection = object_to(sent, clerk, files=())
    with pytest.raises(NotFound):
        take_back(objection.uid, actor=make_user(Role.CLERK, region=LUOHE), at=NOON)
    take_back(objection.uid, actor=clerk, at=NOON)
    assert objections(clerk)[0].state == "taken_back"


def test_files_are_looked_at_before_anything_is_kept(sent, clerk):
    with pytest.raises(errors.FileUnusable):
        object_to(sent, clerk, files=(PDF, Attached("a.exe", b"MZ")))
    with pytest.raises(errors.TooManyFiles):
        object_to(sent, clerk, files=(PDF,) * 6)
    assert objections(clerk) == []
