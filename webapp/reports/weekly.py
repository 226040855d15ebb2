"""The words of the weekly table, as the notice of the province prescribes them (annex 1)."""

from collections.abc import Iterator

from flask_babel import format_date
from flask_babel import gettext as _

from casework.campaigns.protocol import local_day
from casework.ledgers.projects import Project
from casework.regions.models import Region, RegionKind
from casework.reports.handouts import Order
from casework.reports.official import OfficialTable
from casework.reports.sheets import Cell
from casework.reports.weekly import Counts, WeeklyRow, WeeklyTable, weekly_table
from webapp.formats import local, number
from webapp.reports.parts import language, marks, source

ANNEX_COLUMNS = (None, Project.NEW_EMPLOYMENT, None, *list(Project)[1:])  # None: needs attrition


def weekly_paper(order: Order) -> OfficialTable:
    """Compose the weekly table of the region that was ordered. Raises NotFound without a frame."""
    table = weekly_table(order)
    return OfficialTable(
        annex=_("Annex 1"),
        title=_("Weekly table (summary) of the real-name register of new urban employment"),
        office=_office(order.region),
        period=_(
            "%(year)s, month %(month)s, week %(week)s",
            year=table.monday.year,
            month=table.monday.month,
            week=table.number,
        ),
        measure=_("Unit: persons"),
        corner=_("Region / item"),
        stub=_("A"),
        groups=_groups(),
        pair=(_("This week"), _("Year to date")),
        rows=[
            (_("Total"), _cells(table, table.total, _("not collected"))),
            *((_name(row), _cells(table, row.counts)) for row in table.rows),
        ],
        signatures=(
            _("Head of the office (seal):"),
            _("Head of the section (seal):"),
            _("Date: %(day)s", day=format_date(local_day(order.at), "long")),
        ),
        notes=[*_rules(), *_remarks(order, table)],
        marks=marks(order),
        source=_(
            "%(source)s · made by %(name)s, %(time)s",
            source=source(order.run),
            name=order.actor.name,
            time=local(order.at),
        ),
        page=_("Page {page} of {pages}"),
        language=language(),
    )


def _office(region: Region) -> str:
    """Name the office: a province has a department (厅), a city or county a bureau (局)."""
    if region.kind is RegionKind.PROVINCE:
        return str(_("Office (seal): labour department of %(region)s", region=region.name))
    return str(_("Office (seal): labour office of %(region)s", region=region.name))


def _groups() -> list[str]:
    return [
        _("New urban employment, net"),
        _("New urban employment, gross"),
        _("Natural attrition"),
        _("Unemployed persons re-employed"),
        _("Hardship cases employed"),
        _("Workers from overcapacity resettled"),
    ]


def _name(row: WeeklyRow) -> str:
    return _("%(region)s itself", region=row.region.name) if row.own else row.region.name


def _cells(table: WeeklyTable, counts: Counts, missing: str | None = None) -> list[Cell]:
    """Return the cells of a row; what is not known stays empty, which is not 0."""
    cells: list[Cell] = []
    for project in ANNEX_COLUMNS:
        if project in table.projects:
            count = counts[project]
            cells += [count.week, count.year]
        else:
            cells += [missing, missing]
    return cells


def _rules() -> Iterator[str]:
    """The notes of the form, word for word."""
    yield _(
        "Notes: (1) This table is filled in from the accepted real-name ledgers of new urban "
        "employment; its data must be complete, true and valid, and agree with the ledgers and "
        "the statistical reports."
    )
    yield _(
        "(2) The labour offices of cities and counties fill it in level by level, and list "
        "themselves and each lower region."
    )
    yield _(
        "(3) Standards, coverage and persons of each item follow the document "
        "豫人社办函〔2017〕183号 of the province. In the table column 1 = column 3 − column 5, "
        "column 2 = column 4 − column 6."
    )


def _remarks(order: Order, table: WeeklyTable) -> Iterator[str]:
    """Say where the figures come from and what is not in them."""
    yield _(
        "Source: the frame of %(campaign)s, that is the ledgers accepted and frozen up to "
        "%(until)s, each person once in a project. This week: employed or resettled from "
        "%(monday)s to %(until)s.",
        campaign=order.run.campaign.name,
        monday=format_date(table.monday, "long"),
        until=format_date(table.until, "long"),
    )
    yield _(
        "Natural attrition is in no ledger and is not collected: columns 5 and 6, and columns "
        "1 and 2 which follow from them, are left empty for the office to fill in."
    )
    if absent := [name for name, project in _named() if project not in table.projects]:
        yield _(
            "No ledger was accepted of these items, therefore empty: %(items)s.",
            items=_(", ").join(absent),
        )
    if undated := sum(count.undated for count in table.total.values()):
        yield _(
            "%(amount)s entries have no date; they are in the year to date alone.",
            amount=number(undated),
        )


def _named() -> Iterator[tuple[str, Project]]:
    for name, project in zip(_groups(), ANNEX_COLUMNS, strict=True):
        if project is not None:
            yield name, project
