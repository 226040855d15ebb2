"""The certificate of a region's published result, under its own number."""

from flask_babel import format_date
from flask_babel import gettext as _

from casework.estimates.reading import region_table
from casework.reports.certificates import certified
from casework.reports.document import Block, Document, Paragraph, Table
from casework.reports.handouts import Order
from webapp.formats import local
from webapp.labels import label
from webapp.reports.parts import basis_table, paper, projects_table


def result_certificate(order: Order) -> Document:
    """Compose the certificate. Raises as certified(), and NotFound as its pages do."""
    table = region_table(order.run.uid, order.region.code, actor=order.actor)
    basis = certified(order.run, order.region, at=order.at)
    campaign = order.run.campaign
    signed = [
        [each.region.name, each.signed_by.name, local(each.signed_at), each.input_digest[:16]]
        for each in basis.signatures
    ]
    blocks: list[Block] = [
        Paragraph(
            _("No. %(number)s of %(year)s", number=basis.number, year=campaign.year),
            align="right",
            indent=False,
        ),
        Paragraph(
            _(
                "This is to certify that the tasks of %(year)s of %(region)s were verified in the "
                "campaign %(name)s (ledgers up to %(cutoff)s). Wholly complete: %(completion)s. "
                "The result by project is as follows.",
                year=campaign.year,
                region=order.region.name,
                name=campaign.name,
                cutoff=format_date(campaign.cutoff_on, "long"),
                completion=label(table.total.completion),
            )
        ),
        projects_table(_("Results by project"), table),
        Table(
            _("Signed"),
            [_("Office"), _("Signed by"), _("Time"), _("Digest of the data (start)")],
            signed,
            widths=(1.6, 1.2, 1.6, 1.8),
        ),
        Paragraph(
            _(
                "All figures are of one run. Whoever has its published bundle can compute them "
                "again; the bundle must name the same data and key."
            )
        ),
        basis_table(order.run),
    ]
    return paper(
        order,
        _("Certificate of the result of verification"),
        order.region.name,
        blocks,
        (_("Verifying office (seal):"), _("Date:")),
    )
