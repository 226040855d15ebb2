"""What the verification report says of its method and of its errors."""

from collections.abc import Iterator

from flask_babel import gettext as _

from casework.estimates.reading import RegionTable
from casework.reports.document import Block, Heading, Paragraph, Table
from webapp.estimates.words import FLAGS, interval_words
from webapp.formats import MISSING, number, percent, percent_span
from webapp.labels import label
from webapp.reports.parts import in_order


def method_and_errors(table: RegionTable) -> Iterator[Block]:
    """Say how the figures came about, how it was decided, and what remains unknown."""
    run = table.run
    yield Heading(_("4. Method and errors"))
    yield Paragraph(
        _(
            "Within each county and project (in overcapacity: within each enterprise of a unit) a "
            "simple random sample was drawn. The answers by phone are corrected by what random "
            "visits found in the same class of answers, and expanded to the whole ledger. Cases "
            "with a lead are a class of their own, of which all are to be visited. Unresolved "
            "cases of a kind that nobody visited are taken to be like the others of their stratum. "
            "The interval that is shown is %(interval)s at %(level)s.",
            interval=interval_words(run.method["interval"]),
            level=percent(run.method["level"], 0),
        )
    )
    yield Paragraph(
        _(
            "No decision rests on the interval that is shown. A task counts as met or not met only "
            "if the data rule out the contrary: by an exact test at 5% where one stratum is known "
            "wholly, by conservative limits at 2.5% on each side elsewhere. Everything else is "
            "undetermined, which is no failure."
        )
    )
    yield Paragraph(
        _(
            "Who could not be reached is the largest uncertainty. The bounds in the annex assume "
            "nothing of them; the decision takes classes nobody visited once as all wrong and once "
            "as all right. Errors of interviewers and of those who found people on site are not "
            "part of the interval."
        )
    )
    yield _errors(table)
    yield from _notes(table)


def _notes(table: RegionTable) -> Iterator[Block]:
    """Say what must be known of single figures, and of which."""
    flagged: dict[str, list[str]] = {}
    for line in (table.total, *table.lines):
        for project, row in line.rows.items():
            figure = _("%(region)s (%(project)s)", region=line.region.name, project=label(project))
            for flag in dict.fromkeys(flag.partition(":")[0] for flag in row.flags):
                flagged.setdefault(flag, []).append(figure)
    notes = [
        [str(FLAGS[flag]), _(", ").join(figures)]
        for flag, figures in flagged.items()
        if "%(stratum)s" not in str(FLAGS[flag])
    ]
    if notes:
        heads = [_("Remarks"), _("Figures concerned")]
        yield Table(_("Table 5: remarks on single figures"), heads, notes, widths=(3, 4))


def _errors(table: RegionTable) -> Table:
    rows = [
        [
            str(label(project)),
            number(row.completed_se),
            number(row.sampled - row.resolved),
            percent_span(row.bounds_low, row.bounds_high),
            percent(row.target / row.frame_size) if row.target and row.frame_size else MISSING,
        ]
        for project, row in in_order(table)
    ]
    heads = [
        _("Project"),
        _("Standard error, persons"),
        _("Cases without a verdict"),
        _("Share of the ledger: lower limit if these are all false, upper limit if all true"),
        _("Share that the task needs"),
    ]
    return Table(
        _("Table 4: sampling error, and what nobody knows"),
        heads,
        rows,
        frozenset({1, 2, 3, 4}),
        (1.6, 1.1, 1.1, 1.8, 1.1),
    )
