"""Very small strata."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.strata import merge_small

MINES = ("一矿", "二矿", "三矿", "四矿", "五矿")
SIZES = (6, 400, 9, 31, 12)


def test_the_smallest_mines_of_a_unit_are_joined_until_they_are_enough():
    merged = merge_small(MINES, SIZES, ["平顶山"] * 5, least=20)

    # 6 and 9 and 12 make 27; the name is that of the largest of them.
    assert merged.names == ("五矿", "二矿", "四矿")
    assert merged.frame_size.tolist() == [27, 400, 31]
    assert merged.position.tolist() == [0, 1, 0, 2, 0]
    assert merged.moved == {"一矿": "五矿", "三矿": "五矿", "五矿": "五矿"}


def test_what_is_as_small_as_a_census_may_be_is_taken_whole():
    assert merge_small(MINES, SIZES, ["平顶山"] * 5, least=20).census.tolist() == [
        *(True, False, False),
    ]


def test_nothing_is_joined_across_groups_or_where_something_is_decided():
    apart = merge_small(MINES, SIZES, ["a", "a", "b", "b", "c"], least=20, kept=["三矿"])

    assert apart.names == ("二矿", "三矿", "四矿", "五矿")
    assert apart.moved == {"一矿": "二矿", "二矿": "二矿"}


def test_a_remainder_goes_to_the_smallest_of_what_is_joined():
    merged = merge_small(["a", "b", "c", "d", "e"], [9] * 5, ["g"] * 5, least=18)

    assert merged.frame_size.tolist() == [27, 18]
    assert set(merged.moved) == set("abcde")


@given(
    st.lists(st.tuples(st.integers(1, 60), st.sampled_from("xyz")), min_size=1, max_size=30),
    st.integers(0, 50),
)
def test_nobody_is_lost_and_only_a_whole_group_can_be_too_small(strata, least):
    names = [f"s{i}" for i in range(len(strata))]
    sizes, groups = zip(*strata, strict=True)

    merged = merge_small(names, sizes, groups, least=least)

    assert merged.frame_size.sum() == sum(sizes)
    for place in range(len(merged.names)):
        inside = [h for h in range(len(names)) if merged.position[h] == place]
        assert len({groups[h] for h in inside}) == 1
        alone = groups.count(groups[inside[0]]) == len(inside)
        assert merged.frame_size[place] >= least or alone
        assert all(merged.moved.get(names[h], names[h]) == merged.names[place] for h in inside)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: merge_small(["a"], [1, 2], ["g"], least=5), "1 names, 2 sizes and 1 groups"),
        (lambda: merge_small(["a", "a"], [1, 2], ["g", "g"], least=5), "'a' occurs twice"),
        (lambda: merge_small(["a", "b"], [1, 0], ["g", "g"], least=5), "'b' has 0 entries"),
        (lambda: merge_small(["a"], [1], ["g"], least=5, kept=["z"]), "'z' is to be kept"),
    ],
)
def test_impossible_strata_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
