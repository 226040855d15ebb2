"""The rows of long tables of runs as they were rendered: a run never changes.

What may differ between two readers of one table is in the key: language, figures and their order,
decisions as they stand, and whether the reader may open cases.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from threading import Lock

from flask import render_template
from flask_babel import get_locale
from markupsafe import Markup

from casework.accounts.roles import Permission
from casework.estimates.comparing import Comparison, Pair
from casework.estimates.figure_table import FigureLine
from casework.estimates.models import EstimateRun
from casework.regions.tree import load_tree
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
    facts = {"run": run, "lines": lines, "scale": scale, "may_read": may_read}
    return _rendered("estimates/_figure_rows.html", key, facts)


def pair_rows(compared: Comparison, pairs: Sequence[Pair]) -> Markup:
    """Return the rows of two runs side by side."""
    shown = tuple((pair.project, pair.region_code) for pair in pairs)
    key = (compared.old.uid, compared.new.uid, str(get_locale()), shown)
    facts = {"old": compared.old, "new": compared.new, "pairs": pairs, "tree": load_tree()}
    return _rendered("estimates/_pair_rows.html", key, facts)


def _rendered(page: str, key: Hashable, facts: Mapping[str, object]) -> Markup:
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    text = render_template(page, **facts)
    rendered = Markup(text)  # noqa: S704 - what a template gave is escaped
    with _lock:
        _kept[key] = rendered
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return rendered
