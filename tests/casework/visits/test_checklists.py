import pytest

from casework.ledgers.projects import Project
from casework.visits.checklists import (
    RULES_OUT,
    ChecklistIncomplete,
    ItemScope,
    ItemUnknown,
    OutcomeContradicts,
    OutcomeDoesNotSuit,
    ReasonMissing,
    check_answers,
    checklist_for,
    site_outcomes,
)
from tests.casework.visits.factories import fitting_answers

RE, HARD, OVER = Project.RE_EMPLOYMENT, Project.HARDSHIP, Project.OVERCAPACITY


def check(project, outcome, changes=None, reasons=None, *, has_lead=True):
    answers = fitting_answers(project, outcome) | (changes or {})
    answers = {key: result for key, result in answers.items() if result}
    check_answers(project, outcome, answers, reasons or {}, has_lead=has_lead)


@pytest.mark.parametrize("project", list(Project))
def test_every_project_begins_with_the_eight_items_of_the_ledger(project):
    assert [item.key for item in checklist_for(project)][:8] == [f"L{n}" for n in range(1, 9)]


@pytest.mark.parametrize("project", list(Project))
def test_every_outcome_has_answers_that_allow_it(project):
    for outcome in site_outcomes(project):
        check(project, outcome.code)


def test_every_rule_names_an_item_one_of_its_answers_and_outcomes_that_exist():
    items = {item.key: item for project in Project for item in checklist_for(project)}
    outcomes = {o.code for project in Project for o in site_outcomes(project)}
    for (key, result), excluded in RULES_OUT.items():
        assert result in items[key].results
        assert excluded <= outcomes


@pytest.mark.parametrize(
    ("project", "outcome"), [(RE, "S1"), (OVER, "V1"), (HARD, "SX"), (RE, "N9"), (RE, "U3")]
)
def test_an_outcome_of_another_project_or_of_the_phone_is_refused(project, outcome):
    with pytest.raises(OutcomeDoesNotSuit):
        check_answers(project, outcome, {}, {}, has_lead=False)


@pytest.mark.parametrize(
    ("project", "outcome", "answer"),
    [
        (RE, "V1", {"R4": "denies"}),
        (RE, "V2", {"R4": "denies"}),
        (RE, "N2", {"R4": "confirms"}),
        (RE, "D1", {"R5": "absent"}),
        (HARD, "V3", {"H5": "denies"}),
        (HARD, "D1", {"H6": "absent"}),
        (OVER, "S2", {"E4": "not_applicable"}),
        (OVER, "SD", {"E7": "absent"}),
    ],
)
def test_an_outcome_that_an_answer_rules_out_is_refused(project, outcome, answer):
    with pytest.raises(OutcomeContradicts):
        check(project, outcome, answer)


def test_what_does_not_conform_needs_a_reason():
    with pytest.raises(ReasonMissing) as refused:
        check(OVER, "SN", {"E3": "fails"}, {"E3": "   "})

    assert refused.value.facts == {"item": "E3"}
    check(OVER, "SN", {"E3": "fails"}, {"E3": "考勤表无此人"})


def test_a_conclusion_needs_every_item_of_the_case():
    with pytest.raises(ChecklistIncomplete) as refused:
        check(RE, "V1", {"R3": "", "R4": ""})

    assert refused.value.facts == {"items": "R3、R4", "number": 2}


def test_the_item_about_leads_is_asked_only_where_there_is_one():
    check(RE, "V1", {"L6": ""}, has_lead=False)
    with pytest.raises(ChecklistIncomplete):
        check(RE, "V1", {"L6": ""}, has_lead=True)


def test_who_could_not_be_found_needs_no_checklist():
    check_answers(RE, "U1", {}, {}, has_lead=True)


@pytest.mark.parametrize("answers", [{"E3": "fits"}, {"R4": "present"}, {"R4": "yes"}])
def test_an_item_or_answer_that_does_not_exist_is_refused(answers):
    with pytest.raises(ItemUnknown):
        check_answers(RE, "U1", answers, {}, has_lead=False)


def test_what_concerns_the_whole_office_may_stay_open():
    office = [i.key for i in checklist_for(RE) if i.scope is ItemScope.OFFICE]
    assert office == ["L1", "L2", "L5", "L7", "L8"]
    check(RE, "V1")
