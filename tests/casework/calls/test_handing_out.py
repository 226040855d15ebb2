"""Which case comes next, and what nobody is handed."""

from collections import Counter
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select, update

from casework.accounts.skills import Skill
from casework.calls.queue import claim_next_case
from casework.calls.rules import Rules, RulesUnusable, set_calling_rules
from casework.calls.schedule import CallingHours, day_of
from casework.cases.models import Case, CaseSchedule, Standing, Tier
from casework.cases.release import turns_of
from casework.db import db
from casework.regions.models import Region
from tests.casework.calls.rows import SOON, claimed, fresh, open_replicate, report
from tests.factories import NOON, make_user

pytestmark = pytest.mark.usefixtures("app")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EVENING, SATURDAY = NOON + 6 * HOUR, NOON + 5 * DAY


def schedules() -> list[CaseSchedule]:
    rows = select(CaseSchedule).order_by(CaseSchedule.case_id)
    return list(db.session.scalars(rows.execution_options(populate_existing=True)))


def put(row: CaseSchedule, **columns) -> int:
    """Give a case a place in the schedule; return its id."""
    case_id = row.case_id
    db.session.execute(
        update(CaseSchedule).where(CaseSchedule.case_id == case_id).values(**columns)
    )
    db.session.commit()
    return case_id


def handed_out(at=NOON, cases=1, **user) -> list[int]:
    """Return the cases that so many operators are handed one after another."""
    found = (claim_next_case(actor=make_user(**user), at=at) for _ in range(cases))
    return [claim.case_id for claim in found if claim is not None]


def test_tiers_come_in_their_order_whatever_waited_longest():
    open_replicate(4)
    recall, soft, hard, pushed = schedules()
    wanted = [
        put(pushed, tier=Tier.PUSHED, due_at=NOON),
        put(hard, tier=Tier.HARD_APPOINTMENT, window_end=NOON + HOUR, due_at=NOON),
        put(soft, tier=Tier.SOFT_APPOINTMENT, window_end=NOON, due_at=NOON - HOUR),
        put(recall, tier=Tier.RECALL, due_at=NOON - 5 * DAY),
    ]

    assert handed_out(cases=4) == wanted


def test_of_two_appointments_the_window_that_ends_first_comes_first():
    open_replicate(2)
    later, sooner = schedules()
    put(later, tier=Tier.HARD_APPOINTMENT, window_end=NOON + 2 * HOUR, due_at=NOON - HOUR)
    first = put(sooner, tier=Tier.HARD_APPOINTMENT, window_end=NOON + HOUR, due_at=NOON)

    assert handed_out() == [first]


@pytest.mark.parametrize(("code", "tier"), [("31", Tier.HARD_APPOINTMENT), ("32", 3)])
def test_who_named_the_time_says_how_firm_it_is(code, tier):
    open_replicate(1)
    operator = make_user()
    window = (NOON + 2 * HOUR, NOON + 3 * HOUR)
    report(claimed(operator), code, actor=operator, window=window)

    reason = claimed(operator, NOON + 2 * HOUR).reason

    assert (reason.tier, reason.window, reason.tried) == (tier, window, 1)


def test_an_agreed_time_is_first_of_all_for_whom_it_was_agreed_with():
    open_replicate(1)
    operator, start = make_user(), NOON + HOUR
    report(claimed(operator), "31", actor=operator, window=(start, start + HOUR))

    assert handed_out(start) == []
    assert handed_out(start + 9 * MINUTE) == []
    assert claim_next_case(actor=operator, at=start) is not None


def test_after_ten_minutes_a_colleague_keeps_the_agreed_time():
    open_replicate(1)
    operator, start = make_user(), NOON + HOUR
    claim = claimed(operator)
    report(claim, "31", actor=operator, window=(start, start + HOUR))

    assert handed_out(start + 10 * MINUTE) == [claim.case_id]


