"""How the callers of a campaign introduce themselves."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.accounts.roles import Permission
from casework.calls import caller as calling
from casework.calls.caller import Caller
from casework.calls.progress import called_campaigns
from casework.db import utcnow
from webapp.access import current_user, requires
from webapp.calls import words
from webapp.calls.forms import CallerForm
from webapp.calls.supervision import bp, chosen_campaign, no_campaign


@bp.route("/introduction", methods=["GET", "POST"])
@requires(Permission.CALL_SUPERVISE)
def introduction() -> ResponseReturnValue:
    """Show and change the agency, the hotline and the check page that the script names."""
    campaign = chosen_campaign()
    if campaign is None:
        return no_campaign(_("Introduction"))
    form = CallerForm(obj=calling.caller(campaign.id))
    if form.validate_on_submit():
        said = Caller(form.agency.data, form.hotline.data, form.check_place.data)
        calling.set_caller(campaign.id, said, actor=current_user(), at=utcnow())
        flash(_("Callers introduce themselves so from the next question on."), "ok")
        return redirect(url_for(".introduction", campaign=campaign.id), 303)
    page = render_template(
        "supervision/introduction.html",
        form=form,
        spoken=words.introduction(
            campaign.year, campaign.projects[0].project, calling.caller(campaign.id)
        ),
        campaign=campaign,
        campaigns=called_campaigns(actor=current_user()),
    )
    return page, 422 if form.errors else 200
