"""Words that answers ask for: an answer that says “write down” has them, or says that nobody knows.

Without the words such an answer tells nothing: a verdict or a visit rests on the month or the
employer that was named instead.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime

from casework.calls.schedule import day_of
from casework.calls.script import Question
from casework.errors import CaseworkError

UNKNOWN = ("?", "？")  # typed where the person does not know
#: Answers whose words name a month: of a death, of the beginning of work, of a resettlement.
_MONTHS = frozenset({"G6:1", "A5:2", "B5:2", "C3b:2"})
_MONTH = re.compile(r"(?<!\d)((?:19|20)\d{2})(?:\s*[-/.年]\s*(\d{1,2})(?!\d)|(\d{2})(?!\d))")


class WordsMissing(CaseworkError):
    """The answer asks for words, and none were written down."""


class MonthMissing(CaseworkError):
    """The words name no year and month of the calendar."""


class MonthAhead(CaseworkError):
    """The month named lies in the future."""


def wants_month(question: Question) -> bool:
    """Tell whether an answer to *question* asks for a year and month."""
    return any(f"{question.id}:{answer.key}" in _MONTHS for answer in question.answers)


def require_words(question: Question, keys: Sequence[str], words: str, at: datetime) -> None:
    """Check what was written down with an answer given at *at*.

    Raises WordsMissing, MonthMissing, MonthAhead.
    """
    asking = [key for key in keys if question.answer(key).record]
    if not asking or words in UNKNOWN:
        return
    if not words:
        raise WordsMissing(question=question.id)
    if any(f"{question.id}:{key}" in _MONTHS for key in asking):
        _check_months(words, day_of(at))


def _check_months(words: str, today: date) -> None:
    months = [(int(year), int(one or two)) for year, one, two in _MONTH.findall(words)]
    if any(not 1 <= month <= 12 for _year, month in months) or not (  # noqa: PLR2004 - a year's
        months or words.endswith(UNKNOWN)
    ):
        raise MonthMissing(typed=words[:20])
    ahead = [f"{year}-{month:02}" for year, month in months if (year, month) > _of(today)]
    if ahead:
        raise MonthAhead(typed=ahead[0])


def _of(day: date) -> tuple[int, int]:
    return day.year, day.month
