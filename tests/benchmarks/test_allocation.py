"""What the benchmark of the allocation promises, small enough for every run."""

from dataclasses import replace

import pytest

from casework.campaigns.designing import Method, Terms, Visits
from casework.demo.henan import BUDGET
from tests.benchmarks import allocation


@pytest.mark.benchmark
def test_designed_sizes_leave_three_tenths_fewer_counties_undetermined_for_the_same_money():
    designed = Terms(BUDGET, Method.DECISIONS, Visits.WHOLE)
    in_proportion = replace(designed, method=Method.PROPORTIONAL)

    ours = allocation.undetermined(designed, times=10).mean()
    theirs = allocation.undetermined(in_proportion, times=10).mean()

    print(f"{ours:.1f} undetermined, {theirs:.1f} in proportion, {1 - ours / theirs:.1%} fewer")
    assert ours <= (1 - allocation.DECIDED_GOAL) * theirs


@pytest.mark.benchmark
def test_the_speed_is_that_of_474_strata_with_550_half_widths(capsys):
    allocation.show_speed()

    printed = capsys.readouterr().out
    assert printed.startswith("474 strata, 550 half-widths: ")
    assert "largest variance 0.99" in printed
