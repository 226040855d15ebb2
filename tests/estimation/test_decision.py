"""The decision rule and its p-values say the same."""

import numpy as np
import pytest

from estimation.classes import Cases, Strata
from estimation.decision import Decision, missed, reached
from estimation.domains import Protocol, estimate_domains
from estimation.hypergeometric import fail_probability, pass_probability
from estimation.intervals import korn_graubard_capped
from estimation.p_values import RISK, domain_p_values, p_missed, p_reached
from estimation.totals import Totals

MET, NOT_MET, UNDETERMINED, NO_TASK = Decision
SURVEYS = 60


def random_survey(rng):
    """Some strata in a few domains and pools, called and visited anyhow, with targets near them."""
    H = int(rng.integers(1, 7))
    frame = rng.integers(1, 120, H) * int(rng.choice([1, 4]))
    n = np.minimum(rng.integers(0, 70, H), frame)
    stratum = np.repeat(np.arange(H), n)
    truth = rng.random(len(stratum)) < rng.uniform(0.5, 1)
    lies = rng.random(len(stratum)) < rng.choice([0, 0.1])
    reached_ = rng.random(len(stratum)) < rng.choice([0.8, 1])
    phone = np.where(truth | lies, "achieved", "not_achieved")
    phone = np.where(reached_, phone, "unresolved")
    chosen = rng.random(len(stratum)) < rng.choice([0, 0.2, 0.6, 1])
    visit = np.where(chosen, np.where(truth, "achieved", "not_achieved"), "")
    visit[chosen & (rng.random(len(stratum)) < 0.03)] = "unresolved"
    units = [f"u{i}" for i in rng.integers(0, 3, H)]
    targets = {}
    for unit in dict.fromkeys(units):
        N = int(frame[[u == unit for u in units]].sum())
        targets[unit] = int(np.clip(rng.normal(0.8, 0.25) * N, 0, N + 1))
    if rng.random() < 0.3:
        targets.pop(next(iter(targets)))
    reasons = np.where(chosen, "random", "")
    return {
        "strata": Strata([f"s{h}" for h in range(H)], frame),
        "cases": Cases(stratum, phone.tolist(), visit.tolist(), reasons.tolist()),
        "domain_of_stratum": units,
        "targets": targets,
        "pool_of_stratum": ["p"] * H if rng.random() < 0.5 else None,
    }


def word(met, not_met):
    if np.isnan(met) and np.isnan(not_met):
        return NO_TASK
    assert not (met <= RISK and not_met <= RISK)
    return MET if met <= RISK else NOT_MET if not_met <= RISK else UNDETERMINED


def test_a_p_value_of_5_per_cent_or_less_is_the_decision_in_any_survey():
    rng = np.random.default_rng(31)
    seen = []
    for _ in range(SURVEYS):
        survey, accepted = random_survey(rng), bool(rng.random() < 0.5)

        found = estimate_domains(**survey, protocol=Protocol(phone_accepted=accepted))
        p = domain_p_values(**survey, phone_accepted=accepted)

        words = tuple(map(word, p.met, p.not_met))
        assert (p.domain, words) == (found.domain, found.decision)
        seen += words
        inside = ~np.isnan(p.met)
        assert np.all((p.met[inside] >= 0) & (p.met[inside] <= 1))
    assert all(seen.count(decision) > 9 for decision in Decision)


def totals(share, *, rows, df, planned, variance=0.0, N=1000.0):
    parts = N, rows, share * N, variance * N**2, df, planned
    return Totals(*(np.array([float(v)]) for v in parts), np.array([False]), np.array([0.0]))


@pytest.mark.parametrize("rule", [(reached, p_reached), (missed, p_missed)])
def test_an_aggregate_is_decided_where_its_p_value_is_small_enough(rule):
    rng, D, N = np.random.default_rng(5), 3000, 1000.0
    decide, p_value = rule
    share = np.where(rng.random(D) < 0.3, 1, rng.uniform(0.6, 1, D))
    many = Totals(
        frame_size=np.full(D, N),
        rows=rng.integers(1, 200, D).astype(float),
        completed=share * N,
        variance=rng.choice([0, 1e-4, 1e-3], D) * N**2,
        df=rng.integers(0, 220, D).astype(float),
        planned=np.where(rng.random(D) < 0.1, np.inf, rng.uniform(1, 250, D)),
        cell=np.zeros(D, bool),
        hits=np.zeros(D),
    )
    target = rng.integers(400, 1001, D).astype(float)

    decided = decide(many, target)

    assert np.array_equal(decided, p_value(many, target) <= RISK)
    assert 0.1 < decided.mean() < 0.9


@pytest.mark.parametrize("df", [4, 9, 99])
@pytest.mark.parametrize(("share", "target"), [(1.0, 850), (0.97, 880), (0.97, 790)])
def test_the_limit_touches_the_target_at_the_level_of_the_p_value(share, target, df):
    of = totals(share, rows=100, df=df, planned=120)

    p = p_reached(of, np.array([float(target)]))[0]

    # A level above the decision's keeps the decision's price of few degrees of freedom.
    if p <= RISK:
        low = korn_graubard_capped(of.precision(), 1 - p)[0][0] * 1000
        assert low == pytest.approx(target - 1, abs=1e-5)
    else:
        assert not reached(of, np.array([float(target)]))[0]


def test_few_degrees_of_freedom_cost_more_the_smaller_the_p_value():
    target = np.array([850.0])

    def p(df):
        return p_reached(totals(1, rows=100, df=df, planned=120), target)[0]

    assert p(99) < p(30) / 10 < p(9) / 100 < p(4) / 1000


def test_a_cell_has_the_exact_p_values():
    phone = ["achieved"] * 95 + ["not_achieved"] * 5
    cases = Cases([0] * 100, phone, [""] * 100, [""] * 100)

    p = domain_p_values(
        Strata(["s"], [1000]),
        cases,
        domain_of_stratum=["u"],
        targets={"u": 901},
        phone_accepted=True,
    )

    assert p.met[0] == pytest.approx(pass_probability(95, 100, 1000, 901))
    assert p.not_met[0] == pytest.approx(fail_probability(95, 100, 1000, 901))


def test_what_is_proven_has_p_value_0_and_what_nobody_audited_has_1():
    unheard = Cases([0] * 50, ["achieved"] * 50, [""] * 50, [""] * 50)
    failed = Cases([0] * 20, ["achieved"] * 20, ["not_achieved"] * 20, ["random"] * 20)
    strata = Strata(["s"], [100])

    def p(cases, target):
        found = domain_p_values(strata, cases, domain_of_stratum=["u"], targets={"u": target})
        return found.met[0], found.not_met[0]

    assert p(unheard, 40) == (1, 1)
    assert p(failed, 81)[1] == 0
    assert p(unheard, 101)[1] == 0
