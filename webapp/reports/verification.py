"""The verification report of a region, in the outline of official reports."""

from collections import Counter
from collections.abc import Iterator

from flask_babel import format_date
from flask_babel import gettext as _

from casework.estimates.models import Completion
from casework.estimates.reading import RegionTable, region_table
from casework.estimates.sureness import how_sure
from casework.ledgers.projects import CALLED
from casework.regions.tree import RegionTree
from casework.reports.document import Block, Document, Heading, Paragraph, Table
from casework.reports.handouts import Order
from casework.reports.shortfalls import Shortfall, shortfalls
from estimation.decision import Decision
from webapp.estimates.composition import Composition
from webapp.estimates.words import verdicts
from webapp.formats import MISSING, chance, number, percent, points
from webapp.labels import label
from webapp.reports.method import method_and_errors
from webapp.reports.parts import (
    basis_table,
    evidence_lines,
    forest,
    in_order,
    paper,
    projects_table,
    reason_for,
    recording_lines,
    regions_table,
)


def verification_report(order: Order) -> Document:
    """Compose the report of the region that was ordered. Raises NotFound as its pages do."""
    table = region_table(order.run.uid, order.region.code, actor=order.actor)
    year, region = order.run.campaign.year, order.region.name
    blocks = [
        *_basis(order, table),
        *_results(table),
        *_problems(table),
        *method_and_errors(table),
        *_remarks(order),
    ]
    return paper(
        order,
        _(
            "Verification report on the employment tasks of %(year)s: %(region)s",
            year=year,
            region=region,
        ),
        _("Campaign: %(name)s", name=order.run.campaign.name),
        blocks,
        (_("Verifying office (seal):"), _("Date:")),
    )


def _basis(order: Order, table: RegionTable) -> Iterator[Block]:
    campaign = order.run.campaign
    yield Heading(_("1. What was verified"))
    yield Heading(_("(1) Scope"), 2)
    yield Paragraph(
        _(
            "This campaign covers the tasks of %(year)s in %(region)s up to %(cutoff)s: "
            "%(projects)s. What is verified are the real-name ledgers that were accepted and "
            "frozen before the draw.",
            year=campaign.year,
            region=order.region.name,
            cutoff=format_date(campaign.cutoff_on, "long"),
            projects=_(", ").join(str(label(project)) for project in table.projects),
        )
    )
    yield Heading(_("(2) Sample and fieldwork"), 2)
    rows = [row for _, row in in_order(table)]
    yield Paragraph(
        _(
            "Of %(frame)s entries in the ledgers %(sampled)s were drawn at random and called, and "
            "%(visited)s of those were visited; %(resolved)s have a verdict. The seed of the draw "
            "was fixed by several parties together, and the draw can be repeated from its "
            "published files.",
            frame=number(sum(row.frame_size for row in rows)),
            sampled=number(sum(row.sampled for row in rows)),
            visited=number(sum(Composition.of(row).visited.amount for row in rows)),
            resolved=number(sum(row.resolved for row in rows)),
        )
    )


def _results(table: RegionTable) -> Iterator[Block]:
    yield Heading(_("2. Results"))
    yield Heading(_("(1) The region as a whole"), 2)
    yield Paragraph(_whole(table))
    yield projects_table(_("Table 1: results by project"), table)
    yield from _sureness(table)
    yield Heading(_("(2) How the sample was judged"), 2)
    judged = _judged(table)
    if judged.rows:
        yield Paragraph(
            _(
                "Deemed achieved (not working or resettled by the person's own choice) counts as "
                "achieved and is shown apart. Nobody who could not be reached is replaced."
            )
        )
        yield judged
    else:
        yield Paragraph(_("No case of this region has been released."))
    if table.lines:
        yield Heading(_("(3) The lower regions"), 2)
        yield Paragraph(_counts(table))
        yield regions_table(_("Table 3: results by region"), table)
        for number_, project in enumerate((p for p in table.projects if p in CALLED), start=1):
            plot = forest(
                _(
                    "Figure %(number)s: rates in %(project)s",
                    number=number_,
                    project=label(project),
                ),
                table,
                project,
            )
            if plot is not None:
                yield plot


