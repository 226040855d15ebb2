from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.cases.models import Case, PhoneClass
from casework.cases.outcomes import Verdict
from casework.db import db
from casework.errors import NotAllowedNow, NotFound
from casework.estimates.inputs import read_inputs
from casework.visits.adjudication import (
    AlreadyDecided,
    agreements,
    disputes_for,
    give_opinion,
    opinions_on,
)
from casework.visits.adjudication_rule import NOBODY_KNOWS, disagree, rule
from casework.visits.checklists import OutcomeDoesNotSuit
from casework.visits.findings import record_finding
from casework.visits.lead_handling import ResultUnexplained
from casework.visits.models import Lead, LeadResult, Visit
from tests.casework.visits.factories import (
    KAIFENG,
    assign,
    make_report,
    make_visiting_campaign,
    visits_of,
)
from tests.factories import LUOHE, NOON, make_user

pytestmark = pytest.mark.one_engine

LATER = NOON + timedelta(hours=5)


@pytest.mark.parametrize(
    ("opinions", "outcome", "escalated"),
    [
        ([], "", False),
        (["V1"], "", False),
        (["V1", "V2"], "V1", False),
        (["N2", "N1"], "N2", False),
        (["V1", "N2"], "", True),
        (["V1", "D1"], "", True),
        (["V1", "N2", "N1"], "N2", True),
        (["N1", "V1", "V2"], "V1", True),
        (["V1", "N2", "U2"], NOBODY_KNOWS, True),
    ],
)
def test_the_rule_stands_on_two_equal_verdicts(opinions, outcome, escalated):
    ruling = rule(opinions)
    assert (ruling.outcome, ruling.escalated) == (outcome, escalated)


@pytest.mark.parametrize(
    ("phone", "site", "differ"),
    [
        (PhoneClass.ACHIEVED, Verdict.NOT_ACHIEVED, True),
        (PhoneClass.NOT_ACHIEVED, Verdict.DEEMED, True),
        (PhoneClass.ACHIEVED, Verdict.DEEMED, False),
        (PhoneClass.ACHIEVED, Verdict.UNRESOLVED, False),
        (PhoneClass.NO_ANSWER, Verdict.NOT_ACHIEVED, False),
        (PhoneClass.ACHIEVED, None, False),
    ],
)
def test_only_what_both_know_can_differ(phone, site, differ):
    assert disagree(phone, site) is differ


def make_dispute(*, phone: str = "V1", site: str = "N2") -> Case:
    """Return a case that was said to be true by phone and found to be false on site."""
    make_user(Role.INSPECTOR)
    campaign = make_visiting_campaign(phone, shares=dict.fromkeys(PhoneClass, 1.0))
    assign(campaign)
    return find(visits_of(campaign)[0], site)


def find(visit: Visit, outcome: str) -> Case:
    inspector = db.session.get(User, visit.inspector_id)
    seen = frozenset(finding.idempotency_key for finding in visit.findings)
    record_finding(visit.uid, make_report(outcome, seen=seen), actor=inspector, at=LATER)
    return visit.case


def opine(case: Case, outcome: str, judge: User | None = None, words: str = "现场凭证为准"):
    judge = judge or make_user(Role.VERIFIER)
    return give_opinion(case.uid, outcome, words, actor=judge, at=LATER)


def estimated(case: Case):
    (read,) = read_inputs(case.campaign).cases
    return read.visit, read.outcome


def test_two_people_who_agree_settle_what_the_estimate_reads(app):
    case = make_dispute()
    assert estimated(case) == (Verdict.NOT_ACHIEVED, "N2")

    opine(case, "V1")
    assert estimated(case) == (Verdict.NOT_ACHIEVED, "N2")
    assert opine(case, "V2").outcome == "V1"

    assert estimated(case) == (Verdict.ACHIEVED, "V1")


def test_two_who_differ_call_for_a_third_whose_verdict_may_be_that_nobody_knows(app):
    case = make_dispute()
    opine(case, "V1")
    assert opine(case, "N2").escalated
    assert opine(case, "U2").outcome == NOBODY_KNOWS

    assert estimated(case) == (Verdict.UNRESOLVED, NOBODY_KNOWS)
    with pytest.raises(NotAllowedNow):
        opine(case, "V1")


