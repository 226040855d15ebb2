import pytest

from sampling.draw import draw
from sampling.replicates import replicates, replicates_of_ranks


def test_ranks_are_split_in_draw_order_as_evenly_as_can_be():
    assert replicates_of_ranks(7, 3).tolist() == [1, 1, 1, 2, 2, 3, 3]
    assert replicates_of_ranks(2, 3).tolist() == [1, 2]
    assert replicates_of_ranks(0, 3).tolist() == []


def test_each_stratum_is_split_on_its_own():
    rows = draw([f"e{i}" for i in range(20)], ["a", "b"] * 10, {"a": 4, "b": 3}, "seed")

    assert replicates(rows, 2) == [1, 1, 2, 2, 1, 1, 2]


@pytest.mark.parametrize(("sampled", "count"), [(-1, 2), (3, 0)])
def test_impossible_splits_are_refused(sampled, count):
    with pytest.raises(ValueError, match="cannot split"):
        replicates_of_ranks(sampled, count)
