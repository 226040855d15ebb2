"""How many of the unreached must be false, or genuine, before a decision changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimation import tipping
from estimation.classes import Cases, Strata
from estimation.decision import Decision
from estimation.domains import Protocol, estimate_domains
from estimation.hypergeometric import pass_probability
from estimation.survey import make_survey
from estimation.tipping import RATIOS, SHIFTS, Side, Tip, pattern_mixture, tipping_points

MET, NOT_MET, UNDETERMINED, NO_TASK = Decision
ACCEPTED = Protocol(phone_accepted=True)


def cases(*groups):
    """Cases from (stratum, number, phone, visit, reason[, class]) groups."""
    rows = [group for group in groups for _ in range(group[1])]
    columns = [[row[i] if len(row) > i else "" for row in rows] for i in (2, 3, 4, 5)]
    return Cases(np.array([row[0] for row in rows], dtype=int), *columns)


def survey(frame, *groups, targets, domains=None, pool=None):
    strata = Strata([f"s{h}" for h in range(len(frame))], frame)
    return make_survey(strata, cases(*groups), domains or ["d"] * len(frame), pool, targets)


def phoned(yes, no, unresolved, *, stratum=0):
    return (
        (stratum, yes, "achieved", "", ""),
        (stratum, no, "not_achieved", "", ""),
        (stratum, unresolved, "unresolved", "", ""),
    )


def cell(yes, no, unresolved, target, *, frame=1000):
    """One stratum whose phone answers are accepted."""
    return survey([frame], *phoned(yes, no, unresolved), targets={"d": target})


# The point rule


def test_the_point_rule_tips_at_the_published_formula():
    # p* = (T/N - pi_r p_r)/pi_nr with T/N = .88, pi_r p_r = 170/200, pi_nr = 20/200.
    found = tipping_points(cell(170, 10, 20, 880), phone_accepted=True)

    assert found.point_share == pytest.approx([(0.88 - 170 / 200) / (20 / 200)])
    assert found.unreached.tolist() == [20]
    assert found.unreached_share == pytest.approx([0.1])
    # 176 of 200 reach the line: with 6 of 20 genuine it holds, with 15 false it does not.
    assert found.point == (MET,)
    assert found.point_tips == ((Tip(Side.FALSE, 15, 14 / 20, NOT_MET),),)


def test_an_estimate_under_the_line_says_how_many_must_be_genuine():
    found = tipping_points(cell(140, 40, 20, 790), phone_accepted=True)

    assert found.point == (NOT_MET,)
    assert found.point_share == pytest.approx([(0.79 - 0.7) / 0.1])
    assert found.point_tips == ((Tip(Side.GENUINE, 18, 17 / 20, MET),),)


@pytest.mark.parametrize(
    ("target", "point", "low", "high"), [(100, MET, -np.inf, 0), (990, NOT_MET, 1, np.inf)]
)
def test_an_estimate_that_nobody_unreached_can_move_over_the_line_has_no_tip(
    target, point, low, high
):
    found = tipping_points(cell(150, 30, 20, target), phone_accepted=True)

    assert found.point == (point,)
    assert found.point_tips == ((),)
    assert low < found.point_share[0] < high


# The rule of decision


def decisions(yes, no, unresolved, target):
    """Decide with 0, 1, 2, ... of the unresolved found genuine on site and the others false."""
    groups, names = [], [f"s{k}" for k in range(unresolved + 1)]
    for k in range(unresolved + 1):
        groups += [
            (k, yes, "achieved", "", ""),
            (k, no, "not_achieved", "", ""),
            (k, k, "unresolved", "achieved", "random"),
            (k, unresolved - k, "unresolved", "not_achieved", "random"),
        ]
    return estimate_domains(
        Strata(names, [1000] * len(names)),
        cases(*groups),
        domain_of_stratum=names,
        targets=dict.fromkeys(names, target),
        protocol=ACCEPTED,
    ).decision


@pytest.mark.parametrize("target", [700, 840, 880, 930, 990])
@pytest.mark.parametrize("counts", [(170, 10, 20), (20, 5, 15), (0, 0, 30)])
def test_the_decision_tips_where_visiting_everybody_would_tip_it(counts, target):
    yes, no, unresolved = counts
    every, order = decisions(yes, no, unresolved, target), [NOT_MET, UNDETERMINED, MET]

    found = tipping_points(cell(yes, no, unresolved, target), phone_accepted=True)

    (now,), (tips,) = found.decision, found.decision_tips
    expected = set()
    for word in set(every) - {now}:
        numbers = [k for k, one in enumerate(every) if one is word]
        if order.index(word) > order.index(now):
            expected.add((Side.GENUINE, numbers[0], word))
        else:
            expected.add((Side.FALSE, unresolved - numbers[-1], word))
    assert {(tip.side, tip.cases, tip.becomes) for tip in tips} == expected
    assert [tip.cases for tip in tips] == sorted(tip.cases for tip in tips)


def test_an_exact_cell_tips_at_the_first_number_that_passes_the_exact_test():
    passes = [k for k in range(21) if pass_probability(170 + k, 200, 1000, 880) <= 0.05]

    found = tipping_points(cell(170, 10, 20, 880), phone_accepted=True)

    assert found.decision == (UNDETERMINED,)
    assert found.decision_tips == ((Tip(Side.GENUINE, passes[0], (passes[0] - 1) / 20, MET),),)


def test_the_weighted_decision_changes_if_more_than_so_many_are_false():
    found = tipping_points(cell(170, 10, 20, 880), phone_accepted=True)

    assert found.weighted == (MET,)
    (tip,) = found.weighted_tips[0]
    assert (tip.side, tip.becomes) == (Side.FALSE, UNDETERMINED)
    # "The decision changes if more than 35 % of the unreached are false": 8 of 20, not 7.
    assert (tip.cases, tip.more_than) == (8, 0.35)


def test_a_decision_that_counts_the_unreached_against_itself_cannot_be_tipped_by_them():
    met = tipping_points(cell(190, 0, 10, 880), phone_accepted=True)
    missed = tipping_points(cell(100, 90, 10, 880), phone_accepted=True)

    assert (met.decision, missed.decision) == ((MET,), (NOT_MET,))
    assert met.decision_tips == missed.decision_tips == ((),)


def test_nobody_unreached_leaves_nothing_to_tip():
    found = tipping_points(cell(170, 30, 0, 880), phone_accepted=True)

    assert found.unreached.tolist() == [0]
    assert found.unreached_share.tolist() == [0]
    assert np.isnan(found.point_share).all()
    assert found.decision_tips == found.weighted_tips == found.point_tips == ((),)


def test_unaudited_answers_leave_nothing_for_the_unreached_to_decide():
    found = tipping_points(cell(170, 10, 20, 880))

    assert found.decision == (UNDETERMINED,)
    assert found.decision_tips == ((),)


def test_leads_without_a_verdict_are_unreached_too():
    groups = (*phoned(160, 10, 10), (0, 20, "achieved", "", "lead"))

    found = tipping_points(survey([1000], *groups, targets={"d": 860}), phone_accepted=True)

    assert found.unreached.tolist() == [30]
    assert found.point_share == pytest.approx([(0.86 - 0.8) / 0.15])


def test_visits_to_some_of_the_unreached_leave_the_others_to_be_wondered_about():
    groups = (
        (0, 150, "achieved", "achieved", "random"),
        (0, 38, "unresolved", "achieved", "random"),
        (0, 2, "unresolved", "not_achieved", "random"),
        (0, 40, "unresolved", "", ""),
    )

    found = tipping_points(survey([1000], *groups, targets={"d": 850}))

    # Extrapolated from their own class it is met, and 40 nobody visited could undo that.
    assert found.decision == (MET,)
    assert found.unreached.tolist() == [40]
    (tip,) = found.decision_tips[0]
    assert (tip.side, tip.becomes) == (Side.FALSE, UNDETERMINED)
    assert 1 <= tip.cases <= 40


# Many domains at once


def test_domains_are_searched_together_and_do_not_touch_each_other():
    rows = [(170, 10, 20, 880), (150, 30, 20, 990), (100, 60, 40, 700), (20, 5, 15, 800)]
    groups = [g for h, row in enumerate(rows) for g in phoned(*row[:3], stratum=h)]
    names = [f"d{h}" for h in range(len(rows))]
    together = survey(
        [1000] * 4,
        *groups,
        targets=dict(zip(names, (row[3] for row in rows), strict=True)),
        domains=names,
    )

    found = tipping_points(together, phone_accepted=True)

    for h, row in enumerate(rows):
        alone = tipping_points(cell(*row), phone_accepted=True)
        assert found.decision_tips[h] == alone.decision_tips[0]
        assert found.weighted_tips[h] == alone.weighted_tips[0]
        assert found.point_tips[h] == alone.point_tips[0]
        assert found.point_share[h] == pytest.approx(alone.point_share[0])


def test_domains_without_task_frame_or_number_have_no_tips_and_no_silent_zero():
    found = tipping_points(
        survey(
            [1000, 1000, 0, 1000],
            *phoned(170, 10, 20),
            *phoned(0, 0, 30, stratum=1),
            targets={"no answers": 500, "no frame": 3, "no strata": 7},
            domains=["no task", "no answers", "no frame", "no answers"],
        ),
        phone_accepted=True,
    )

    by_name = dict(zip(found.domain, zip(found.point, found.point_tips, strict=True), strict=True))
    assert by_name["no task"] == (NO_TASK, ())
    assert by_name["no answers"] == (UNDETERMINED, ())
    assert by_name["no frame"] == by_name["no strata"] == (NOT_MET, ())
    assert np.isnan(found.point_share).all()
    assert np.isnan(found.unreached_share[2:]).all()
    assert found.unreached.tolist() == [20, 30, 0, 0]


groups = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(1, 6),
        st.sampled_from(["achieved", "not_achieved", "unresolved"]),
        st.sampled_from(["", "achieved", "not_achieved"]),
        st.sampled_from(["random", "lead"]),
        st.sampled_from(["away", "dead number"]),
    ).map(lambda g: g if g[3] else (*g[:4], "", g[5])),
    min_size=1,
    max_size=6,
)


@settings(deadline=None, max_examples=20)
@given(groups, st.integers(0, 30), st.floats(0.3, 1))
def test_more_genuine_cases_never_make_a_decision_worse_and_the_search_finds_every_turn(
    rows, unseen, part
):
    sampled = [sum(g[1] for g in rows if g[0] == h) for h in range(3)]
    frame = [n + unseen if n else 0 for n in sampled]
    given_survey = survey(frame, *rows, targets={"d": round(part * sum(frame))})
    order = tipping._rank(given_survey)
    every = []
    for k in range(len(order.rank) + 1):
        filled = order.fill(given_survey.table, np.array([k]))
        every.append(tipping._decided(given_survey, filled, phone_accepted=True).two_phase[0])

    found = tipping_points(given_survey, phone_accepted=True)

    ranks = [[NOT_MET, UNDETERMINED, MET].index(word) for word in every]
    assert ranks == sorted(ranks)
    turns = {tip.becomes: tip for tip in found.decision_tips[0]}
    assert set(turns) == set(every) - set(found.decision)
    for word, tip in turns.items():
        numbers = [k for k, one in enumerate(every) if one is word]
        genuine = numbers[0] if tip.side is Side.GENUINE else len(order.rank) - numbers[-1]
        assert tip.cases == genuine


def test_the_unreached_of_a_domain_fill_all_its_strata_evenly():
    given_survey = survey(
        [1000, 1000],
        *phoned(10, 0, 30),
        *phoned(10, 0, 10, stratum=1),
        (1, 20, "unresolved", "", "", "away"),
        targets={},
    )
    order = tipping._rank(given_survey)

    for k in (0, 6, 30, 60):
        filled = order.fill(given_survey.table, np.array([k]))
        achieved = filled.achieved.sum(axis=0)
        assert achieved.sum() == k
        assert filled.achieved.max(axis=None) <= 30
        shares = filled.achieved[filled.visited > 0] / filled.visited[filled.visited > 0]
        assert shares == pytest.approx([k / 60] * 3, abs=0.1)


# Pattern mixture


def test_a_ratio_of_one_is_the_weighted_estimate_and_zero_is_the_lower_bound():
    rows = (*phoned(170, 10, 20), *phoned(50, 20, 30, stratum=1))
    given_survey = survey([1000, 400], *rows, targets={"d": 1000})
    headline = estimate_domains(
        Strata(["s0", "s1"], [1000, 400]), cases(*rows), domain_of_stratum=["d", "d"]
    )

    found = pattern_mixture(given_survey, phone_accepted=True)

    assert [scenario.ratio for scenario in found[:6]] == list(RATIOS)
    assert [scenario.shift for scenario in found[6:]] == list(SHIFTS)
    assert found[0].completed == pytest.approx(headline.completed)
    assert found[5].completed == pytest.approx([1000 * 170 / 200 + 400 * 50 / 100])
    steps = [scenario.completed[0] for scenario in found[:6]]
    span = steps[0] - steps[5]
    assert [(value - steps[5]) / span for value in steps] == pytest.approx(list(RATIOS))


def test_a_shift_moves_the_log_odds_of_the_unresolved():
    (found,) = pattern_mixture(cell(90, 10, 100, 500), ratios=(), shifts=(-1.0,))

    odds = 9 * np.exp(-1)
    assert found.share == pytest.approx([(90 + 100 * odds / (1 + odds)) / 200])
    (same,) = pattern_mixture(cell(90, 10, 100, 500), ratios=(), shifts=(0.0,))
    assert same.share == pytest.approx([0.9])


def test_each_scenario_says_what_would_be_decided():
    found = pattern_mixture(cell(170, 10, 20, 880), phone_accepted=True, shifts=())

    assert [scenario.point[0] for scenario in found] == [MET] * 4 + [NOT_MET] * 2
    assert [scenario.decision[0] for scenario in found] == [MET] * 3 + [UNDETERMINED] * 3


def test_a_class_that_visits_speak_for_is_not_mixed():
    groups = (
        (0, 50, "achieved", "", ""),
        (0, 20, "unresolved", "achieved", "random"),
        (0, 20, "unresolved", "", ""),
    )

    found = pattern_mixture(survey([500], *groups, targets={}), phone_accepted=True)

    assert {round(float(scenario.share[0]), 9) for scenario in found} == {1.0}


def test_a_domain_without_answers_has_no_number_in_any_scenario():
    given_survey = survey(
        [100, 100, 0],
        *phoned(20, 0, 5),
        (1, 20, "unresolved", "", ""),
        targets={"b": 50},
        domains=["a", "b", "c"],
    )

    for scenario in pattern_mixture(given_survey):
        assert np.isnan(scenario.completed).tolist() == [False, True, False]
        assert np.isnan(scenario.share).tolist() == [False, True, True]
        assert scenario.point == (NO_TASK, UNDETERMINED, NO_TASK)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"ratios": (1.2,)}, "ratios must lie between 0 and 1"),
        ({"ratios": (-0.1,)}, "ratios must lie between 0 and 1"),
        ({"ratios": (np.nan,)}, "ratios must lie between 0 and 1"),
        ({"shifts": (np.inf,)}, "shifts must be finite"),
        ({"shifts": (np.nan,)}, "shifts must be finite"),
    ],
)
def test_patterns_that_cannot_be_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        pattern_mixture(cell(90, 10, 100, 500), **wrong)
