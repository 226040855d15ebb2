"""Answers to verdicts: one table for each script, and the side remarks that raise a lead.

A token is a question and an answer, such as ``A7:1``. The first row of which any token was given
decides. Rows hold for the answers so far, so they also give the provisional verdict.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from casework.ledgers.projects import Project


@dataclass(frozen=True, slots=True)
class Row:
    outcome: str
    any_of: frozenset[str]


def _row(outcome: str, *tokens: str) -> Row:
    return Row(outcome, frozenset(tokens))


VERDICTS: Mapping[Project, tuple[Row, ...]] = {
    Project.RE_EMPLOYMENT: (
        _row("N2", "A7:3"),
        _row("N1", "A7:2"),
        _row("D1", "A7:1"),
        _row("V3", "A4:2", "A5:2", "A9:2", "A9a:2"),
        _row("V1", "A3:1", "A3:2", "A3:3", "A3:4", "A3:5"),
        _row("V2", "A3:6", "A3:7", "A3:8"),
    ),
    Project.HARDSHIP: (
        _row("N3", "B0:2"),
        _row("N2", "B7:3"),
        _row("N1", "B7:2"),
        _row("D1", "B7:1"),
        _row("V3", "B4:2", "B5:2", "B9:2", "B9a:2"),
        _row("V1", "B3:1", "B3:2", "B3:3", "B3:4", "B3:5", "B3:9", "B3:0", "B3:Q"),
        _row("V2", "B3:6", "B3:7", "B3:8"),
    ),
    Project.OVERCAPACITY: (
        _row("SX", "C1:2"),
        _row("SD", "C5:1"),
        _row("SN", "C5:2", "C2:5"),
        _row("S1", "C2:1"),
        _row("S2", "C2:2"),
        _row("S3", "C2:3"),
        _row("S4", "C2:4"),
    ),
    Project.NEW_EMPLOYMENT: (
        _row("N2", "E1:2"),
        _row("N6", "E5:3"),
        _row("N7", "E5:2"),
        _row("N5", "E3:3"),
        _row("N10", "E7:2"),
        _row("V3", "E1:3", "E4:2", "E6:2"),
        # The table of outcomes has no plain "true" for this project: E3 asks the kind of work, not
        # the help, so a claim found true counts as found without help.
        _row("V2", "E1:1"),
    ),
}

#: Remarks that leave the verdict alone and still call for a look: not registered, wage arrears.
REMARKS: Mapping[str, str] = {"A1:2": "normal", "C6:2": "normal"}

#: Verdicts that stand on a sentence read word for word; the call needs its time mark.
WAIVERS = frozenset({"D1", "SD"})


def outcome_of(project: Project, tokens: Set[str]) -> str:
    """Return the outcome that the answers so far give, or "" if they give none yet."""
    for row in VERDICTS[project]:
        if row.any_of & tokens:
            return row.outcome
    return ""
