"""The notice by which a region learns what was found about it, and how it may object."""

from flask_babel import format_date
from flask_babel import gettext as _

from casework.estimates.reading import region_table
from casework.reports.document import Block, Document, Paragraph, Table
from casework.reports.handouts import Order
from webapp.labels import label
from webapp.reports.parts import computed, decided, evidence_lines, paper, projects_table, reason_of


def result_notice(order: Order) -> Document:
    """Compose the notice to the region that was ordered. Raises NotFound as its pages do."""
    table = region_table(order.run.uid, order.region.code, actor=order.actor)
    campaign, line = order.run.campaign, table.total
    reasons = [
        [str(label(project)), decided(line, project), reason_of(line, project)]
        for project in table.projects
    ]
    blocks: list[Block] = [
        Paragraph(_("To the labour office of %(region)s:", region=order.region.name), indent=False),
        Paragraph(
            _(
                "Your tasks of %(year)s were verified in the campaign %(name)s (ledgers up to "
                "%(cutoff)s). Wholly complete: %(completion)s. The results are as follows.",
                year=campaign.year,
                name=campaign.name,
                cutoff=format_date(campaign.cutoff_on, "long"),
                completion=label(line.completion),
            )
        ),
        projects_table(_("Results by project"), table),
        Table(_("Why"), [_("Project"), _("Decision"), _("Why")], reasons, widths=(1.6, 1, 5)),
        *evidence_lines(order),
        Paragraph(
            _(
                "The figures were computed at %(time)s. If you object, say so in writing within "
                "five working days of receiving this notice, with your evidence.",
                time=computed(order.run),
            )
        ),
    ]
    return paper(
        order,
        _("Notice of the result of verification"),
        _("Campaign: %(name)s", name=campaign.name),
        blocks,
        (_("Verifying office (seal):"), _("Date:")),
    )
