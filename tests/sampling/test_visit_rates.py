"""Which share of each phone class to visit."""

import numpy as np
import pytest
from scipy.optimize import minimize

from sampling.visit_rates import Floors, best_rates, sure_rate, with_floors

WEIGHT = np.array([0.60, 0.05, 0.20, 0.15])
RATE = np.array([0.97, 0.00, 0.80, 0.60])
YES = np.array([True, False, False, False])


def variance_for_money(rates, call_cost, visit_cost, money=10_000.0):
    """The variance that a budget buys at these rates, all of it spent on cases."""
    cases = money / (call_cost + (visit_cost * WEIGHT * rates).sum())
    p = (WEIGHT * RATE).sum()
    second = (WEIGHT * (1 / rates - 1) * RATE * (1 - RATE)).sum()
    return (p * (1 - p) + second) / cases


def test_no_other_rates_tell_more_for_the_money():
    call, visit = 9.0, 120.0
    rates = best_rates(WEIGHT, RATE, call_cost=call, visit_cost=visit)
    some = RATE * (1 - RATE) > 0

    def tried(free):
        whole = np.ones(4)
        whole[some] = free
        # A class that is all alike needs no visits at all.
        whole[~some] = 1e-9
        return variance_for_money(whole, call, visit) * 1e4

    best = minimize(tried, np.full(3, 0.3), bounds=[(0.01, 1)] * 3, tol=1e-12)
    assert rates[some] == pytest.approx(best.x, rel=1e-3)
    assert rates[~some] == 0


def test_dearer_visits_are_rarer_and_where_a_call_tells_nothing_everybody_is_visited():
    cheap = best_rates(WEIGHT, RATE, call_cost=9, visit_cost=50)
    dear = best_rates(WEIGHT, RATE, call_cost=9, visit_cost=200)
    assert np.all(dear[[0, 2, 3]] < cheap[[0, 2, 3]])

    alike = best_rates([0.5, 0.5], [0.9, 0.9], call_cost=9, visit_cost=50)
    assert alike.tolist() == [1, 1]


def test_a_fifth_of_the_yes_answers_and_twenty_of_them_are_visited_at_least():
    rates = with_floors(0.0, [[1000, 40, 300, 4], [60, 5, 12, 9]], YES)

    assert rates[0, 0] == 0.20
    assert 0.40 < rates[1, 0] < 0.50  # 20 of 60 for sure
    assert rates[1, 1] == 1.0  # no more than its floor
    assert rates[0, 3] == 1.0
    assert 0 < rates[0, 2] < 0.05


def test_floors_only_raise():
    wanted = np.array([0.9, 0.8, 0.7, 0.6])
    assert with_floors(wanted, [1000] * 4, YES).tolist() == wanted.tolist()
    none = Floors(yes_share=0, yes_rows=0, other_rows=0)
    assert with_floors(wanted / 3, [1000] * 4, YES, none) == pytest.approx(wanted / 3)


def test_the_sure_rate_chooses_enough_in_95_of_100_draws():
    rng = np.random.default_rng(8)
    rate = float(sure_rate(20, 100))

    enough = (rng.binomial(100, rate, 20_000) >= 20).mean()
    fewer = (rng.binomial(100, rate - 0.01, 20_000) >= 20).mean()

    assert enough > 0.945
    assert fewer < 0.955


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: best_rates([0.5, 0.4], [1, 1], call_cost=1, visit_cost=1), "add up to 1"),
        (lambda: best_rates([1.0], [1.5], call_cost=1, visit_cost=1), "rates from 0 to 1"),
        (lambda: best_rates([1.0], [0.5], call_cost=0, visit_cost=1), "costs above 0"),
        (lambda: with_floors([1.2], [9], [True]), "rates from 0 to 1"),
        (lambda: with_floors([0.2], [-9], [True]), "0 rows or more"),
    ],
)
def test_impossible_numbers_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
