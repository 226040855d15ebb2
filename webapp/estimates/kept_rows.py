"""The rows of the table of all figures as they were rendered: a run never changes.

What may differ between two readers of one table is in the key: language, figures and their order,
decisions as they stand, and whether the reader may open cases.
"""

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from threading import Lock

from flask import render_template
from flask_babel import get_locale
from markupsafe import Markup

from casework.accounts.roles import Permission
from casework.estimates.figure_table import FigureLine
from casework.estimates.models import EstimateRun
from webapp.access import current_user
from webapp.charts import Axis

MOST = 64  # tables; of a whole province each takes some 400 KB
_kept: "OrderedDict[Hashable, Markup]" = OrderedDict()
_lock = Lock()


def figure_rows(run: EstimateRun, lines: Sequence[FigureLine], scale: Axis) -> Markup:
    """Return the rows of some figures of a run; the table longest unused makes room."""
    may_read = current_user().can(Permission.EVIDENCE_READ)
    shown = tuple((line.row.id, line.decision, line.overridden) for line in lines)
    key = (run.uid, str(get_locale()), may_read, scale.low, scale.high, shown)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    page = "estimates/_figure_rows.html"
    text = render_template(page, run=run, lines=lines, scale=scale, may_read=may_read)
    rendered = Markup(text)  # noqa: S704 - what a template gave is escaped
    with _lock:
        _kept[key] = rendered
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return rendered
