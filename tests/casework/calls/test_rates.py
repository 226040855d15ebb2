"""Response rates over cases that were really called; the formulas have their own goldens."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.accounts.roles import Role
from casework.calls.dispositions import all_dispositions
from casework.calls.rates import By, Heard, Letter, letter_of, rate_table
from casework.calls.recalls import set_recall_share
from casework.calls.supervision import confirm_out_of_sample, finish_case
from casework.campaigns.models import Stratum
from casework.cases.models import RESOLVED, Case, PhoneClass
from casework.db import db
from casework.errors import NotFound
from casework.ledgers.projects import Project
from tests.casework.calls.rows import claimed, open_replicate, report
from tests.factories import LANKAO, LUOHE, NOON, make_campaign, make_user


@pytest.fixture
def supervisor(app):
    return make_user(Role.SUPERVISOR)


@pytest.fixture
def operator(app):
    return make_user(login="operator-a")


def called(campaign_cases, endings, operator, **columns):
    """A campaign of so many cases, the first of which ended as said."""
    campaign = open_replicate(campaign_cases, **columns)
    for ending in endings:
        facts = {"outcome": "V1"} if ending == "11" else {}
        report(claimed(operator), ending, actor=operator, **facts)
    return campaign


def total_of(campaign, supervisor, *, weighted=False):
    return rate_table(campaign.id, By.UNIT, weighted=weighted, actor=supervisor).total


H = Heard


@pytest.mark.parametrize(
    ("phone_class", "heard", "letter"),
    [
        (PhoneClass.ACHIEVED, H(complete=True), "I"),
        (PhoneClass.NOT_ACHIEVED, H(complete=True, refused=True), "I"),  # "never employed" too
        (PhoneClass.ACHIEVED, H(partial=True), "P"),
        (PhoneClass.REFUSED, H(refused=True, contact=True), "R"),
        (PhoneClass.AWAY, H(contact=True), "NC"),
        (PhoneClass.AWAY, H(eligible=True, contact=True), "O"),
        (PhoneClass.DEAD_NUMBER, H(), "UH"),  # never a person who is not eligible
        (PhoneClass.WRONG_PERSON, H(stranger=True), "UO"),
        (PhoneClass.NO_ANSWER, H(), "UH"),
        (PhoneClass.NO_ANSWER, H(eligible=True), "O"),  # who was known to be eligible stays so
        (None, H(), "UH"),
        (None, H(contact=True), "NC"),  # an appointment is no refusal
        (None, H(refused=True), "R"),
        (None, H(partial=True, refused=True), "P"),
    ],
)
def test_each_case_has_one_letter(phone_class, heard, letter):
    assert letter_of(phone_class, heard, out_of_sample=False) is Letter(letter)
    assert letter_of(phone_class, heard, out_of_sample=True) is Letter.NE


@given(st.sampled_from([None, *PhoneClass]), st.builds(Heard))
def test_nothing_heard_on_the_phone_alone_makes_a_person_not_eligible(phone_class, heard):
    assert letter_of(phone_class, heard, out_of_sample=False) is not Letter.NE


@given(st.sampled_from(sorted(RESOLVED)), st.builds(Heard))
def test_a_verdict_true_or_not_is_an_interview(phone_class, heard):
    assert letter_of(phone_class, heard, out_of_sample=False) in {Letter.I, Letter.P}


@given(st.builds(Heard, complete=st.just(False), partial=st.just(False)), st.booleans())
def test_a_refusal_stays_one_whatever_else_was_heard(heard, open_now):
    refused = replace(heard, refused=True)
    phone_class = None if open_now else PhoneClass.REFUSED

    assert letter_of(phone_class, refused, out_of_sample=False) is Letter.R


@given(st.sampled_from([None, PhoneClass.AWAY]))
def test_a_pending_appointment_is_a_contact_and_no_refusal(phone_class):
    assert letter_of(phone_class, Heard(contact=True), out_of_sample=False) is Letter.NC


#: AAPOR's classes by the beginning of the code, in a list of named persons.
CLASSES = {"1.1": "I", "1.2": "P", "2.1": "R", "2.2": "NC", "2.3": "O", "2.9": "O"} | {
    "3.1": "UH", "3.2": "UR", "3.3": "UO", "3.9": "UO", "4": "NE"
}  # fmt: skip
#: A number that changed is a contact; a firm's number says as little of the person as a stranger's.
OF_A_NUMBER = {"54": "NC", "56": "UO"}


@pytest.mark.parametrize("code", all_dispositions())
def test_each_disposition_has_the_class_of_its_aapor_code(code):
    found = all_dispositions()[code]
    (letter,) = [of for start, of in CLASSES.items() if found.aapor.startswith(start)]

    assert found.aapor_calc == OF_A_NUMBER.get(code, letter)


def test_every_released_case_is_counted_once_whatever_was_called(operator, supervisor):
    campaign = called(8, ["11", "22", "41", "51", "53", "33"], operator)

    row = total_of(campaign, supervisor)

    assert {letter.value: n for letter, n in row.counts.items() if n} == {
        "I": 1,
        "R": 1,
        "NC": 1,
        "UO": 1,
        "UH": 4,
    }
    assert row.values["RR1"] == pytest.approx(1 / 8)
    assert row.values["COOP1"] == pytest.approx(1 / 2)
    assert row.values["REF1"] == pytest.approx(1 / 8)


def test_a_rate_without_a_denominator_is_undefined_and_not_nought(operator, supervisor):
    values = total_of(called(2, ["41"], operator), supervisor).values

    assert values["RR1"] == 0
    assert values["RR5"] is None
    assert values["COOP1"] is None


def test_nobody_released_has_no_rates(supervisor):
    table = rate_table(make_campaign().id, By.DAY, weighted=True, actor=supervisor)

    assert (table.rows, table.total, table.eligible_share) == ((), None, None)


def test_only_who_a_supervisor_confirms_is_not_eligible(operator, supervisor):
    campaign = open_replicate(4)
    report(claimed(operator), "11", outcome="V1", actor=operator)
    handed = claimed(operator)
    report(handed, "61", actor=operator)
    before = total_of(campaign, supervisor).counts

    confirm_out_of_sample(handed.case_id, "已核实", actor=supervisor, at=NOON)
    after = rate_table(campaign.id, By.UNIT, weighted=False, actor=supervisor)

    assert before[Letter.NE] == 0
    assert after.total.counts[Letter.NE] == 1
    assert after.eligible_share == pytest.approx(1 / 2)  # K / (K + NE)
    assert after.total.values["RR3"] == pytest.approx(1 / (1 + 0.5 * 2))


def test_a_case_that_was_merely_finished_stays_eligible(operator, supervisor):
    campaign = open_replicate()
    handed = claimed(operator)
    report(handed, "71", actor=operator)
    finish_case(handed.case_id, "演示理由", actor=supervisor, at=NOON)

    assert total_of(campaign, supervisor).counts[Letter.O] == 1


def test_a_claim_that_settles_itself_is_no_part_of_the_phone_survey(supervisor):
    campaign = open_replicate(2, project=Project.OVERCAPACITY, claims_not_settled=True)

    table = rate_table(campaign.id, By.UNIT, weighted=False, actor=supervisor)

    assert (table.without_call, table.total, table.unfinished) == (2, None, 0)


def test_rates_by_operator_and_day_are_those_of_the_last_call(supervisor, operator):
    campaign = open_replicate(3)
    late = make_user(login="operator-b")
    first = claimed(operator)
    due = report(first, "41", actor=operator).due_at
    again = claimed(late, at=due + timedelta(days=1))
    report(again, "11", outcome="V1", actor=late, at=due + timedelta(days=1, minutes=4))

    def rows(by):
        table = rate_table(campaign.id, by, weighted=False, actor=supervisor)
        return {row.key: row.cases for row in table.rows}

    assert rows(By.OPERATOR).keys() <= {"", "operator-a", "operator-b"}
    assert rows(By.OPERATOR)["operator-b"] == 1
    assert rows(By.DAY)["2017-12-05"] == 1
    assert sum(rows(By.DAY).values()) == 3
    assert rows(By.PROJECT) == {"re_employment": 3}
    assert rows(By.PLACE) == {"411122": 3}
    assert rows(By.UNIT) == {LUOHE: 3}


def test_a_call_late_at_night_belongs_to_the_day_in_shanghai(supervisor, operator):
    campaign = open_replicate(1)
    evening = NOON.replace(hour=12)  # 20:00 in Shanghai
    report(claimed(operator, at=evening), "22", actor=operator, at=evening.replace(hour=16))

    table = rate_table(campaign.id, By.DAY, weighted=False, actor=supervisor)

    assert [row.key for row in table.rows] == ["2017-12-05"]


def test_weights_are_persons_of_the_frame_for_each_released_case(supervisor, operator):
    campaign = called(4, ["11", "22"], operator)
    plain = total_of(campaign, supervisor).values["RR1"]
    small = db.session.query(Stratum).one()
    large = Stratum(
        campaign_id=campaign.id,
        key="another",
        project=small.project,
        region_code=small.region_code,
        unit_code=small.unit_code,
        frame_size=400,
    )
    db.session.add(large)
    db.session.flush()
    answered = db.session.query(Case).filter(Case.phone_class == PhoneClass.ACHIEVED).one()
    answered.stratum_id = large.id
    db.session.commit()

    weighted = total_of(campaign, supervisor, weighted=True).values["RR1"]

    assert plain == pytest.approx(1 / 4)
    assert weighted == pytest.approx(400 / (400 + 3 * small.frame_size / 3))


def test_re_calls_change_no_rate(supervisor, operator):
    campaign = open_replicate(1)
    set_recall_share(campaign.id, 1, actor=supervisor, at=NOON)
    report(claimed(operator), "11", outcome="V1", actor=operator)
    other, tomorrow = make_user(), NOON + timedelta(days=1)
    report(claimed(other, at=tomorrow), "22", actor=other, at=tomorrow)

    assert total_of(campaign, supervisor).counts[Letter.I] == 1


def test_who_may_not_see_a_region_does_not_count_it(operator):
    campaign = called(2, ["11"], operator)
    elsewhere = make_user(Role.SUPERVISOR, region=LANKAO)

    assert rate_table(campaign.id, By.UNIT, weighted=False, actor=elsewhere).total is None


def test_a_campaign_that_does_not_exist_is_not_found(supervisor):
    with pytest.raises(NotFound):
        rate_table(99, By.UNIT, weighted=False, actor=supervisor)
