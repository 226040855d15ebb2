"""Figures of the calls: progress and yield, and response rates with their exports."""

from io import BytesIO

from flask import current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.accounts.directory import all_users
from casework.accounts.roles import Permission
from casework.calls import progress as reading
from casework.calls import release_requests
from casework.calls.progress import called_campaigns
from casework.calls.rates import By, Letter, rate_table
from casework.campaigns.models import ReleaseReason
from casework.cases.release import release_replicate
from casework.db import utcnow
from casework.errors import NotFound
from casework.regions.tree import load_tree
from casework.reports.response_rates import Format, export_rates
from webapp.access import current_user, requires
from webapp.calls import floor_words
from webapp.calls.heat import heat_map
from webapp.calls.supervision import bp, chosen_campaign, no_campaign
from webapp.formats import local
from webapp.reports.rate_words import rate_word

MEDIA = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv; charset=utf-8",
}


@bp.get("/progress")
@requires(Permission.CAMPAIGN_READ)
def progress() -> ResponseReturnValue:
    """Show how far the calls are, when people answer, and what the cases will yield."""
    campaign = chosen_campaign()
    if campaign is None:
        return no_campaign(_("Progress"))
    found = reading.progress(campaign.id, actor=current_user(), at=utcnow())
    return render_template(
        "supervision/progress.html",
        campaign=campaign,
        campaigns=called_campaigns(actor=current_user()),
        found=found,
        days=[
            {"label": f"{day.day:%m-%d}", "plan": day.plan, "done": day.done} for day in found.days
        ],
        heat=heat_map(found.hours),
        floor_words=floor_words,
        tree=load_tree(),
        may_ask=current_user().can(Permission.CALL_SUPERVISE),
        may_release=current_user().can(Permission.CAMPAIGN_DESIGN),
    )


@bp.post("/progress/<int:campaign_id>/ask/<int:number>")
@requires(Permission.CALL_SUPERVISE)
def ask_for_release(campaign_id: int, number: int) -> ResponseReturnValue:
    """Ask the coordinator to open a replicate."""
    release_requests.ask_for_release(campaign_id, number, actor=current_user(), at=utcnow())
    flash(_("Asked. The coordinator sees it here and on the page of the campaign."), "ok")
    return redirect(url_for(".progress", campaign=campaign_id), 303)


@bp.post("/progress/<int:campaign_id>/release/<int:number>")
@requires(Permission.CAMPAIGN_DESIGN)
def release(campaign_id: int, number: int) -> ResponseReturnValue:
    """Open a replicate because the yield calls for it."""
    if not current_user().sees_all_regions:
        raise NotFound(campaign=campaign_id)
    release_replicate(
        campaign_id,
        number,
        actor=current_user(),
        at=utcnow(),
        reason=ReleaseReason.FEW_ANSWERS,
    )
    flash(_("Replicate %(number)s is open; operators get its cases now.", number=number), "ok")
    return redirect(url_for(".progress", campaign=campaign_id), 303)


@bp.get("/rates")
@requires(Permission.CALL_SUPERVISE)
def rates() -> ResponseReturnValue:
    """Show response rates by place, project, operator or day."""
    campaign = chosen_campaign()
    if campaign is None:
        return no_campaign(_("Response rates"))
    by, weighted = _by(), request.args.get("weighted") == "1"
    return render_template(
        "supervision/rates.html",
        campaign=campaign,
        campaigns=called_campaigns(actor=current_user()),
        table=rate_table(campaign.id, by, weighted=weighted, actor=current_user()),
        parts=list(By),
        letters=list(Letter),
        floor_words=floor_words,
        tree=load_tree(),
        names={user.login: user.name for user in all_users()},
    )


@bp.get("/rates/export.<kind>")
@requires(Permission.CALL_SUPERVISE)
def export(kind: str) -> ResponseReturnValue:
    """Send a table of rates as a workbook or as plain text."""
    campaign = chosen_campaign()
    if campaign is None or kind not in set(Format):
        raise NotFound(kind=kind)
    at, weighted = utcnow(), request.args.get("weighted") == "1"
    content = export_rates(
        campaign.id,
        _by(),
        Format(kind),
        weighted=weighted,
        actor=current_user(),
        at=at,
        words=rate_word,
        demonstration=current_app.config["DEMO"],
    )
    what = "rates-weighted" if weighted else "rates"
    name = f"heyan-{what}-{campaign.id}-{_by()}-{local(at, 'date')}.{kind}"
    return send_file(BytesIO(content), MEDIA[Format(kind)], as_attachment=True, download_name=name)


def _by() -> By:
    asked = request.args.get("by", By.UNIT.value)
    if asked not in set(By):
        raise NotFound(by=asked)
    return By(asked)
