"""Parts that several papers share: what stands on every page, tables of figures, plots."""

from collections.abc import Iterable, Iterator, Sequence

from flask import current_app
from flask_babel import format_date, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casework.campaigns.protocol import local_day
from casework.estimates.directory import run_number
from casework.estimates.judgement import stages
from casework.estimates.judging_models import Override
from casework.estimates.models import EstimateRow, EstimateRun
from casework.estimates.reading import Line, RegionTable
from casework.estimates.stages import RunStage
from casework.ledgers.projects import CALLED, Project
from casework.reports.document import Bar, Document, Forest, Paragraph, Table
from casework.reports.handouts import Order
from casework.reports.lost_evidence import lost_photos, recordings
from casework.sealing import public_key
from estimation.decision import Decision
from webapp.charts import axis_around, shape
from webapp.estimates.words import interval_words, reason
from webapp.formats import local, number, percent, percent_span, span
from webapp.labels import label
from webapp.reports.words import DECISIONS

_UNSIGNED = {
    RunStage.DRAFT: _l("Draft: not signed"),
    RunStage.PRELIMINARY: _l("Preliminary: not signed by the province"),
    RunStage.WITHDRAWN: _l("Withdrawn"),
}
MOST_CASES = 30  # named in a paper; the others stand on their pages
LONGEST_NAME = 12  # characters beside a plot; tables have the whole name


def marks(order: Order) -> list[str]:
    """Return what must be said on every page, the weightiest first."""
    run, said = order.run, []
    if current_app.config["DEMO"]:
        said.append(_("Demonstration data"))
    if run.interim:
        said.append(_("Interim: not a finding"))
    if unsigned := unsigned_mark(stages([run])[run.id]):
        said.append(unsigned)
    if local_day(order.at) < run.campaign.results_from:
        said.append(_("Secret until %(day)s", day=format_date(run.campaign.results_from, "long")))
    return said


def unsigned_mark(stage: RunStage) -> str:
    """Say that nobody of the province signed a run that has come so far, or nothing."""
    return str(_UNSIGNED.get(stage, ""))


def source(run: EstimateRun) -> str:
    """Name the run, so that every number of a paper can be found and computed again."""
    return str(
        _(
            "Run %(number)s (%(uid)s) · data %(digest)s · %(interval)s · program %(version)s",
            number=run_number(run),
            uid=run.uid,
            digest=run.input_digest[:16],
            interval=interval_words(run.method["interval"]),
            version=run.code_version,
        )
    )


def paper(
    order: Order, title: str, subtitle: str, blocks: Sequence[object], seal: Sequence[str] = ()
) -> Document:
    """Return a document with what every paper of a run has."""
    return Document(
        title=title,
        subtitle=subtitle,
        marks=marks(order),
        source=source(order.run),
        page=_("Page {page} of {pages}"),
        language=language(),
        blocks=tuple(blocks),  # type: ignore[arg-type] # a mixed list of blocks
        seal=tuple(seal),
    )


def language() -> str:
    """Return the language of a paper as its file names it, such as zh-Hans-CN."""
    return str(get_locale()).replace("_", "-")


def projects_table(caption: str, table: RegionTable) -> Table:
    """Return the figures of one region, a line for each project."""
    line = table.total
    return Table(
        caption,
        [
            _("Project"),
            _("In the ledger"),
            _("Sampled"),
            _("With a verdict"),
            _("Task"),
            _("Completed (estimate)"),
            _("Interval"),
            _("Rate"),
            _("Decision"),
        ],
        [_project_row(project, line) for project in table.projects],
        frozenset({1, 2, 3, 4, 5, 6, 7}),
        (2.15, 1, 0.85, 1, 1, 1.1, 1.8, 1.1, 1.2),
        _("Persons. Interval at %(level)s; rate = estimate ÷ task.", level=_level(table.run)),
    )


def in_order(table: RegionTable) -> Iterator[tuple[Project, EstimateRow]]:
    """Yield the projects of a region that have figures, in the order of the tables."""
    for project in table.projects:
        if project in table.total.rows:
            yield project, table.total.rows[project]


def _project_row(project: Project, line: Line) -> list[str]:
    row, word = line.rows.get(project), decided(line, project)
    if row is None:
        why = _("judged at the desk") if project not in CALLED else "—"
        return [str(label(project)), *["—"] * 5, why, "—", word]
    return [
        str(label(project)),
        number(row.frame_size),
        number(row.sampled),
        number(row.resolved),
        number(row.target),
        number(row.completed),
        span(row.completed_low, row.completed_high),
        percent(row.rate),
        word,
    ]