@pytest.mark.both_engines
def test_nobody_decides_twice(app):
    case, judge = make_dispute(), make_user(Role.VERIFIER)
    opine(case, "V1", judge)

    with pytest.raises(AlreadyDecided):
        opine(case, "V1", judge)


def test_each_decides_without_seeing_the_other(app):
    case, first, second = make_dispute(), make_user(Role.VERIFIER), make_user(Role.VERIFIER)
    opine(case, "V1", first)

    assert [name for _, name in opinions_on(case, actor=first)[0]] == [first.name]
    assert opinions_on(case, actor=second) == ([], True)
    opine(case, "V1", second)
    assert len(opinions_on(case, actor=second)[0]) == 2


@pytest.mark.both_engines
def test_a_new_finding_opens_what_was_settled(app):
    case = make_dispute()
    opine(case, "V1")
    opine(case, "V1")

    find(db.session.scalars(select(Visit)).one(), "N1")

    assert estimated(case) == (Verdict.NOT_ACHIEVED, "N1")
    assert opine(case, "N1").outcome == ""


def test_what_was_settled_is_the_result_of_the_leads(app):
    case = make_dispute(phone="N2", site="V1")
    opine(case, "N2")
    opine(case, "N1")

    assert set(db.session.scalars(select(Lead.result))) == {LeadResult.FALSE}


@pytest.mark.parametrize(("outcome", "words"), [("V1", " "), ("V1", "长" * 2001)])
def test_an_opinion_needs_words(app, outcome, words):
    with pytest.raises(ResultUnexplained):
        opine(make_dispute(), outcome, words=words)


@pytest.mark.both_engines
def test_an_opinion_suits_the_project_and_the_case_a_dispute(app):
    case = make_dispute()
    for outcome in ("SN", "U3", "X9"):
        with pytest.raises(OutcomeDoesNotSuit):
            opine(case, outcome)
    for region in (KAIFENG, LUOHE):
        with pytest.raises(NotFound):
            opine(case, "V1", make_user(Role.VERIFIER, region=region))
    with pytest.raises(NotAllowedNow):
        opine(make_dispute(phone="V1", site="V2"), "V1")


@pytest.mark.both_engines
def test_the_work_list_is_each_persons_own_and_the_escalated_come_first(app):
    case, judge = make_dispute(), make_user(Role.VERIFIER)
    other = make_user(Role.VERIFIER)

    assert [d.case.id for d in disputes_for(judge).to_decide] == [case.id]
    opine(case, "V1", judge)
    assert [d.case.id for d in disputes_for(judge).waiting] == [case.id]
    opine(case, "V1", other)
    assert [d.case.id for d in disputes_for(judge).settled] == [case.id]
    assert disputes_for(make_user(Role.VERIFIER, region=LUOHE)).settled == []


@pytest.mark.both_engines
def test_an_opinion_is_never_changed(app):
    opine(make_dispute(), "V1")
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(text("UPDATE opinion SET outcome = 'N1'"))


@pytest.mark.both_engines
def test_agreement_counts_random_visits_who_said_no_and_what_was_settled(app):
    make_user(Role.INSPECTOR)
    campaign = make_visiting_campaign(
        *["V1"] * 4, "N2", shares={PhoneClass.ACHIEVED: 1.0, PhoneClass.NOT_ACHIEVED: 0.0}
    )
    assign(campaign)
    visits = visits_of(campaign)
    for visit, outcome in zip(visits, ("V1", "V1", "N2", "N2", "N2"), strict=True):
        find(visit, outcome)
    opine(visits[2].case, "V1")
    opine(visits[2].case, "V1")

    whole, unit = agreements(campaign, actor=make_user(Role.VERIFIER))

    assert (whole.unit, unit.unit.name) == (None, "漯河市")
    # One of four yeses is refuted; the no, visited for its lead, is confirmed.
    assert (whole.found.pairs, whole.found.equal) == (5, 4)
    assert whole.found.kappa is not None
    assert whole.found == unit.found