def _sureness(table: RegionTable) -> Iterator[Block]:
    sure = how_sure(table.run)
    region = sure.get(table.total.region.code)
    if region is not None and region.complete is not None:
        yield Paragraph(
            _(
                "By simulation from the sample, the probability that all called projects of the "
                "region and of its lower regions are met is %(chance)s (error of the simulation "
                "%(error)s percentage points). It describes the evidence and decides nothing.",
                chance=chance(region.complete),
                error=points(None if region.error is None else 2 * region.error, 2),
            )
        )
    named = [
        _("%(region)s (%(project)s)", region=line.region.name, project=label(project))
        for line in table.lines
        for project, decision in line.decisions.items()
        if decision is Decision.NOT_MET and line.region.code in sure
        if sure[line.region.code].named(project)
    ]
    if named:
        yield Paragraph(
            _(
                "Also if all tests of the run are taken together (Holm, risk 5%%), not met are: "
                "%(regions)s.",
                regions=_(", ").join(named),
            )
        )


def _whole(table: RegionTable) -> str:
    region = table.total.region.name
    sentences = {
        Completion.COMPLETE: _("%(region)s is wholly complete.", region=region),
        Completion.NOT_COMPLETE: _("%(region)s is not wholly complete.", region=region),
        Completion.UNDETERMINED: _(
            "Whether %(region)s is wholly complete is undetermined.", region=region
        ),
        Completion.NO_TASK: _("%(region)s has no task.", region=region),
    }
    rule = _(
        "A region is wholly complete only if every project with a task is met and every "
        "next-lower region with a task is complete."
    )
    return str(_("%(sentence)s %(rule)s", sentence=sentences[table.total.completion], rule=rule))


def _judged(table: RegionTable) -> Table:
    rows = []
    for project, row in in_order(table):
        for count in verdicts(row.classes["outcomes"]):
            share = count.amount / row.sampled if row.sampled else None
            rows.append(
                [
                    str(label(project)),
                    count.word,
                    number(count.amount),
                    percent(share),
                    _("; ").join(count.parts),
                ]
            )
    return Table(
        _("Table 2: verdicts of the sample"),
        [_("Project"), _("Verdict"), _("Cases"), _("Share of the sample"), _("By outcome")],
        rows,
        frozenset({2, 3}),
        (1.8, 1.1, 0.8, 0.9, 4.5),
    )


def _counts(table: RegionTable) -> str:
    found = Counter(line.completion for line in table.lines)
    text: str = _(
        "Of %(all)s lower regions %(complete)s are wholly complete, %(not)s are not, "
        "%(undetermined)s are undetermined and %(none)s have no task.",
        all=len(table.lines),
        complete=found[Completion.COMPLETE],
        none=found[Completion.NO_TASK],
        undetermined=found[Completion.UNDETERMINED],
        **{"not": found[Completion.NOT_COMPLETE]},
    )
    return text


def _problems(table: RegionTable) -> Iterator[Block]:
    yield Heading(_("3. Problems found"))
    found = shortfalls(table.run, table.total.region.code, table.tree)
    for level, (decision, title, none) in enumerate(
        (
            (Decision.NOT_MET, _("Tasks that were not met"), _("No task was found not met.")),
            (
                Decision.UNDETERMINED,
                _("Tasks that are undetermined"),
                _("No task is undetermined."),
            ),
        ),
        start=1,
    ):
        yield Heading(_("(%(number)s) %(title)s", number=_numeral(level), title=title), 2)
        rows = [_shortfall(each, table.tree) for each in found if each.decision is decision]
        if rows:
            heads = [_("Region"), _("Reports to"), _("Project"), _("Why")]
            yield Table("", heads, rows, widths=(1.3, 1.3, 1.6, 5))
        else:
            yield Paragraph(none)


def _numeral(number_: int) -> str:
    """Count as official papers do; the Chinese numerals stand in the translation."""
    return str((_("1"), _("2"))[number_ - 1])


def _shortfall(found: Shortfall, tree: RegionTree) -> list[str]:
    unit = found.region.unit_code
    return [
        found.region.name,
        tree.name(unit) if unit and unit != found.region.code else MISSING,
        str(label(found.project)),
        reason_for(found.project, found.decision, found.row, found.override),
    ]


def _remarks(order: Order) -> Iterator[Block]:
    run = order.run
    yield Heading(_("5. Remarks"))
    if run.interim:
        yield Paragraph(
            _("This report is interim: some released cases were unfinished when it was computed.")
        )
    yield from evidence_lines(order)
    yield from recording_lines(order)
    yield Paragraph(
        _(
            "All figures are of one run. Whoever has its published bundle can compute them again; "
            "the bundle must name the same data and key."
        )
    )
    yield basis_table(run)
    yield Paragraph(
        _(
            "Counties are shown results when the run is signed and announced, not before %(day)s.",
            day=format_date(run.campaign.results_from, "long"),
        )
    )