def regions_table(caption: str, table: RegionTable) -> Table:
    """Return the lower regions, with rate and decision of every project."""
    heads = [_("Region"), _("Wholly complete")]
    for project in table.projects:
        heads += (
            [str(label(project)), _("Decision")] if project in CALLED else [str(label(project))]
        )
    rows = [
        [line.region.name, str(label(line.completion)), *_cells(table.projects, line)]
        for line in (table.total, *table.lines)
    ]
    numeric = frozenset(
        i for i, head in enumerate(heads) if heads[i + 1 : i + 2] == [_("Decision")]
    )
    wide = tuple(1.5 if i == 0 else 1.3 if i == 1 else 1.25 for i in range(len(heads)))
    note = _("Rates are of the task; — means no task or no figure.")
    return Table(caption, heads, rows, numeric, wide, note)


def _cells(projects: Iterable[Project], line: Line) -> list[str]:
    cells: list[str] = []
    for project in projects:
        row = line.rows.get(project)
        cells += [percent(row.rate) if row else "—"] if project in CALLED else []
        cells.append(decided(line, project))
    return cells


def decided(line: Line, project: Project) -> str:
    """Return the decision about a project of a region in words."""
    return str(DECISIONS[line.decisions.get(project, "no_task")])


def forest(caption: str, table: RegionTable, project: Project) -> Forest | None:
    """Return the plot of the lower regions in one project, None without any rate."""
    lines = [line for line in (table.total, *table.lines) if project in line.rows]
    rows = [line.rows[project] for line in lines]
    ends = [end for row in rows for end in (row.rate_low, row.rate_high) if end is not None]
    if not ends:
        return None
    axis = axis_around(ends)
    return Forest(
        caption,
        [_bar(line, line.rows[project]) for line in lines],
        axis.low,
        axis.high,
        axis.ticks,
        _("● met  ■ not met  ○ undetermined; the line is the interval, the dashed one the task"),
    )


def _bar(line: Line, row: EstimateRow) -> Bar:
    name = line.region.name
    short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
    text = f"{percent(row.rate)}  {DECISIONS[row.decision]}"
    return Bar(short, row.rate, row.rate_low, row.rate_high, shape(row.decision), text)


def why(row: EstimateRow | None) -> str:
    """Return a few words on why a figure is decided as it is, with its numbers."""
    if row is None or row.rate is None:
        return reason(row) if row else ""
    facts = _(
        "rate %(rate)s, interval %(span)s",
        rate=percent(row.rate),
        span=percent_span(row.rate_low, row.rate_high),
    )
    said = reason(row)
    return f"{facts}{_('; ')}{said}" if said else facts


def reason_of(line: Line, project: Project) -> str:
    """Return why a project of a region is decided as it is, by whomever."""
    decision = line.decisions.get(project, Decision.NO_TASK)
    return reason_for(project, decision, line.rows.get(project), line.overrides.get(project))


def reason_for(
    project: Project, decision: Decision, row: EstimateRow | None, override: Override | None
) -> str:
    """Return why *project* is decided as it is: by people, by its figure, or at the desk."""
    if override:
        return str(
            _(
                "set by two people, by the rule %(computed)s: %(reason)s",
                computed=DECISIONS[override.computed],
                reason=override.reason,
            )
        )
    if project in CALLED or row is not None:
        return why(row)
    if decision in {Decision.MET, Decision.NOT_MET}:
        return str(_("as the coordinator entered it"))
    return str(_("the coordinator has not entered an outcome"))


def evidence_lines(order: Order) -> Iterator[Paragraph]:
    """Say which photos under the figures are lost or altered."""
    lost = sorted({photo.case_code for photo in lost_photos(order.run, order.region.code)})
    if lost:
        yield Paragraph(
            _(
                "Photos taken on site are lost or were altered since they came in %(amount)s "
                "cases: %(cases)s. The figures follow the findings as they were recorded; these "
                "findings can no longer be shown by their photos.",
                amount=number(len(lost)),
                cases=_(", ").join(lost[:MOST_CASES]) + ("…" if len(lost) > MOST_CASES else ""),
            )
        )


def recording_lines(order: Order) -> Iterator[Paragraph]:
    """Say which calls name no recording; a telephone system that keeps none is named as such."""
    calls = recordings(order.run, order.region.code)
    if calls.calls and calls.missing == calls.calls:
        yield Paragraph(_("The telephone system in use keeps no recordings of calls."))
    elif calls.missing:
        yield Paragraph(
            _(
                "Of %(calls)s calls that brought a verdict %(missing)s name no recording.",
                calls=number(calls.calls),
                missing=number(calls.missing),
            )
        )


def basis_table(run: EstimateRun) -> Table:
    """Return by what a run can be found, and computed again from its bundle."""
    rows = [
        [_("Run"), run.uid],
        [_("Computed"), computed(run)],
        [_("Digest of the inputs (SHA-256)"), run.input_digest],
        [_("Key of the bundle's signature (Ed25519)"), public_key()],
    ]
    return Table("", [_("Item"), _("Value")], rows, widths=(1.6, 5))


def _level(run: EstimateRun) -> str:
    return percent(run.method["level"], 0)


def computed(run: EstimateRun) -> str:
    """Say when the run was computed."""
    return local(run.finished_at)