@pytest.mark.parametrize("share", [0, 30, 50, 100])
def test_fresh_cases_get_their_share_of_an_operators_calls(share):
    campaign = open_replicate(40)
    for row in schedules()[:20]:
        put(row, tier=Tier.RECALL)
    operator = make_user()
    set_calling_rules(campaign.id, Rules(fresh_share=share), actor=operator, at=NOON)
    tiers: Counter[Tier] = Counter()
    for minute in range(20):
        claim = claimed(operator, NOON + minute * MINUTE)
        tiers[claim.reason.tier] += 1
        report(claim, "22", actor=operator, at=NOON + minute * MINUTE)

    assert tiers[Tier.FRESH] == 20 * share / 100


def test_where_one_kind_is_used_up_the_other_comes():
    campaign = open_replicate(1)
    put(schedules()[0], tier=Tier.RECALL)
    set_calling_rules(campaign.id, Rules(fresh_share=100), actor=make_user(), at=NOON)

    assert len(handed_out()) == 1


@pytest.mark.parametrize(
    ("at", "part"), [(NOON, "daytime"), (EVENING, "evening"), (SATURDAY, "weekend")]
)
def test_who_was_tried_least_in_this_part_of_the_day_comes_first(at, part):
    open_replicate(3)
    twice, never, once = schedules()
    put(twice, **{f"tried_{part}": 2, "due_at": NOON - DAY})
    put(once, **{f"tried_{part}": 1})
    other = {"daytime", "evening", "weekend"} - {part}
    put(never, **{f"tried_{name}": 5 for name in other})

    assert handed_out(at, 3) == [never.case_id, once.case_id, twice.case_id]


def test_calls_are_counted_in_the_part_of_the_day_they_were_made_in():
    campaign = open_replicate(1)
    operator = make_user()
    campaign.fieldwork_ends_on = date(2018, 1, 31)
    db.session.commit()
    for at in (NOON, EVENING, SATURDAY):
        claim = claimed(operator, at)
        report(claim, "41", actor=operator, at=at)

    row = fresh(claim).schedule
    assert (row.tried_daytime, row.tried_evening, row.tried_weekend) == (1, 1, 1)
    assert (row.tried, row.tried_that_day) == (3, 1)


def test_priority_comes_before_how_long_a_case_waited():
    open_replicate(2)
    waited, urgent = schedules()
    put(waited, due_at=NOON - DAY)
    first = put(urgent, priority=10)

    assert handed_out() == [first]


@pytest.mark.parametrize("cases", [3])
def test_nobody_is_called_more_often_a_day_than_the_rules_say(cases):
    campaign = open_replicate(1)
    set_calling_rules(campaign.id, Rules(calls_a_day=2), actor=make_user(), at=NOON)
    (row,) = schedules()
    put(row, tried=2, tried_on=NOON.date(), tried_that_day=2, tier=Tier.RECALL)

    assert handed_out(cases=cases) == []
    assert handed_out(NOON + DAY) == [row.case_id]


def test_nobody_is_called_more_often_than_the_rules_say():
    campaign = open_replicate(1)
    set_calling_rules(campaign.id, Rules(calls_of_a_case=4), actor=make_user(), at=NOON)
    (row,) = schedules()
    put(row, tried=4, tier=Tier.RECALL)

    assert handed_out() == []


def test_the_last_call_that_may_be_made_ends_the_calls_of_a_case():
    campaign = open_replicate(1)
    operator = make_user()
    set_calling_rules(campaign.id, Rules(calls_of_a_case=1), actor=operator, at=NOON)
    claim = claimed(operator)

    report(claim, "21", actor=operator)

    assert fresh(claim).phone_class == "refused"  # the limit does not make a refusal less of one


def test_a_case_rests_as_its_campaign_has_set_and_within_its_limits():
    campaign = open_replicate(1)
    operator = make_user()
    set_calling_rules(campaign.id, Rules(rests={"41": 20}), actor=operator, at=NOON)
    claim = claimed(operator)

    assert report(claim, "41", actor=operator).due_at == SOON + timedelta(minutes=20)

    once = Rules(rests={"41": 20}, calls_a_day=1)
    again = claimed(operator, NOON + HOUR)
    set_calling_rules(campaign.id, once, actor=operator, at=NOON, instead_of=NOON)
    due_at = report(again, "41", actor=operator, at=NOON + HOUR).due_at
    assert day_of(due_at) > day_of(NOON)
    for rests in ({"21": 60}, {"41": 1}, {"31": 60}, {"71": 60}):
        with pytest.raises(RulesUnusable):
            set_calling_rules(campaign.id, Rules(rests=rests), actor=operator, at=NOON)


