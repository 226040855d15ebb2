import pytest

from casework.ledgers.codes import FLEXIBLE_WORK, code_of, words_of


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("employ_form", "10", "单位就业"),
        ("employ_form", "灵活就业", "灵活就业"),
        ("channel", "N", "未安置"),
        ("employer", "10", "10"),
        ("education", "", ""),
    ],
)
def test_a_stored_value_is_shown_in_words(column, value, words):
    assert words_of(column, value) == words


def test_flexible_work_is_the_code_that_ledgers_name():
    assert code_of("employment_form", "灵活就业") == FLEXIBLE_WORK
