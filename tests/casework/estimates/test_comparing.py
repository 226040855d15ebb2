"""What pages call different between two runs: a decision, an interval, or a tenth of a person."""

import pytest

from casework.estimates.comparing import Figure, Pair
from casework.ledgers.projects import Project

FIGURE = Figure(completed=90.0, rate=0.9, rate_low=0.8, rate_high=1.0, decision="undetermined")


def pair(new: Figure | None) -> Pair:
    return Pair(Project.HARDSHIP, "411100", FIGURE, new)


@pytest.mark.parametrize(
    "new",
    [
        None,
        Figure(90.0, 0.9, 0.7, 1.0, "undetermined"),
        Figure(90.0, 0.9, None, None, "undetermined"),
        Figure(90.0, 0.9, 0.8, 1.0, "met"),
        Figure(90.1, 0.9, 0.8, 1.0, "undetermined"),
    ],
)
def test_what_pages_would_show_otherwise_has_changed(new: Figure | None) -> None:
    assert pair(new).changed


def test_what_no_page_shows_has_not_changed() -> None:
    assert not pair(Figure(90.01, 0.9001, 0.8001, 1.0, "undetermined")).changed