def test_an_agreed_time_is_kept_beyond_the_limits():
    campaign = open_replicate(1)
    set_calling_rules(
        campaign.id, Rules(calls_of_a_case=1, calls_a_day=1), actor=make_user(), at=NOON
    )
    operator = make_user()
    claim = claimed(operator)
    report(claim, "31", actor=operator, window=(NOON + HOUR, NOON + 2 * HOUR))

    assert claimed(operator, NOON + HOUR).case_id == claim.case_id


def test_who_is_spared_is_not_called_at_any_tier():
    open_replicate(1)
    put(schedules()[0], tier=Tier.PUSHED, no_call=True)

    assert handed_out() == []


def test_special_cases_go_to_who_has_the_skill_and_before_plain_ones():
    open_replicate(2)
    special, plain = schedules()
    put(special, skill=Skill.DIALECT)
    speaker = make_user(skills=[Skill.DIALECT])

    assert handed_out(cases=2) == [plain.case_id]
    assert claimed(speaker).case_id == special.case_id


def test_refusals_go_to_who_can_win_people_over_if_there_is_anybody():
    open_replicate(2)
    operator = make_user()
    first = claimed(operator)
    report(first, "21", actor=operator)
    make_user(skills=[Skill.REFUSAL])
    second = claimed(operator, SOON)
    report(second, "21", actor=operator)

    assert (fresh(first).schedule.skill, fresh(second).schedule.skill) == ("", Skill.REFUSAL)


def test_the_hours_of_each_campaign_hold_with_their_noon_rest():
    campaign = open_replicate(1)
    hours = CallingHours(time(9), time(20), time(12), time(13, 30))
    set_calling_rules(campaign.id, Rules(hours=hours), actor=make_user(), at=NOON)

    closed = (-3.5, 0, 1.4, 8)  # hours after noon: 8:30, 12:00, 13:24, 20:00
    assert [handed_out(NOON + DAY + offset * HOUR) for offset in closed] == [[]] * 4
    assert len(handed_out(NOON + DAY + 1.5 * HOUR)) == 1


def test_a_case_moves_among_the_due_ones_when_its_rest_is_over():
    open_replicate(1)
    row = schedules()[0]
    put(row, standing=Standing.RESTING, due_at=NOON + HOUR)

    assert handed_out(NOON + 59 * MINUTE) == []
    assert handed_out(NOON + HOUR) == [row.case_id]


def test_the_reason_is_kept_with_the_case_and_the_call():
    open_replicate(1)
    operator = make_user()
    claim = claimed(operator)
    assert claim.reason.tier is Tier.FRESH
    report(claim, "41", actor=operator)

    again = claimed(operator, NOON + 4 * HOUR)

    assert (again.reason.tier, again.reason.tried) == (Tier.RECALL, 1)
    assert claimed(operator, NOON + 4 * HOUR).reason == again.reason


def test_eight_unequal_regions_get_equal_shares_of_the_calls():
    sizes = (16, 20, 24, 28, 32, 36, 44, 60)
    codes = db.session.scalars(select(Region.code).order_by(Region.code).limit(8)).all()
    open_replicate(sum(sizes))
    uids = dict(db.session.execute(select(Case.id, Case.uid).order_by(Case.id)).all())
    regions = [code for code, size in zip(codes, sizes, strict=True) for _ in range(size)]
    turns = turns_of(dict(zip(uids.values(), regions, strict=True)))
    for row, region in zip(schedules(), regions, strict=True):
        row.region_code, row.turn = region, turns[uids[row.case_id]]
    db.session.commit()

    taken = set(handed_out(cases=sum(sizes) // 2))

    called = Counter(row.region_code for row in schedules() if row.case_id in taken)
    shares = [called[code] / size for code, size in zip(codes, sizes, strict=True)]
    assert max(shares) / min(shares) <= 1.3
