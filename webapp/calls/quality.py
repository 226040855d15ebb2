"""Quality of the calls: blind re-calls, their agreement, and signals of made-up interviews."""

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.accounts.roles import Permission
from casework.calls import recalls as recalling
from casework.calls.overruling import list_overruled
from casework.calls.progress import called_campaigns
from casework.calls.recall_models import Settlement
from casework.calls.recall_reading import recall_report
from casework.calls.recalls import ShareUnusable
from casework.calls.schedule import ALL_DAY
from casework.calls.signals import SignalKind
from casework.calls.traces import signals_of
from casework.campaigns.models import Campaign
from casework.db import utcnow
from casework.errors import NotFound
from webapp.access import current_user, requires
from webapp.calls import floor_words, words
from webapp.calls.supervision import bp, chosen_campaign, in_demonstration, no_campaign
from webapp.errors import sentence

PERIODS = (1, 7, 30)  # days


@bp.get("/recalls")
@requires(Permission.CALL_SUPERVISE)
def recalls() -> ResponseReturnValue:
    """Show how far second interviews agree with the first, and what is to be settled."""
    campaign = chosen_campaign()
    return no_campaign(_("Re-calls")) if campaign is None else _recalls(campaign)


def _recalls(campaign: Campaign, refused: str = "", share: str = "") -> str:
    operator_id = request.args.get("operator", type=int)
    return render_template(
        "supervision/recalls.html",
        campaign=campaign,
        campaigns=called_campaigns(actor=current_user()),
        report=recall_report(campaign.id, operator_id, actor=current_user()),
        operator_id=operator_id,
        refused=refused,
        share=share,
        left=recalling.left_to_call(campaign.id),
        words=words,
        floor_words=floor_words,
    )


@bp.post("/recalls/<int:campaign_id>/share")
@requires(Permission.CALL_SUPERVISE)
def set_recall_share(campaign_id: int) -> ResponseReturnValue:
    """Set the share of interviews that are called again at random."""
    percent = request.form.get("share", -1.0, type=float)
    try:
        chosen = recalling.set_recall_share(
            campaign_id, percent / 100, actor=current_user(), at=utcnow()
        )
    except ShareUnusable as error:
        campaign = chosen_campaign(campaign_id)
        if campaign is None:
            raise
        return _recalls(campaign, sentence(error), request.form.get("share", "")[:10]), 422
    flash(_("Set. %(number)s interviews held so far were chosen.", number=chosen), "ok")
    return redirect(url_for(".recalls", campaign=campaign_id), 303)


@bp.post("/recalls/<int:campaign_id>/operators/<int:operator_id>")
@requires(Permission.CALL_SUPERVISE)
def recall_operator(campaign_id: int, operator_id: int) -> ResponseReturnValue:
    """Have interviews of one operator held again."""
    chosen = recalling.recall_operator(campaign_id, operator_id, actor=current_user(), at=utcnow())
    if chosen:
        flash(_("%(number)s interviews are called again from tomorrow.", number=chosen), "ok")
    else:
        flash(_("There is no further interview of this operator to call again."), "warn")
    return redirect(url_for(".recalls", campaign=campaign_id, operator=operator_id), 303)


@bp.post("/recalls/<int:campaign_id>/settle/<int:recall_id>")
@requires(Permission.CALL_SUPERVISE)
def settle_recall(campaign_id: int, recall_id: int) -> ResponseReturnValue:
    """Decide about two interviews that contradict each other."""
    choice = request.form.get("settlement", "")
    if choice not in set(Settlement):
        raise NotFound(settlement=choice)
    text = request.form.get("words", "")
    recalling.settle_recall(recall_id, Settlement(choice), text, actor=current_user(), at=utcnow())
    flash(_("Settled. The verdict of the phone stays as it was."), "done")
    return redirect(url_for(".recalls", campaign=campaign_id), 303)


@bp.get("/signals")
@requires(Permission.CALL_SUPERVISE)
def signals() -> ResponseReturnValue:
    """Show what is worth a look among the interviews of a period."""
    campaign = chosen_campaign()
    if campaign is None:
        return no_campaign(_("Signals"))
    days = request.args.get("days", 7, type=int)
    days = days if days in PERIODS else 7
    at = utcnow()
    since = at - timedelta(days=days)
    looks = signals_of(
        campaign.id,
        since,
        at,
        actor=current_user(),
        hours=ALL_DAY if in_demonstration() else None,
    )
    return render_template(
        "supervision/signals.html",
        campaign=campaign,
        campaigns=called_campaigns(actor=current_user()),
        looks=looks,
        overruled=list_overruled(campaign.id, since, at, actor=current_user()),
        words=words,
        days=days,
        periods=PERIODS,
        kinds=list(SignalKind),
        left=recalling.left_to_call(campaign.id),
        floor_words=floor_words,
    )
