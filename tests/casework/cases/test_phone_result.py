from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.calls.dispositions import all_dispositions
from casework.cases.models import RESOLVED, PhoneClass
from casework.cases.phone_result import Ending, PastCall, PhoneResult, numbers_left, phone_result
from tests.factories import NOON

CODES = [code for code, d in all_dispositions().items() if d.offered]
INTERVIEWS = {"11", "12", "13"}


def call(code: str, number: int = 0, outcome: str = "", minute: int = 0) -> PastCall:
    meaning = all_dispositions()[code]
    at = NOON + timedelta(minutes=minute)
    return PastCall(code, meaning.ending, meaning.limit, number, at, outcome)


def calls(*codes: str) -> list[PastCall]:
    return [call(code, minute=minute) for minute, code in enumerate(codes)]


@st.composite
def histories(draw, codes=CODES, numbers=3):
    past = []
    for minute in range(draw(st.integers(0, 12))):
        code = draw(st.sampled_from(codes))
        outcome = draw(st.sampled_from(["V1", "N2", "D1"])) if code in INTERVIEWS else ""
        past.append(call(code, draw(st.integers(0, numbers - 1)), outcome, minute))
    return past


@pytest.mark.parametrize(
    ("past", "numbers", "phone_class", "outcome"),
    [
        ([call("11", outcome="V1")], 1, PhoneClass.ACHIEVED, "V1"),
        ([call("11", outcome="N2")], 1, PhoneClass.NOT_ACHIEVED, "N2"),
        ([call("11", outcome="SD")], 1, PhoneClass.DEEMED, "SD"),
        (calls("22"), 2, PhoneClass.REFUSED, "U2"),
        (calls("41", "21", "41", "21"), 1, PhoneClass.REFUSED, "U2"),
        (calls("24", "24", "24"), 1, PhoneClass.REFUSED, "U2"),
        (calls("38"), 1, PhoneClass.AWAY, "U1"),
        (calls("36"), 1, PhoneClass.AWAY, "U1"),
        (calls("39"), 1, PhoneClass.AWAY, "U1"),
        (calls("33", "33", "33", "33"), 1, PhoneClass.AWAY, "U1"),
        (calls("41", "43", "41", "44", "42", "41"), 1, PhoneClass.NO_ANSWER, "U1"),
        (calls("45", "45"), 1, PhoneClass.NO_ANSWER, "U1"),
        (calls("51"), 1, PhoneClass.DEAD_NUMBER, "U3"),
        (calls("52", "52"), 1, PhoneClass.DEAD_NUMBER, "U3"),
        (calls("53"), 1, PhoneClass.WRONG_PERSON, "U3"),
        (calls("56", "56"), 1, PhoneClass.WRONG_PERSON, "U3"),
        ([call("51", 0), call("53", 1)], 2, PhoneClass.WRONG_PERSON, "U3"),
        ([call("12", outcome="V1"), call("12", outcome="V1")], 1, PhoneClass.ACHIEVED, "V1"),
    ],
)
def test_a_case_whose_calls_are_over(past, numbers, phone_class, outcome):
    assert phone_result(past, numbers) == PhoneResult(phone_class, outcome)


@pytest.mark.parametrize(
    "past",
    [
        [],
        calls("41", "41", "41", "41", "41"),
        calls("21"),
        calls("12"),
        calls("52"),
        calls("31", "31", "31"),
        calls("71"),
        calls("81", "81", "81", "81", "81", "81", "81", "81"),
        [call("54", 0)],
    ],
)
def test_a_case_with_calls_left(past):
    assert phone_result(past, 2) is None


def test_a_dead_number_says_nothing_while_another_is_left():
    assert phone_result(calls("51"), 2) is None
    assert numbers_left(calls("51"), 2) == [1]


def test_an_agreed_time_is_waited_for_before_the_case_is_given_up():
    assert phone_result(calls("31", "31", "31"), 1) is None
    assert phone_result(calls("31", "31", "31", "31"), 1) == PhoneResult(PhoneClass.AWAY, "U1")


def test_no_answers_after_a_refusal_leave_it_a_refusal():
    past = calls("21", "41", "41", "41", "41", "41", "41")

    assert phone_result(past, 1) == PhoneResult(PhoneClass.REFUSED, "U2")


def test_a_case_without_a_number_has_a_dead_number():
    assert phone_result([], 0) == PhoneResult(PhoneClass.DEAD_NUMBER, "U3")


def test_numbers_dialled_least_come_first():
    assert numbers_left([call("41", 0), call("41", 0), call("41", 1)], 3) == [2, 1, 0]


@given(histories(), st.integers(1, 3), st.randoms(use_true_random=False))
def test_the_order_of_the_calls_does_not_matter(past, numbers, rng):
    shuffled = rng.sample(past, len(past))

    assert phone_result(shuffled, numbers) == phone_result(past, numbers)


@given(histories([code for code in CODES if code not in INTERVIEWS]), st.integers(0, 3))
def test_without_an_interview_there_is_never_a_verdict(past, numbers):
    result = phone_result(past, numbers, over=True)

    assert result is not None
    assert result.phone_class not in RESOLVED


@given(histories(), st.integers(1, 3))
def test_the_number_is_only_blamed_when_every_number_is_known_to_be_wrong(past, numbers):
    result = phone_result(past, numbers, over=True)

    if result.phone_class in {PhoneClass.DEAD_NUMBER, PhoneClass.WRONG_PERSON}:
        about = {Ending.DEAD_NUMBER, Ending.STRANGER, Ending.MOVED}
        blamed = {c.number for c in past if c.ending in about}
        assert len(blamed) >= numbers


@given(histories(), st.integers(1, 3))
def test_running_out_of_attempts_never_hides_a_refusal(past, numbers):
    result = phone_result(past, numbers, over=True)

    if any(c.ending in {Ending.REFUSED, Ending.REFUSED_FOR_GOOD} for c in past):
        assert result.phone_class in RESOLVED | {PhoneClass.REFUSED}


@given(histories(), st.integers(1, 3))
def test_a_hard_refusal_is_final_unless_the_interview_was_held(past, numbers):
    if "22" in {c.code for c in past} and "11" not in {c.code for c in past}:
        assert phone_result(past, numbers).phone_class is PhoneClass.REFUSED


@given(histories(), st.integers(1, 3))
def test_appointments_alone_are_never_a_refusal(past, numbers):
    kept = [c for c in past if c.ending in {Ending.PUT_OFF, Ending.UNREACHED}]

    assert phone_result(kept, numbers, over=True).phone_class is not PhoneClass.REFUSED


@given(histories(), st.integers(1, 3))
def test_what_is_decided_while_calling_stands_when_calling_is_over(past, numbers):
    result = phone_result(past, numbers)

    if result is not None:
        assert phone_result(past, numbers, over=True) == result


@given(histories(), st.integers(1, 3), st.integers(1, 5))
def test_faults_on_our_side_do_not_count(past, numbers, faults):
    assert phone_result([*past, *calls(*["81"] * faults)], numbers) == phone_result(past, numbers)


@given(histories(), st.integers(1, 3), st.sampled_from(["N1", "N2"]), st.booleans())
def test_never_employed_is_a_completed_interview_with_a_negative_verdict(past, numbers, said, over):
    result = phone_result([*past, call("11", outcome=said, minute=99)], numbers, over=over)

    assert result == PhoneResult(PhoneClass.NOT_ACHIEVED, said)
