from itertools import product
from math import comb, log

import numpy as np
import pytest
from scipy.special import betaln

from estimation.sequential import evidence_met
from estimation.stratified_evidence import stratified_evidence_met, stratified_evidence_not_met


def log_probability(x, n, N, K):
    """log P(sequence | K) by counting the orders that K allows; minus infinity if none."""
    orders = comb(N - n, K - x) if 0 <= K - x <= N - n else 0
    return log(orders / comb(N, K)) if orders else -np.inf


def by_enumeration(x, n, N, totals):
    a, b = 19, 1
    average = sum(betaln(i + a, j - i + b) - betaln(a, b) for i, j in zip(x, n, strict=True))
    spreads = product(*(range(size + 1) for size in N))
    largest = max(
        sum(map(log_probability, x, n, N, spread)) for spread in spreads if sum(spread) in totals
    )
    return average - largest


@pytest.mark.parametrize("target", [6, 12, 14, 15])
@pytest.mark.parametrize(
    "counts",
    [
        ((2, 3, 1), (2, 3, 2)),
        ((0, 0, 0), (0, 0, 0)),
        ((6, 1, 4), (6, 2, 4)),
        ((1, 0, 3), (4, 3, 4)),
    ],
)
def test_the_largest_probability_over_all_spreads_is_exact(counts, target):
    (x, n), N = counts, (6, 5, 4)

    met = stratified_evidence_met(x, n, N, target)
    if sum(x) < target:
        assert met == pytest.approx(by_enumeration(x, n, N, range(target)))
    else:
        assert met == np.inf

    not_met = stratified_evidence_not_met(x, n, N, target)
    if sum(N) - sum(n) + sum(x) >= target:
        assert not_met == pytest.approx(by_enumeration(x, n, N, range(target, sum(N) + 1)))
    else:
        assert not_met == np.inf


@pytest.mark.parametrize("alpha", [0.05, 0.2])
def test_the_wrong_decision_is_ever_taken_at_most_at_the_risk_however_strata_differ(alpha):
    # Two strata called in turn, looked at after each pair of rows, for every spread of the null.
    N, target, bar = 12, 19, -log(alpha)
    pairs = range(1, N + 1)
    grid = np.full((N + 1, N + 1, N + 1), False)
    for n in pairs:
        for x in product(range(n + 1), repeat=2):
            grid[n, *x] = stratified_evidence_met(x, (n, n), (N, N), target) >= bar

    risks = []
    for first in range(target - 1 - N, N + 1):
        K, p, ever = (first, target - 1 - first), np.zeros((N + 1, N + 1)), 0.0
        p[0, 0] = 1
        for n in pairs:
            p = step(step(p, K[0], N, n).T, K[1], N, n).T
            ever += p[grid[n]].sum()
            p[grid[n]] = 0
        risks.append(ever)
    assert 0 < max(risks) <= alpha


def step(p, K, N, n):
    """Draw the nth row of the stratum along the first axis."""
    hit = p * np.clip((K - np.arange(N + 1)) / (N - n + 1), 0, 1)[:, None]
    after = p - hit
    after[1:] += hit[:-1]
    return after


def test_a_city_is_decided_by_its_counties_but_with_more_rows_than_one_sample_needs():
    N, rows, target = np.array([600, 700, 700]), np.array([60, 70, 70]), 1800
    few, many = np.array([10, 12, 12]), np.array([59, 69, 68])

    one_sample = evidence_met([many.sum()], [rows.sum()], 2000, target)[0]
    assert log(20) < stratified_evidence_met(many, rows, N, target) < one_sample
    assert stratified_evidence_met(few, few, N, target) < log(20)
    assert stratified_evidence_not_met(rows * 3 // 4, rows, N, target) > log(20)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (([1, 3], [2, 2], [5, 5]), "stratum 1"),
        (([1, 1], [2, 6], [5, 5]), "stratum 1"),
        (([1, 0.5], [2, 2], [5, 5]), "hits must be"),
        (([float("nan"), 1], [2, 2], [5, 5]), "hits must be"),
        (([1], [2, 2], [5, 5]), "equal 1-d shapes"),
        (([], [], []), "equal 1-d shapes"),
    ],
)
def test_impossible_counts_are_refused_with_their_stratum(counts, words):
    for evidence in (stratified_evidence_met, stratified_evidence_not_met):
        with pytest.raises(ValueError, match=words):
            evidence(*counts, 5)
