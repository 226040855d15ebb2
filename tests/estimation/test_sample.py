"""Samples that cannot be: refused by the name of their stratum."""

import numpy as np
import pytest

from estimation.classes import Strata
from estimation.sample import counted, make_sample


def test_a_stratum_without_entries_needs_no_rows():
    sample = make_sample(Strata(["a", "empty"], [4, 0]), [0, 0])

    assert sample.weight.tolist() == [2, 2]
    assert sample.unseen.tolist() == [0.5, 1]


@pytest.mark.parametrize(
    ("names", "sizes", "stratum", "keywords", "words"),
    [
        (["a", "b"], [10], [0, 0], {}, "one frame size for each of the 2 strata"),
        (["a"], [[10]], [0, 0], {}, "one frame size"),
        (["a", "b"], [10, 2.5], [0, 0, 1, 1], {}, "frame size of stratum 'b' must be a whole"),
        (["a", "b"], [10, -1], [0, 0, 1, 1], {}, "frame size of stratum 'b'"),
        (["a", "b"], [np.nan, 9], [0, 0, 1, 1], {}, "frame size of stratum 'a'"),
        (["a", "b"], [np.inf, 9], [0, 0, 1, 1], {}, "frame size of stratum 'a'"),
        (["a", "b"], [10, 5], [0, 0], {}, "stratum 'b' has 0 sampled rows but 5 entries"),
        (["a", "b"], [10, 0], [0, 0, 1], {}, "stratum 'b' has 1 sampled rows but 0 entries"),
        (["a"], [1], [0, 0], {}, "stratum 'a' has 2 sampled rows but 1 entries"),
        (["a"], [10], [], {}, "stratum 'a' has 0 sampled rows but 10"),
        (["a"], [10], [[0, 0]], {}, "a stratum for each row"),
        (["a"], [10], [0, 1], {}, "from 0 to 0"),
        (["a"], [10], [0, -1], {}, "from 0 to 0"),
        (["a"], [10], [0.0, 0.0], {}, "from 0 to 0"),
        (["a"], [10], [0, 0], {"weight": [5]}, "one weight for each of the 2 rows"),
        (["a"], [10], [0, 0], {"weight": [5, np.nan]}, "weight nan in row 1 of stratum 'a'"),
        (["a"], [10], [0, 0], {"weight": [5, 0]}, "weights above 0, got 0 in stratum 'a'"),
    ],
)
def test_impossible_samples_are_refused(names, sizes, stratum, keywords, words):
    with pytest.raises(ValueError, match=words):
        make_sample(Strata(names, sizes), stratum, **keywords)


@pytest.mark.parametrize(
    ("achieved", "sampled", "words"),
    [
        ([3], [2], "got 3 of 2 in stratum 'a'"),
        ([-1], [2], "got -1 of 2 in stratum 'a'"),
        ([1, 1], [2], "two counts a stratum"),
        ([1.5], [2], "whole counts"),
        ([0], [0], "stratum 'a' has 0 sampled rows"),
        ([0], [11], "stratum 'a' has 11 sampled rows but 10"),
    ],
)
def test_impossible_counts_are_refused(achieved, sampled, words):
    with pytest.raises(ValueError, match=words):
        counted(Strata(["a"], [10]), achieved, sampled)
