"""The words of an exported table of response rates."""

from collections.abc import Callable

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from casework.calls.rates import Letter
from casework.ledgers.projects import Project
from webapp.calls.floor_words import LETTERS, RATES
from webapp.labels import label

SHEETS: dict[str, LazyString] = {"rates": _l("Response rates"), "about": _l("About")}
HEADS: dict[str, LazyString] = {
    "code": _l("Code"),
    "unit": _l("Reporting unit"),
    "place": _l("County"),
    "project": _l("Project"),
    "operator": _l("Operator of the last call"),
    "day": _l("Day of the last call"),
    "cases": _l("Cases"),
    "item": _l("Item"),
    "value": _l("Value"),
}
PARTS: dict[str, LazyString] = {"total": _l("In all"), "not_called": _l("Not called yet")}
ABOUT: dict[str, LazyString] = {
    "data": _l("Data"),
    "demonstration": _l("Demonstration data: all persons and enterprises are fictitious"),
    "campaign": _l("Campaign"),
    "weights": _l("Weights"),
    "weighted": _l("Persons of the stratum's frame for each released case"),
    "unweighted": _l("None: every case counts once"),
    "eligible_share": _l("Share e of the unknown taken to be eligible"),
    "unfinished": _l("Cases still open, counted as they stand"),
    "without_call": _l("Settled by the claim itself, not counted"),
    "ending": _l("{rows} rows; SHA-256 {digest}"),
    "exported_by": _l("Exported by"),
    "exported_at": _l("Exported at"),
}
_WORDS: dict[str, Callable[[str], object]] = {
    "sheet": SHEETS.__getitem__,
    "head": HEADS.__getitem__,
    "part": PARTS.__getitem__,
    "about": ABOUT.__getitem__,
    "letter": lambda code: LETTERS[Letter(code)],
    "rate": RATES.__getitem__,
    "project": lambda code: label(Project(code)),
}


def rate_word(kind: str, code: str) -> str:
    """Return the words for one code of the table."""
    return str(_WORDS[kind](code))
