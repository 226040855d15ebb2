"""What a draw promises about chance, over 2,000 seeds. The seeds are fixed, so nothing is flaky."""

from collections import Counter
from itertools import combinations
from math import comb

import pytest
from scipy import stats

from sampling.draw import draw

SEEDS = 2000
STRATA = {"甲": (26, 8), "乙": (40, 20), "丙": (11, 1), "丁": (60, 57)}  # entries, sample
LEAST_P = 0.001


@pytest.fixture(scope="module")
def drawn() -> dict[str, Counter[str]]:
    """How often each entry of each stratum was drawn."""
    frame = [(f"{name}{i}", name) for name, (size, _) in STRATA.items() for i in range(size)]
    ids, strata = zip(*frame, strict=True)
    sizes = {name: n for name, (_, n) in STRATA.items()}
    counts: dict[str, Counter[str]] = {name: Counter() for name in STRATA}
    for seed in range(SEEDS):
        for row in draw(ids, strata, sizes, f"seed {seed}"):
            counts[row.stratum][row.entry_id] += 1
    return counts


@pytest.mark.parametrize("name", STRATA)
def test_every_entry_of_a_stratum_is_drawn_equally_often(drawn, name):
    size, n = STRATA[name]
    share = n / size
    squares = sum((drawn[name][f"{name}{i}"] - SEEDS * share) ** 2 for i in range(size))

    # Without replacement the counts have variance S f (1-f) and sum to a constant, so that this
    # is chi-square with N - 1 degrees of freedom.
    chi_square = squares / (SEEDS * share * (1 - share)) * (size - 1) / size

    assert stats.chi2.sf(chi_square, size - 1) > LEAST_P


@pytest.mark.parametrize("prefix", range(1, 6))
def test_any_prefix_of_the_order_is_a_simple_random_sample(prefix):
    """Every subset of the stratum is the prefix equally often: that is what simple random means."""
    ids = [f"e{i}" for i in range(6)]
    subsets = Counter(
        frozenset(row.entry_id for row in draw(ids, ["s"] * 6, {"s": 6}, f"{seed}")[:prefix])
        for seed in range(SEEDS)
    )

    counts = [subsets[frozenset(chosen)] for chosen in combinations(ids, prefix)]

    assert len(counts) == comb(6, prefix)
    assert stats.chisquare(counts).pvalue > LEAST_P


def test_the_strata_are_drawn_independently_of_one_another():
    ids, strata = ["a1", "a2", "a3", "b1", "b2", "b3"], ["a"] * 3 + ["b"] * 3
    pairs = Counter(
        tuple(row.entry_id for row in draw(ids, strata, {"a": 1, "b": 1}, f"{seed}"))
        for seed in range(SEEDS)
    )

    counts = [[pairs[f"a{i}", f"b{j}"] for j in (1, 2, 3)] for i in (1, 2, 3)]

    assert stats.chi2_contingency(counts).pvalue > LEAST_P
