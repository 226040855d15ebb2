"""What a campaign takes until its frame is frozen: targets, another name, its withdrawal."""

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.accounts.roles import Permission
from casework.campaigns import design, renaming
from casework.campaigns.errors import TargetsUnreadable
from casework.campaigns.overview import find_campaign
from casework.campaigns.target_tables import (
    official_overcapacity_targets,
    read_targets,
    target_table,
)
from casework.db import utcnow
from casework.ledgers.reading import decode
from casework.ledgers.refusals import UnknownEncoding
from casework.regions.tree import load_tree
from webapp.access import current_user, requires
from webapp.campaigns.forms import TargetsForm
from webapp.campaigns.views import bp, page_of
from webapp.errors import sentence


@bp.post("/<int:campaign_id>/name")
@requires(Permission.CAMPAIGN_DESIGN)
def rename(campaign_id: int) -> ResponseReturnValue:
    """Give a campaign that is not frozen another name."""
    find_campaign(campaign_id, actor=current_user())
    name, was = request.form.get("name", ""), request.form.get("was", "")
    renaming.rename_campaign(campaign_id, name, was=was, actor=current_user(), at=utcnow())
    flash(_("The campaign has another name now."), "ok")
    return redirect(url_for(".show", campaign_id=campaign_id))


@bp.post("/<int:campaign_id>/withdrawal")
@requires(Permission.CAMPAIGN_DESIGN)
def withdraw(campaign_id: int) -> ResponseReturnValue:
    """Withdraw a campaign that is not frozen."""
    find_campaign(campaign_id, actor=current_user())
    reason = request.form.get("reason", "")
    renaming.withdraw_campaign(campaign_id, reason, actor=current_user(), at=utcnow())
    flash(_("The campaign is withdrawn. It stays listed as such."), "ok")
    return redirect(url_for(".show", campaign_id=campaign_id))


@bp.get("/<int:campaign_id>/targets.csv")
@requires(Permission.CAMPAIGN_DESIGN)
def targets_table(campaign_id: int) -> ResponseReturnValue:
    """Hand out the table of targets with Chinese heads, to be filled in and taken back."""
    table = target_table(find_campaign(campaign_id, actor=current_user()), load_tree())
    return Response(
        table.encode("utf-8-sig"),  # with a mark that spreadsheets know it by
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="targets-{campaign_id}.csv"'},
    )


@bp.post("/<int:campaign_id>/targets")
@requires(Permission.CAMPAIGN_DESIGN)
def set_targets(campaign_id: int) -> ResponseReturnValue:
    """Take a table of targets; the earlier ones of its projects are replaced."""
    find_campaign(campaign_id, actor=current_user())
    form = TargetsForm()
    if form.validate_on_submit():
        try:
            rows = read_targets(decode(form.table.data.read()))
            design.set_targets(campaign_id, rows, actor=current_user(), at=utcnow())
        except UnknownEncoding:
            form.table.errors = [_("The file is no CSV in UTF-8 or GB18030. Nothing was changed.")]
        except TargetsUnreadable as error:
            form.table.errors = [sentence(error)]
        else:
            flash(_("%(amount)s targets were taken.", amount=len(rows)), "ok")
            return redirect(url_for(".show", campaign_id=campaign_id))
    return page_of(campaign_id, targets=form)


@bp.post("/<int:campaign_id>/official-targets")
@requires(Permission.CAMPAIGN_DESIGN)
def official_targets(campaign_id: int) -> ResponseReturnValue:
    """Take the overcapacity table of the notice."""
    find_campaign(campaign_id, actor=current_user())
    rows = official_overcapacity_targets()
    design.set_targets(campaign_id, rows, actor=current_user(), at=utcnow())
    flash(_("%(amount)s targets were taken.", amount=len(rows)), "ok")
    return redirect(url_for(".show", campaign_id=campaign_id))
