"""The words of a circular: the same on the page and in the document."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from flask_babel import get_locale
from flask_babel import gettext as _

from casework.estimates.models import Completion
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from casework.reports.circular import Circular
from casework.reports.document import Block, Document, Heading, Paragraph, Table
from casework.reports.shortfalls import Shortfall
from casework.visits.rectification_models import MatterKind, MatterState
from webapp.formats import number, percent, percent_span
from webapp.labels import label
from webapp.reports.parts import source, unsigned_mark

HEADING = "# "  #: begins a line of the edited text that is a heading
WIDE = 3  # where a table has a column of long names


def document_of(draft: Circular, *, demonstration: bool) -> Document:
    """Put the circular into words."""
    marks = [_("Draft")]
    marks += [unsigned] if (unsigned := unsigned_mark(draft.stage)) else []
    marks += [_("Interim")] if draft.run.interim else []
    marks += [_("Demonstration data")] if demonstration else []
    if draft.secret:
        marks.append(_("Secret until %(day)s", day=draft.campaign.results_from))
    return Document(
        title=_("Circular on the results of “%(name)s” (draft)", name=draft.campaign.name),
        subtitle="",
        marks=marks,
        source=source(draft.run),
        page=_("Page {page} of {pages}"),
        language=str(get_locale()).replace("_", "-"),
        blocks=[*_overall(draft), *_shortfalls(draft), *_matters(draft), *_basis(draft)],
    )


def text_of(document: Document) -> str:
    """Return the running text of a document to be edited: a line for each paragraph."""
    lines = []
    for block in document.blocks:
        if isinstance(block, Heading):
            lines.append(f"{HEADING}{block.text}")
        elif isinstance(block, Paragraph):
            lines.append(block.text)
    return "\n".join(lines)


def edited(document: Document, words: str) -> Document:
    """Return the document with what people wrote; its tables follow as they were computed."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    text: list[Block] = [
        Heading(line.removeprefix(HEADING)) if line.startswith(HEADING) else Paragraph(line)
        for line in lines
    ]
    tables = [block for block in document.blocks if isinstance(block, Table)]
    annex: list[Block] = [Heading(_("Annexed tables")), *tables] if tables else []
    return replace(document, blocks=[*text, *annex])


def _overall(draft: Circular) -> list[Block]:
    parts = (
        (Completion.COMPLETE, _("Wholly complete")),
        (Completion.NOT_COMPLETE, _("Not complete")),
        (Completion.UNDETERMINED, _("Undetermined")),
        (Completion.NO_TASK, _("No task")),
    )
    return [Heading(_("Overall")), *(_of(draft, code, words) for code, words in parts)]


def _of(draft: Circular, completion: Completion, words: str) -> Paragraph:
    regions = draft.completions[completion]
    names = "、".join(region.name for region in regions) or "—"
    return Paragraph(
        _("%(words)s (%(number)s): %(names)s", words=words, number=len(regions), names=names)
    )


def _shortfalls(draft: Circular) -> list[Block]:
    units = [one for one in draft.not_met if one.region.is_unit or one.region.code == PROVINCE]
    counties = [one for one in draft.not_met if one not in units]
    blocks: list[Block] = [Heading(_("Tasks not met"))]
    if units:
        blocks += [_table(_("Reporting units"), units)]
    if counties:
        blocks += [_table(_("Counties"), counties)]
    if not draft.not_met:
        blocks += [Paragraph(_("No task is not met."))]
    elif any(((one.row and one.row.rate_high) or 0) > 1 for one in draft.not_met):
        blocks += [
            Paragraph(
                _(
                    "Where an interval reaches beyond the task, “not met” follows from the rule of "
                    "decisions, not from that interval."
                )
            )
        ]
    if draft.unnamed:
        blocks += [
            Paragraph(
                _(
                    "%(number)s more tasks are not met by their own tests, but not when all tests "
                    "of the run are taken together (Holm); they are not named here.",
                    number=len(draft.unnamed),
                )
            )
        ]
    return [*blocks, *_undetermined(draft)]


def _undetermined(draft: Circular) -> list[Block]:
    """Count what is undetermined; nobody is named for what is not known."""
    counted = Counter((one.project, one.region.is_unit) for one in draft.undetermined)
    lines = [
        Paragraph(
            _(
                "Undetermined in %(project)s: %(units)s reporting units, %(counties)s counties.",
                project=label(project),
                units=counted[project, True],
                counties=counted[project, False],
            )
        )
        for project in Project
        if counted[project, True] + counted[project, False]
    ]
    return [Heading(_("Undetermined tasks")), *lines] if lines else []


def _table(caption: str, found: Sequence[Shortfall]) -> Table:
    heads = [_("Region"), _("Project"), _("Task"), _("Completed"), _("Rate"), _("Decision")]
    rows = [_shortfall(one) for one in found]
    return Table(caption, heads, rows, frozenset({2, 3, 4}), (1.4, 2, 1, 1, 2, 1.2))


def _shortfall(found: Shortfall) -> list[str]:
    row, figures = found.row, ["—", "—", "—"]
    if row is not None:
        figures = [number(row.target), number(row.completed and round(row.completed)), "—"]
        if row.rate is not None:
            figures[2] = f"{percent(row.rate)} ({percent_span(row.rate_low, row.rate_high)})"
    return [found.region.name, str(label(found.project)), *figures, _("Not met")]


def _matters(draft: Circular) -> list[Block]:
    counted = [
        Paragraph(
            _(
                "%(kind)s: %(all)s in all, %(closed)s closed.",
                kind=label(kind),
                all=sum(draft.matters[kind, state] for state in MatterState),
                closed=draft.matters[kind, MatterState.CLOSED],
            )
        )
        for kind in MatterKind
    ]
    late = Paragraph(_("Not answered in time: %(number)s.", number=len(draft.overdue)))
    blocks: list[Block] = [Heading(_("Rectification")), *counted, late]
    if draft.overdue:
        heads = [_("Region"), _("Addressed to"), _("Kind"), _("To be answered by")]
        rows = [
            [draft.tree.name(m.region_code), m.addressee, str(label(m.kind)), m.due_on.isoformat()]
            for m in draft.overdue
        ]
        blocks.append(Table("", heads, rows, widths=(2, WIDE, 1, 1.2)))
    return blocks


def _basis(draft: Circular) -> list[Block]:
    return [
        Heading(_("What this rests on")),
        Paragraph(
            _(
                "Run %(number)s of %(day)s; digest of its inputs %(digest)s.",
                number=draft.number,
                day=draft.run.requested_at.date().isoformat(),
                digest=draft.run.input_digest,
            )
        ),
        Paragraph(
            _("Rates are extrapolated from a sample; the brackets hold the confidence interval.")
        ),
    ]
