from dataclasses import replace

import numpy as np
import pytest

from estimation.intervals import Precision, korn_graubard_capped
from estimation.print_rule import Presentation, print_rule

SHOW, FLAGGED, SUPPRESS = Presentation.SHOW, Presentation.FLAGGED, Presentation.SUPPRESS


def sample(*shares_and_sizes):
    """Simple random samples, each a share and a number of rows, from large frames."""
    p, n = np.array(shares_and_sizes, dtype=float).T
    return Precision(p, p * (1 - p) / (n - 1), n, n - 1, n - 1)


@pytest.mark.parametrize(
    ("share", "rows", "shown", "complement", "reasons"),
    [
        (0.5, 400, SHOW, SHOW, ()),
        (0.5, 29, SUPPRESS, SUPPRESS, ("small_sample", "wide")),
        (0.5, 40, SUPPRESS, SUPPRESS, ("wide",)),
        (0.97, 2000, SHOW, SHOW, ()),  # narrow: the relative rule does not apply
        (0.97, 120, FLAGGED, SUPPRESS, ("complement_unreliable",)),
        (0.03, 120, SUPPRESS, FLAGGED, ("relatively_wide",)),
        (1.0, 60, FLAGGED, FLAGGED, ("no_spread",)),
        (0.0, 60, FLAGGED, FLAGGED, ("no_spread",)),
        (1.0, 25, SUPPRESS, SUPPRESS, ("small_sample", "no_spread")),
    ],
)
def test_a_share_and_its_complement_are_judged_apart(share, rows, shown, complement, reasons):
    found = print_rule(sample((share, rows)))

    assert (found.share, found.complement, found.reasons) == ((shown,), (complement,), (reasons,))


def test_the_width_is_that_of_the_capped_interval_and_each_domain_is_its_own():
    together = sample((0.5, 400), (0.97, 120), (0.03, 120))
    low, high = korn_graubard_capped(together, 0.95)

    found = print_rule(together)

    assert found.width == pytest.approx(high - low)
    assert found.share == (SHOW, FLAGGED, SUPPRESS)


def test_a_variance_smaller_than_the_design_promises_buys_nothing():
    lucky = replace(sample((0.5, 29)), variance=np.array([1e-9]))

    assert print_rule(lucky).effective_size == pytest.approx(28)
    assert print_rule(lucky).share == (SUPPRESS,)


def test_the_effective_size_is_never_above_the_rows_behind_the_share():
    nearly_all = replace(sample((0.9, 25)), planned=np.array([200.0]))

    assert print_rule(replace(nearly_all, variance=np.array([1e-9]))).effective_size == [25]


def test_few_degrees_of_freedom_flag_a_share_that_is_shown():
    few = replace(sample((0.5, 2000)), df=np.array([7.0]))

    assert print_rule(few).share == (FLAGGED,)
    assert print_rule(few).reasons == (("few_df",),)
    assert print_rule(replace(few, df=np.array([8.0]))).share == (SHOW,)


def test_a_census_is_shown_however_small_it_is():
    five = Precision(*(np.array([x]) for x in (0.8, 0.0, 5.0, 4.0, np.inf)))
    whole = replace(five, share=np.array([1.0]))

    assert print_rule(five).share == print_rule(whole).share == (SHOW,)


@pytest.mark.parametrize("share", [np.nan, 0.0])
def test_a_share_that_does_not_exist_is_suppressed(share):
    none = Precision(*(np.array([x]) for x in (share, share, 0.0, 0.0, np.inf)))

    assert print_rule(none).share == print_rule(none).complement == (SUPPRESS,)
    assert print_rule(none).reasons[0][0] == "no_estimate"


@pytest.mark.parametrize(
    "wrong",
    [
        {"share": np.array([1.2])},
        {"share": np.array([np.inf])},
        {"variance": np.array([-1.0])},
        {"variance": np.array([np.nan])},
        {"df": np.array([1.0, 2.0])},
    ],
)
def test_impossible_precision_is_refused(wrong):
    with pytest.raises(ValueError, match="need"):
        print_rule(replace(sample((0.5, 400)), **wrong))
