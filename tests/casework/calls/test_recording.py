"""Answers that say "write down" have their words, or say that nobody knows."""

import pytest

from casework.calls.recording import MonthAhead, MonthMissing, WordsMissing, require_words
from casework.calls.script import script_for
from casework.ledgers.projects import Project
from tests.factories import NOON

QUESTIONS = script_for(Project.RE_EMPLOYMENT).questions


def write_down(question, key, words):
    require_words(QUESTIONS[question], [key], words, NOON)


@pytest.mark.parametrize(
    ("question", "key", "words"),
    [
        ("G2", "1", ""),
        ("G2", "2", "郾城区"),
        ("A4", "2", "?"),
        ("G6", "1", "2016-11"),
        ("G6", "1", "2016年3月，邻居说的"),
        ("G6", "1", "2016.3"),
        ("G6", "1", "201603"),
        ("G6", "1", "？"),
        ("G6", "1", "2016年？"),
        ("A5", "2", f"{NOON:%Y-%m}"),
        ("A5", "1", ""),
    ],
)
def test_words_that_tell_enough_are_taken(question, key, words):
    write_down(question, key, words)


@pytest.mark.parametrize(
    ("question", "key", "words", "refusal"),
    [
        ("G2", "2", "", WordsMissing),
        ("A4", "2", "", WordsMissing),
        ("A3", "8", "", WordsMissing),
        ("G6", "1", "", WordsMissing),
        ("G6", "1", "去年", MonthMissing),
        ("G6", "1", "2016", MonthMissing),
        ("G6", "1", "2016-13", MonthMissing),
        ("A5", "2", "2016-00?", MonthMissing),
        ("A5", "2", f"{NOON.year + 1}-01", MonthAhead),
    ],
)
def test_words_that_tell_nothing_are_refused(question, key, words, refusal):
    with pytest.raises(refusal):
        write_down(question, key, words)
