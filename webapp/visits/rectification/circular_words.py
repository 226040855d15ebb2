"""The words of a circular: the same on the page and in the document."""

from flask_babel import gettext as _

from casework.estimates.models import Completion
from casework.reports.circular import Circular, Section, Shortfall
from casework.visits.rectification_models import MatterKind, MatterState
from estimation.decision import Decision
from webapp.formats import percent, percent_span
from webapp.labels import label


def title_of(draft: Circular) -> str:
    """Return the title."""
    return str(_("Circular on the results of “%(name)s” (draft)", name=draft.campaign.name))


def sections_of(draft: Circular) -> list[Section]:
    """Return the parts of the circular."""
    return [_overall(draft), _shortfalls(draft), _matters(draft), _basis(draft)]


def _overall(draft: Circular) -> Section:
    lines = [
        _of(draft, Completion.COMPLETE, _("Wholly complete")),
        _of(draft, Completion.NOT_COMPLETE, _("Not complete")),
        _of(draft, Completion.UNDETERMINED, _("Undetermined")),
        _of(draft, Completion.NO_TASK, _("No task")),
    ]
    return Section(str(_("Overall")), lines)


def _of(draft: Circular, completion: Completion, words: str) -> str:
    regions = draft.completions[completion]
    names = "、".join(region.name for region in regions) or "—"
    return str(
        _("%(words)s (%(number)s): %(names)s", words=words, number=len(regions), names=names)
    )


def _shortfalls(draft: Circular) -> Section:
    heads = (_("Region"), _("Project"), _("Task"), _("Completed"), _("Rate"), _("Decision"))
    rows = [_shortfall(found) for found in draft.shortfalls]
    none = str(_("No task is unmet or undetermined."))
    table = [[str(head) for head in heads], *rows] if rows else []
    return Section(str(_("Tasks not met or undetermined")), [] if rows else [none], table)


def _shortfall(found: Shortfall) -> list[str]:
    words = {
        Decision.NOT_MET: _("Not met"),
        Decision.UNDETERMINED: _("Undetermined"),
    }
    row = found.row
    figures = ["—", "—", "—"]
    if row is not None:
        figures[0] = f"{row.target:,}" if row.target is not None else "—"
        figures[1] = f"{row.completed:,.0f}" if row.completed is not None else "—"
        if row.rate is not None and row.rate_low is not None and row.rate_high is not None:
            figures[2] = f"{percent(row.rate)} ({percent_span(row.rate_low, row.rate_high)})"
    return [
        found.region.name,
        str(label(found.project)),
        *figures,
        str(words.get(found.decision, found.decision)),
    ]


def _matters(draft: Circular) -> Section:
    lines = [
        str(
            _(
                "%(kind)s: %(all)s in all, %(closed)s closed.",
                kind=label(kind),
                all=sum(n for (k, _state), n in draft.matters.items() if k is kind),
                closed=draft.matters[kind, MatterState.CLOSED],
            )
        )
        for kind in MatterKind
    ]
    heads = (_("Region"), _("Addressed to"), _("Kind"), _("To be answered by"))
    late = [
        [draft.tree.name(m.region_code), m.addressee, str(label(m.kind)), m.due_on.isoformat()]
        for m in draft.overdue
    ]
    lines.append(str(_("Not answered in time: %(number)s.", number=len(late))))
    table = [[str(head) for head in heads], *late] if late else []
    return Section(str(_("Rectification")), lines, table)


def _basis(draft: Circular) -> Section:
    lines = [
        str(
            _(
                "Run %(number)s of %(day)s; digest of its inputs %(digest)s.",
                number=draft.number,
                day=draft.run.requested_at.date().isoformat(),
                digest=draft.run.input_digest,
            )
        ),
        str(_("Rates are extrapolated from a sample; the brackets hold the confidence interval.")),
    ]
    if draft.run.interim:
        lines.append(str(_("The run is interim: some released cases were unfinished.")))
    return Section(str(_("What this rests on")), lines)
