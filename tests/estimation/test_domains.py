"""What the estimates of a survey are, whom they trust, and when they decide."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimation.classes import Cases, Strata
from estimation.decision import Decision
from estimation.domains import Protocol, estimate_domains
from estimation.hypergeometric import exact_limits, fail_probability, pass_probability
from tests import golden

MET, NOT_MET, UNDETERMINED, NO_TASK = Decision
ACCEPTED = Protocol(phone_accepted=True)


def cases(*groups):
    """Cases from (stratum, number, phone, visit, reason[, class]) groups."""
    rows = [group[1:] for group in groups for _ in range(group[1])]
    stratum = [group[0] for group in groups for _ in range(group[1])]
    kinds = [row[4] if len(row) > 4 else "" for row in rows]
    return Cases(
        np.array(stratum, dtype=int), *([row[i] for row in rows] for i in (1, 2, 3)), kinds
    )


def estimate(frame, *groups, units=None, target=None, protocol=None, pool=None):
    """Estimate one unit, or the given ones, over strata named s0, s1, ..."""
    names = [f"s{h}" for h in range(len(frame))]
    return estimate_domains(
        Strata(names, frame),
        cases(*groups),
        domain_of_stratum=units or ["u"] * len(frame),
        targets=target if isinstance(target, dict) else {} if target is None else {"u": target},
        pool_of_stratum=pool,
        protocol=protocol,
    )


def audited(number, achieved, *, visits):
    """Phone-yes answers of stratum 0, some of them visited at random."""
    return (
        (0, achieved, "achieved", "achieved", "random"),
        (0, visits - achieved, "achieved", "not_achieved", "random"),
        (0, number - visits, "achieved", "", ""),
    )


# One stratified phase


def test_one_stratified_phase_equals_r():
    names, sizes, stratum, schools = golden.apistrat()
    r = golden.expected("apistrat")["expected"]
    phone = ["achieved" if s["sch.wide"] == "Yes" else "not_achieved" for s in schools]
    nothing = [""] * len(schools)

    def of(interval):
        return estimate_domains(
            Strata(names, sizes),
            Cases(stratum, phone, nothing, nothing),
            domain_of_stratum=["u"] * 3,
            protocol=Protocol(interval=interval),
        )

    beta, wald = of("korn_graubard"), of("wald")
    # The weights of the reference are rounded in the 10th digit.
    assert beta.completed[0] == pytest.approx(r["total_prop"]["estimate"], rel=2e-8)
    assert beta.completed_se[0] == pytest.approx(r["total_prop"]["se"], rel=2e-8)
    assert [beta.share_low[0], beta.share_high[0]] == pytest.approx(
        r["ciprop95"]["beta"]["ci"], abs=1e-6
    )
    assert [wald.completed_low[0], wald.completed_high[0]] == pytest.approx(
        r["total_prop"]["ci_t"][0], rel=1e-7
    )


def test_a_cell_is_bounded_by_the_mid_p_inversion_and_an_aggregate_by_capped_jeffreys():
    rows = [(h, n, p, "", "") for h in (0, 1) for n, p in ((45, "achieved"), (55, "not_achieved"))]

    cell = estimate([300], *rows[:2])
    both = estimate([300, 300], *rows)

    assert [cell.completed_low[0], cell.completed_high[0]] == pytest.approx([112, 159])
    assert cell.method == ("hypergeometric_mid_p",)
    assert both.method == ("jeffreys_capped",)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=5),
    st.booleans(),
)
def test_a_census_has_no_error_and_decides_exactly(strata, on_site):
    visit, reason = (str, "random") if on_site else (lambda _: "", "")
    groups = [
        (h, n, word, visit(word), reason)
        for h, (yes, no) in enumerate(strata)
        for n, word in ((yes, "achieved"), (no, "not_achieved"))
    ]
    frame = [yes + no for yes, no in strata]
    done = sum(yes for yes, _ in strata)

    for target, decision in ((done, MET), (done + 1, NOT_MET)):
        found = estimate(frame, *groups, target=target, protocol=ACCEPTED)
        assert found.completed[0] == pytest.approx(done)
        assert found.completed_se[0] == 0
        assert found.decision == (decision,)
        if sum(frame):
            assert found.completed_low[0] == pytest.approx(done)
            assert found.completed_high[0] == pytest.approx(done)
            assert "census" in found.flags[0]


def test_an_enterprise_that_was_confirmed_whole_adds_no_variance():
    sampled = [(0, 40, "achieved", "", ""), (0, 10, "not_achieved", "", "")]
    census = [(1, 25, "", "achieved", "random"), (1, 5, "", "not_achieved", "random")]

    alone, both = estimate([500], *sampled), estimate([500, 30], *sampled, *census)

    assert both.completed[0] == pytest.approx(alone.completed[0] + 25)
    assert both.completed_se[0] == pytest.approx(alone.completed_se[0])


# Two phases


def test_the_two_phase_estimate_equals_r():
    r = golden.expected("twophase_nwtco")["expected"]["with_phase1_fpc"]
    rows = golden.rows("nwtco_twophase")
    seen = [row["sel"] == "TRUE" for row in rows]
    truth = ["achieved" if row["gold"] == "1" else "not_achieved" for row in rows]

    found = estimate_domains(
        Strata(["s"], [r["phase1_fpc"]]),
        Cases(
            [0] * len(rows),
            ["unresolved"] * len(rows),
            [t if s else "" for t, s in zip(truth, seen, strict=True)],
            ["random" if s else "" for s in seen],
            [row["p2s"] for row in rows],
        ),
        domain_of_stratum=["u"],
        protocol=Protocol(interval="wald"),
    )

    assert found.share[0] == pytest.approx(r["mean"]["estimate"], rel=1e-9)
    assert found.share_se[0] == pytest.approx(r["mean"]["se"], rel=1e-9)
    assert found.completed_se[0] == pytest.approx(r["total"]["se"], rel=1e-9)
    assert [found.share_low[0], found.share_high[0]] == pytest.approx(
        r["mean"]["ci_t"][0], rel=1e-9
    )


def test_random_visits_speak_for_their_class_and_leads_for_nobody_else():
    found = estimate(
        [1000],
        *audited(80, 30, visits=40),
        (0, 10, "not_achieved", "not_achieved", "lead"),
        (0, 10, "achieved", "not_achieved", "lead"),
    )

    # 80 phone-yes at 30/40, 20 leads all bad.
    assert found.share[0] == pytest.approx((80 * 0.75) / 100)


def test_classes_without_visits_stand_as_phoned_and_the_unresolved_are_weighted():
    found = estimate(
        [1000],
        (0, 60, "achieved", "", ""),
        (0, 10, "deemed", "", ""),
        (0, 10, "not_achieved", "", ""),
        (0, 20, "unresolved", "", "", "no_answer"),
    )

    assert found.share[0] == pytest.approx(70 / 80)
    assert found.sampled[0] == 100
    assert found.resolved[0] == 80
    assert set(found.flags[0]) == {"assumes_mar", "phone_unaudited"}
    # Nothing assumed: 70 to 90 of 100, each with its sampling error.
    low, high = exact_limits([70, 90], 2 * [100], 2 * [1000], 0.95, mid_p=True)
    assert found.bounds_low[0] == pytest.approx(low[0] / 1000)
    assert found.bounds_high[0] == pytest.approx(high[1] / 1000)


def test_an_unresolved_class_with_visits_is_not_weighted_away():
    found = estimate(
        [1000],
        *audited(80, 40, visits=40),
        (0, 5, "unresolved", "not_achieved", "random", "dead_number"),
        (0, 15, "unresolved", "", "", "dead_number"),
    )

    assert found.share[0] == pytest.approx(0.8)
    assert "assumes_mar" not in found.flags[0]


def test_a_visit_without_a_verdict_is_flagged_and_counts_both_ways():
    found = estimate(
        [1000],
        *audited(80, 38, visits=40),
        (0, 2, "achieved", "unresolved", "random"),
        (0, 18, "not_achieved", "", ""),
        target=700,
    )

    assert found.share[0] == pytest.approx((82 * 38 / 40) / 100)
    assert "visit_unresolved" in found.flags[0]
    assert found.bounds_low[0] < found.share_low[0]


def test_work_under_way_is_marked_interim():
    found = estimate([50], (0, 5, "achieved", "", ""), (0, 1, "", "", ""))
    chosen = estimate(
        [50], (0, 5, "achieved", "achieved", "random"), (0, 1, "deemed", "", "random")
    )

    assert "interim" in found.flags[0]
    assert "interim" in chosen.flags[0]


def test_intervals_cover_the_truth_where_phones_lie_and_fakes_hide():
    rng = np.random.default_rng(11)
    covered, wrong = 0, 0
    for _ in range(120):
        groups, truth = [], 0
        for h in range(2):
            y = rng.random(1000) < 0.92
            truth += int(y.sum())
            called = y[:150]  # the rows are in random order already
            reached = rng.random(150) < np.where(called, 0.8, 0.5)
            says_yes = called | (rng.random(150) < 0.4)
            for name, mask in (
                ("unresolved", ~reached),
                ("achieved", reached & says_yes),
                ("not_achieved", reached & ~says_yes),
            ):
                visits = min(mask.sum(), max(10, mask.sum() // 4))
                groups += [
                    (h, 1, name, "achieved" if yes else "not_achieved", "random")
                    for yes in called[mask][:visits]
                ] + [(h, int(mask.sum() - visits), name, "", "")]
        found = estimate([1000, 1000], *groups, target=truth + 1)
        covered += found.completed_low[0] <= truth <= found.completed_high[0]
        wrong += found.decision[0] is MET

    # 120 intervals at 95 %: 5 standard deviations below is 102; false "met" is under 2.5 %.
    assert covered >= 102
    assert wrong <= 10


# Borrowing an audit rate


def county_and_neighbour(own_bad):
    return (
        (0, 5 - own_bad, "achieved", "achieved", "random"),
        (0, own_bad, "achieved", "not_achieved", "random"),
        (0, 95, "achieved", "", ""),
        (1, 60, "achieved", "achieved", "random"),
        (1, 40, "achieved", "", ""),
    )


def test_a_county_with_few_visits_borrows_its_units_rate():
    own = estimate([500, 500], *county_and_neighbour(1), units=["a", "b"])
    lent = estimate([500, 500], *county_and_neighbour(1), units=["a", "b"], pool=["u", "u"])

    assert own.share[0] == pytest.approx(4 / 5)
    # Its own 4 of 5 stand; the unit's rate speaks for the 95 whom nobody visited.
    assert lent.share[0] == pytest.approx((4 + 95 * 64 / 65) / 100)
    assert "pooled_audit" in lent.flags[0]
    assert "pooled_audit" not in lent.flags[1]
    assert lent.share[1] == own.share[1]


def test_a_borrowed_rate_never_contradicts_verdicts_of_the_county():
    # All 15 of the county were called and 14 seen to be true, among neighbours true by .7.
    found = estimate(
        [15, 500],
        (0, 14, "achieved", "achieved", "random"),
        (0, 1, "achieved", "", ""),
        (1, 70, "achieved", "achieved", "random"),
        (1, 30, "achieved", "not_achieved", "random"),
        units=["a", "b"],
        pool=["u", "u"],
    )

    assert "pooled_audit" in found.flags[0]
    assert 14 < found.completed[0] < 15
    assert found.completed_low[0] < found.completed[0] < found.completed_high[0]
    # Nobody knows about one person: the error is his, not that of a rate.
    q = (14 + 5 * 70) / (14 + 5 * 100)  # a row stands for 1 entry here and for 5 there
    assert found.completed[0] == pytest.approx(14 + q)
    assert found.completed_se[0] == pytest.approx(np.sqrt(q * (1 - q)), rel=0.02)


def test_counties_that_borrow_add_up_to_their_unit():
    groups = (
        (0, 9, "achieved", "achieved", "random"),
        (0, 1, "achieved", "not_achieved", "random"),
        (0, 30, "achieved", "", ""),
        (1, 12, "achieved", "achieved", "random"),
        (1, 28, "achieved", "", ""),
    )
    parts = estimate([100, 700], *groups, units=["a", "b"], pool=["u", "u"])
    whole = estimate([100, 700], *groups, pool=["u", "u"])

    assert "pooled_audit" in parts.flags[0]
    assert "pooled_audit" in parts.flags[1]
    assert parts.completed.sum() == pytest.approx(whole.completed[0])


def test_a_borrowed_rate_supports_met_only_at_its_lower_bound():
    groups = county_and_neighbour(0)

    def decision(target):
        found = estimate(
            [500, 500], *groups, units=["a", "b"], pool=["u", "u"], target={"a": target}
        )
        return found.decision[0]

    # The unit's 65 of 65 is at least 95.5 %; all of the county's answers were yes.
    assert decision(450) is MET
    assert decision(480) is UNDETERMINED


def test_the_lower_bound_of_a_borrowed_rate_lies_under_the_rate():
    # The large county's answers are true by half, the small ones' all, with more visits.
    def found(target):
        return estimate(
            [500, 9000, 100],
            (0, 100, "achieved", "", ""),
            (1, 10, "achieved", "achieved", "random"),
            (1, 10, "achieved", "not_achieved", "random"),
            (1, 80, "achieved", "", ""),
            (2, 90, "achieved", "achieved", "random"),
            (2, 10, "achieved", "", ""),
            units=["a", "b", "c"],
            pool=["u", "u", "u"],
            target={"a": target},
        )

    assert found(190).completed[0] == pytest.approx(500 * (900 + 90) / (1800 + 90))
    # Counted by heads the visits are true by 100 of 110, with a lower bound far above the rate.
    assert found(190).decision[0] is UNDETERMINED
    assert found(150).decision[0] is MET


def test_a_borrowed_rate_is_not_believed_against_the_countys_own_visits():
    def found(own_false):
        return estimate(
            [500, 500],
            (0, 12 - own_false, "achieved", "achieved", "random"),
            (0, own_false, "achieved", "not_achieved", "random"),
            (0, 88, "achieved", "", ""),
            (1, 95, "achieved", "achieved", "random"),
            (1, 5, "achieved", "not_achieved", "random"),
            units=["a", "b"],
            pool=["u", "u"],
            target={"a": 400},
        )

    # 11 of 12 own visits are no rarity at a rate of .95; 9 of 12 are.
    assert found(0).decision[0] is MET
    assert found(1).decision[0] is MET
    assert found(3).decision[0] is UNDETERMINED
    assert "audits_differ" in found(3).flags[0]
    assert "audits_differ" not in found(1).flags[0]


def test_a_borrowed_rate_supports_not_met_only_with_the_countys_own_audits():
    def decision(own_true, own_false):
        found = estimate(
            [500, 500],
            (0, own_true, "achieved", "achieved", "random"),
            (0, own_false, "achieved", "not_achieved", "random"),
            (0, 100 - own_true - own_false, "achieved", "", ""),
            (1, 30, "achieved", "achieved", "random"),
            (1, 70, "achieved", "not_achieved", "random"),
            units=["a", "b"],
            pool=["u", "u"],
            target={"a": 400},
        )
        return found.decision[0]

    # The neighbour's answers are true by less than a third; that condemns nobody but itself.
    assert decision(0, 0) is UNDETERMINED
    assert decision(12, 0) is UNDETERMINED
    assert decision(4, 8) is NOT_MET


def test_a_unit_that_is_its_own_pool_combines_its_strata():
    found = estimate([500, 100], *county_and_neighbour(1), pool=["u", "u"])

    # Weights 5 and 1: 4 of 5 and 60 of 60 visited.
    assert found.share[0] == pytest.approx((4 * 5 + 60) / (5 * 5 + 60))
    assert "pooled_audit" not in found.flags[0]


# Decisions


@pytest.mark.parametrize("target", [850, 880, 901, 905, 930, 990])
def test_a_phone_only_cell_is_decided_by_the_exact_test(target):
    groups = [(0, 95, "achieved", "", ""), (0, 5, "not_achieved", "", "")]

    found = estimate([1000], *groups, target=target, protocol=ACCEPTED)

    met = pass_probability(95, 100, 1000, target) <= 0.05
    missed = fail_probability(95, 100, 1000, target) <= 0.05
    assert found.decision[0] is (MET if met else NOT_MET if missed else UNDETERMINED)
    assert {MET, NOT_MET, UNDETERMINED} == {
        estimate([1000], *groups, target=t, protocol=ACCEPTED).decision[0] for t in (850, 930, 995)
    }


def test_unaudited_phone_answers_decide_nothing_unless_the_protocol_accepts_them():
    groups = [(0, 100, "achieved", "", "")]

    assert estimate([1000], *groups, target=500).decision == (UNDETERMINED,)
    assert estimate([1000], *groups, target=500, protocol=ACCEPTED).decision == (MET,)


def test_a_few_unaudited_answers_do_not_spoil_an_audit_that_decides_without_them():
    groups = [*audited(97, 40, visits=40), (0, 3, "deemed", "", "")]

    assert estimate([1000], *groups, target=800).decision == (MET,)
    assert estimate([1000], *groups, target=995).decision == (UNDETERMINED,)
    # 20 of 40 were false, so even with all three deemed it cannot reach 900.
    false = [*audited(97, 20, visits=40), (0, 3, "deemed", "", "")]
    found = estimate([1000], *false, target=900)
    assert found.decision == (NOT_MET,)
    assert "phone_unaudited" in found.flags[0]


def test_an_audit_decides_and_too_small_an_audit_does_not():
    assert estimate([1000], *audited(100, 30, visits=30), target=800).decision == (MET,)
    few = estimate([1000], *audited(100, 10, visits=10), target=800)
    assert few.decision == (UNDETERMINED,)
    assert "few_audits" in few.flags[0]


def test_a_target_above_the_ledger_is_not_met_without_sampling():
    found = estimate([100], target=101)

    assert found.decision == (NOT_MET,)
    assert found.completed_low[0] != found.completed_low[0]  # missing, not zero


def test_verdicts_on_site_prove_what_they_prove():
    seen = [(0, 20, "achieved", "achieved", "random"), (0, 30, "achieved", "", "")]
    failed = [(0, 20, "achieved", "not_achieved", "random"), (0, 30, "achieved", "", "")]

    assert estimate([1000], *seen, target=20).decision == (MET,)
    assert estimate([100], *failed, target=81).decision == (NOT_MET,)


def test_the_unresolved_count_against_met_and_for_not_met_in_turn():
    groups = [
        *audited(90, 90, visits=90),
        (0, 10, "unresolved", "", "", "no_answer"),
    ]

    found = estimate([100], *groups, target=95)

    assert found.share[0] == pytest.approx(1)
    assert found.weighted == (MET,)
    assert found.two_phase == found.certified == found.decision == (UNDETERMINED,)


def test_no_task_is_neither_met_nor_missed_and_a_target_without_ledger_is_missed():
    found = estimate([10], (0, 10, "achieved", "", ""), target={"elsewhere": 4})

    assert found.domain == ("u", "elsewhere")
    assert found.decision == (NO_TASK, NOT_MET)
    assert np.isnan(found.rate[0])
    assert "no_frame" in found.flags[1]


# What is missing


def test_a_stratum_without_a_sample_leaves_no_number_and_is_named():
    groups = [(0, 40, "achieved", "", ""), (0, 10, "not_achieved", "", "")]

    found = estimate([100, 50], *groups)

    assert np.isnan([found.share[0], found.completed[0], found.share_low[0]]).all()
    assert "no_sample:s1" in found.flags[0]
    assert found.frame_size[0] == 150
    assert found.bounds_low[0] <= 80 / 150 <= 130 / 150 <= found.bounds_high[0]


def test_a_stratum_where_nobody_was_reached_is_named():
    found = estimate([100], (0, 9, "unresolved", "", "", "refused"))

    assert np.isnan(found.share[0])
    assert {"no_resolved:s0", "assumes_mar"} <= set(found.flags[0])


def test_a_single_row_shows_no_certainty():
    found = estimate([100, 100], (0, 1, "achieved", "", ""), (1, 1, "achieved", "", ""))

    assert found.share_se[0] > 0.3
    assert found.share_low[0] < 0.5
    assert "single_row" in found.flags[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"stratum": [0]}, "equal length"),
        ({"stratum": [0, 2]}, "position of its stratum"),
        ({"stratum": [0.0, float("nan")]}, "position of its stratum"),
        ({"phone": ["achieved", "yes"]}, "'yes' is not one of"),
        ({"visit": ["", "achieved"]}, "a visit in stratum 't' needs a visit_reason"),
        ({"phone_class": ["x"]}, "need 2 phone classes"),
    ],
)
def test_impossible_cases_are_refused(change, words):
    columns = {"stratum": [0, 1], "phone": 2 * ["achieved"], "visit": 2 * [""]}
    columns |= {"visit_reason": 2 * [""], **change}

    with pytest.raises(ValueError, match=words):
        estimate_domains(Strata(["s", "t"], [5, 5]), Cases(**columns), domain_of_stratum=["u", "u"])


@pytest.mark.parametrize(
    ("frame", "keywords", "words"),
    [
        ([1], {}, "'s0' has 2 cases but 1 entries"),
        ([float("nan")], {}, "frame size of stratum 's0' must be a whole number"),
        ([5], {"target": -1}, "target of 'u'"),
        ([5], {"target": 2.5}, "target of 'u'"),
        ([5], {"units": ["a", "b"]}, "need a domain"),
        ([5], {"protocol": Protocol(interval="magic")}, "no interval is called 'magic'"),
        ([5], {"protocol": Protocol(level=1.5)}, "between 0 and 1"),
    ],
)
def test_impossible_frames_targets_and_protocols_are_refused(frame, keywords, words):
    with pytest.raises(ValueError, match=words):
        estimate(frame, (0, 2, "achieved", "", ""), **keywords)
