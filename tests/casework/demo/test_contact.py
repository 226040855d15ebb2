import datetime as dt
from collections import Counter

import numpy as np
import pytest

from casework.demo.contact import (
    ACHIEVED,
    BAD_NUMBERS,
    Behaviour,
    Contact,
    answer_call,
    answer_visit,
)
from casework.demo.employers import credit_code
from casework.demo.ledgers import Demonstration
from casework.demo.people import identity_number
from casework.demo.protocol import sample_of, yes_visits_of
from casework.demo.scale import units
from casework.ledgers.identifiers import has_right_check, is_credit_code
from casework.ledgers.projects import Project


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def behaviours(demonstration: Demonstration) -> list[Behaviour]:
    return [row.behaviour for row in demonstration.truth.rows if not row.rule]


def test_a_person_who_answers_does_so_at_his_attempt_and_not_before(rng: np.random.Generator):
    person = Behaviour("V1", "V1", Contact.ANSWERS, picks_up_at=3)
    answers = [answer_call(person, attempt, rng) for attempt in (1, 2, 3, 4)]
    assert [answer.disposition == "11" for answer in answers] == [False, False, True, True]
    assert answers[2].outcome == "V1"


def test_a_silent_person_never_answers_and_a_dead_number_says_so_at_once(
    rng: np.random.Generator,
):
    silent = Behaviour("V1", "V1", Contact.SILENT, picks_up_at=1)
    endings = {answer_call(silent, attempt, rng).disposition for attempt in range(1, 7)}
    assert endings <= {"41", "42", "43", "44"}
    dead = Behaviour("N2", "N2", Contact.DEAD_NUMBER, picks_up_at=1)
    assert answer_call(dead, 1, rng).disposition == "51"


def test_who_lies_on_the_telephone_is_found_out_on_site(rng: np.random.Generator):
    liar = Behaviour("N1", "V1", Contact.ANSWERS, picks_up_at=1)
    assert answer_call(liar, 1, rng).outcome == "V1"
    assert answer_visit(liar) == "N1"


def test_one_untrue_claim_in_ten_is_confirmed_on_the_telephone(demonstration: Demonstration):
    untrue = [b for b in behaviours(demonstration) if not b.achieved]
    lies = sum(b.says in ACHIEVED for b in untrue)
    assert 0.06 < lies / len(untrue) < 0.14


def test_true_claims_are_never_denied(demonstration: Demonstration):
    assert all(b.says == b.verdict for b in behaviours(demonstration) if b.achieved)


def test_half_of_the_people_complete_the_first_cycle_of_three_calls(
    demonstration: Demonstration, rng: np.random.Generator
):
    people = behaviours(demonstration)
    reached = sum(answer_call(person, 3, rng).disposition == "11" for person in people)
    assert 0.47 < reached / len(people) < 0.56


def test_numbers_of_invented_people_are_bad_more_often(demonstration: Demonstration):
    bad: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for person in behaviours(demonstration):
        every[person.verdict] += 1
        bad[person.verdict] += person.contact in BAD_NUMBERS
    assert bad["N2"] / every["N2"] > 1.8 * bad["V1"] / every["V1"]


def test_a_worker_whose_row_admits_it_says_he_is_not_resettled(demonstration: Demonstration):
    unsettled = [b for b in behaviours(demonstration) if b.verdict == "SN"]
    assert sum(b.says == "SN" for b in unsettled) > 0.8 * len(unsettled)


def test_numbers_carry_their_check_characters():
    assert has_right_check(identity_number("410102", dt.date(1980, 2, 29), "901"))
    assert is_credit_code(credit_code("91", "410102", "MA000001"))


def test_every_unit_has_a_sample_and_a_share_of_visits():
    for unit in units():
        assert sample_of(Project.HARDSHIP, unit) >= 45
        assert 0 < yes_visits_of(unit) <= 1
