import string

import pytest

from casework.calls.dispositions import all_dispositions
from casework.calls.script import FLEXIBLE, End, NotAnAnswer, every_path, script_for, walk
from casework.calls.verdicts import REMARKS, VERDICTS, WAIVERS, outcome_of
from casework.cases.outcomes import Verdict, all_outcomes, outcomes_for
from casework.ledgers.projects import Project

IDENTIFIED = {"G1": ["1"], "G2": ["1"], "G3": ["1"]}
ROWS = [
    (project, row.outcome, token)
    for project, rows in VERDICTS.items()
    for row in rows
    for token in sorted(row.any_of)
]


@pytest.mark.parametrize("project", Project)
@pytest.mark.parametrize("facts", [frozenset(), frozenset({FLEXIBLE})])
def test_every_way_through_a_script_ends_the_call(project, facts):
    ends = [end for _answers, end in every_path(script_for(project), facts, IDENTIFIED)]

    allowed = {outcome.code for outcome in outcomes_for(project)}
    for end in ends:
        disposition = all_dispositions()[end.disposition]
        assert disposition.offered
        assert (end.outcome in allowed) if disposition.is_interview else end.outcome == ""
    assert {end.outcome for end in ends} >= {row.outcome for row in VERDICTS[project]}


def test_every_way_through_the_opening_ends_or_reaches_the_project():
    script = script_for(Project.OVERCAPACITY)
    ends = {end for _answers, end in every_path(script)}

    assert {End(code, "") for code in ("53", "33", "32", "23", "38", "31", "21", "22")} <= ends
    assert End("12", "S1") in ends  # a relative answered


@pytest.mark.parametrize(("project", "outcome", "token"), ROWS)
def test_each_row_of_the_tables_is_an_answer_of_its_script(project, outcome, token):
    question, _, key = token.rpartition(":")

    script_for(project).questions[question].answer(key)
    assert outcome in {found.code for found in outcomes_for(project)}
    assert all_outcomes()[outcome].verdict is not Verdict.UNRESOLVED


@pytest.mark.parametrize("token", sorted(REMARKS))
def test_each_remark_is_an_answer_of_a_script(token):
    question, _, key = token.rpartition(":")
    asked = [s for s in map(script_for, Project) if question in s.questions]

    for script in asked:
        script.questions[question].answer(key)
    assert asked


@pytest.mark.parametrize(
    ("project", "tokens", "outcome"),
    [
        (Project.RE_EMPLOYMENT, {"A2:1", "A3:1"}, "V1"),
        (Project.RE_EMPLOYMENT, {"A2:1", "A3:6", "A3:2"}, "V1"),
        (Project.RE_EMPLOYMENT, {"A2:3", "A3:6", "A3:8"}, "V2"),
        (Project.RE_EMPLOYMENT, {"A1:2", "A2:1", "A3:6"}, "V2"),
        (Project.RE_EMPLOYMENT, {"A3:1", "A4:2"}, "V3"),
        (Project.RE_EMPLOYMENT, {"A3:1", "A9:2"}, "V3"),
        (Project.RE_EMPLOYMENT, {"A3:1", "A4:3", "A5:1", "A9:3"}, "V1"),
        (Project.RE_EMPLOYMENT, {"A2:2", "A6:6"}, ""),
        (Project.RE_EMPLOYMENT, {"A6:6", "A7:1"}, "D1"),
        (Project.RE_EMPLOYMENT, {"A6:1", "A7:2"}, "N1"),
        (Project.RE_EMPLOYMENT, {"A6:1", "A7:3"}, "N2"),
        (Project.HARDSHIP, {"B0:2"}, "N3"),
        (Project.HARDSHIP, {"B0:3", "B3:Q"}, "V1"),
        (Project.HARDSHIP, {"B0:1", "B3:7"}, "V2"),
        (Project.HARDSHIP, {"B7:1"}, "D1"),
        (Project.OVERCAPACITY, {"C1:2"}, "SX"),
        (Project.OVERCAPACITY, {"C1:3", "C2:4"}, "S4"),
        (Project.OVERCAPACITY, {"C2:5", "C4:3"}, "SN"),
        (Project.OVERCAPACITY, {"C2:6"}, ""),
        (Project.OVERCAPACITY, {"C2:6", "C5:1"}, "SD"),
        (Project.OVERCAPACITY, {"C2:6", "C5:2"}, "SN"),
        (Project.NEW_EMPLOYMENT, {"E1:2"}, "N2"),
        (Project.NEW_EMPLOYMENT, {"E1:1", "E3:3"}, "N5"),
        (Project.NEW_EMPLOYMENT, {"E1:1", "E5:2"}, "N7"),
        (Project.NEW_EMPLOYMENT, {"E1:1", "E5:3"}, "N6"),
        (Project.NEW_EMPLOYMENT, {"E1:1", "E7:2"}, "N10"),
        (Project.NEW_EMPLOYMENT, {"E1:3"}, "V3"),
    ],
)
def test_answers_give_their_verdict(project, tokens, outcome):
    assert outcome_of(project, tokens) == outcome


@pytest.mark.parametrize("project", Project)
def test_a_waiver_always_rests_on_a_sentence_read_word_for_word(project):
    script = script_for(project)
    for row in VERDICTS[project]:
        if row.outcome in WAIVERS:
            questions = {token.rpartition(":")[0] for token in row.any_of}
            assert all(script.questions[question].verbatim for question in questions)


@pytest.mark.parametrize("project", Project)
def test_keys_differ_and_both_languages_have_the_same_places(project):
    for question in script_for(project).questions.values():
        keys = [answer.key for answer in question.answers]
        assert len(set(keys)) == len(keys)
        assert question.zh
        assert places(question.en) <= places(question.zh)
        assert "id_no" not in places(question.zh)


@pytest.mark.parametrize("project", Project)
def test_of_a_relative_nothing_is_asked_in_the_second_person(project):
    asked = [one for one in script_for(project).questions.values() if one.about_person]

    assert len(asked) > 5
    for question in asked:
        words = question.of_another_en.lower().replace("?", " ").split()
        assert not {"you", "your"} & set(words), question.id
        assert places(question.of_another_en) <= places(question.zh) | {"name"}


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_work_that_is_not_flexible_is_not_asked_for_three_months():
    script = script_for(Project.RE_EMPLOYMENT)
    answers = IDENTIFIED | {"A1": ["1"], "A2": ["1"], "A3": ["1"], "A4": ["1"], "A5": ["1"]}
    answers |= {"A9": ["1"]}

    assert walk(script, answers).end == End("11", "V1")
    assert walk(script, answers, {FLEXIBLE}).question.id == "A9a"


@pytest.mark.parametrize("project", Project)
def test_who_agrees_after_a_refusal_is_asked_who_it_is(project):
    agreed = {"G1": ["9"], "G5": ["1"]}

    assert walk(script_for(project), agreed).question.id == "G1b"
    assert walk(script_for(project), agreed | {"G1b": ["1"]}).question.id == "G2"


def test_answers_off_the_path_are_passed_over():
    script = script_for(Project.RE_EMPLOYMENT)
    here = walk(script, IDENTIFIED | {"A1": ["1"], "A2": ["2"], "A3": ["1"]})

    assert here.question.id == "A6"
    assert here.outcome == ""


def test_an_answer_the_question_does_not_have_is_refused():
    with pytest.raises(NotAnAnswer):
        walk(script_for(Project.RE_EMPLOYMENT), {"G1": ["8"]})
