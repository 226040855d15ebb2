import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp import charts

finite = st.floats(-1e6, 1e6)


def test_ticks_are_round_numbers_inside_the_axis():
    assert charts.ticks(0.86, 1.21) == (0.9, 1.0, 1.1, 1.2)
    assert charts.ticks(0, 18_000, 4) == (0.0, 5_000.0, 10_000.0, 15_000.0)


@given(low=finite, width=st.floats(1e-3, 1e6), wanted=st.integers(2, 8))
def test_ticks_lie_inside_and_are_never_too_many(low, width, wanted):
    found = charts.ticks(low, low + width, wanted)

    assert len(found) <= wanted + 1
    assert all(low - width * 0.01 <= tick <= low + width * 1.01 for tick in found)


def test_a_value_is_placed_in_proportion_and_held_at_the_edge():
    scale = charts.axis(0.8, 1.2)

    assert scale.at(1.0) == 50
    assert scale.at(1.1, 100, 300) == 250
    assert scale.at(3.0, 100, 300) == 300
    assert scale.at(-1.0, 100, 300) == 100


def test_an_interval_that_leaves_the_axis_says_on_which_side():
    scale = charts.axis(0.8, 1.2)

    assert scale.beyond(0.8, 1.2) == ""
    assert scale.beyond(0.7, 1.1) == "l"
    assert scale.beyond(0.9, 1.3) == "r"
    assert scale.beyond(0.7, 1.3) == "lr"


def test_an_axis_around_values_shows_the_target_but_not_the_far_outlier():
    scale = charts.axis_around([1.1, 1.2, None, 4.0], always=1.0, widest=0.5)

    assert scale.low < 1.0
    assert 1.5 < scale.high < 1.6
    assert charts.axis_around([]).low < 1.0 < charts.axis_around([]).high


def test_an_axis_without_length_is_refused():
    with pytest.raises(ValueError, match="low < high"):
        charts.axis(1.0, 1.0)


def test_every_decision_has_a_shape_and_an_unknown_code_none():
    decisions = ("met", "not_met", "undetermined", "no_task")

    assert [charts.shape(code) for code in decisions] == ["met", "not", "und", "none"]
    with pytest.raises(KeyError):
        charts.shape("probably")
