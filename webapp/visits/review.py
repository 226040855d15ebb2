"""What came from the field and needs a second look: conflicts to decide, signals to weigh."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.accounts.roles import Permission
from casework.db import utcnow
from casework.errors import NotAllowedNow
from casework.regions.tree import load_tree
from casework.visits import along, kept, plan, reviewing
from casework.visits.findings import CampaignOver
from casework.visits.site_signals import site_signals
from webapp.access import current_user, requires
from webapp.errors import sentence
from webapp.estimates.timeline import checklist_lines
from webapp.headers import PICTURE_POLICY

bp = Blueprint("review", __name__, template_folder="templates", url_prefix="/visits/review")
PAGE = 50  #: signals


@bp.get("/conflicts")
@requires(Permission.VISIT_PLAN)
def conflicts() -> ResponseReturnValue:
    """List the reports that do not count by themselves."""
    actor = current_user()
    return render_template(
        "visits/conflicts.html",
        lines=kept.waiting_conflicts(actor),
        about_leads=along.waiting_reports(actor),
        tree=load_tree(),
    )


@bp.post("/conflicts/<uid>/accept")
@requires(Permission.VISIT_PLAN)
def accept(uid: str) -> ResponseReturnValue:
    """Let a kept report count."""
    try:
        finding = kept.accept_kept(uid, actor=current_user(), at=utcnow())
    except NotAllowedNow:
        flash(_("Somebody else decided on this report just now."), "warn")
    except CampaignOver as error:
        flash(sentence(error), "bad")
    else:
        flash(_("The report counts now: %(code)s.", code=finding.outcome), "ok")
    return redirect(url_for(".conflicts"))


@bp.post("/conflicts/<uid>/dismiss")
@requires(Permission.VISIT_PLAN)
def dismiss(uid: str) -> ResponseReturnValue:
    """Put a kept report aside."""
    try:
        reason = request.form.get("reason", "")
        kept.dismiss_kept(uid, reason, actor=current_user(), at=utcnow())
    except NotAllowedNow:
        flash(_("Somebody else decided on this report just now."), "warn")
        return redirect(url_for(".conflicts"))
    flash(_("The report was put aside; its evidence is kept."), "ok")
    return redirect(url_for(".conflicts"))


@bp.post("/conflicts/lead/<uid>/note")
@requires(Permission.VISIT_PLAN)
def note(uid: str) -> ResponseReturnValue:
    """Take a report about a lead off the list."""
    try:
        along.note_report(uid, actor=current_user(), at=utcnow())
    except NotAllowedNow:
        flash(_("Somebody else took note of this report just now."), "warn")
    else:
        flash(_("The report is noted; it stays with its lead."), "ok")
    return redirect(url_for(".conflicts"))


@bp.get("/image/<uid>")
@requires(Permission.VISIT_PLAN)
def image(uid: str) -> ResponseReturnValue:
    """Answer with the clean copy of a kept image, in a sandbox of its own."""
    content = kept.kept_image(uid, actor=current_user(), at=utcnow())
    headers = {"Content-Type": "image/jpeg", "Content-Security-Policy": PICTURE_POLICY}
    return content, 200, headers


@bp.get("/signals")
@requires(Permission.VISIT_REVIEW)
def signals() -> ResponseReturnValue:
    """Show what of the traces of one campaign calls for a second look."""
    campaigns = plan.planned_campaigns(current_user())
    uid = request.args.get("campaign", "")
    chosen = next((one for one in campaigns if one.uid == uid), campaigns[0] if campaigns else None)
    lines = site_signals(chosen, actor=current_user()) if chosen else []
    last = max(1, -(-len(lines) // PAGE))
    number = min(max(request.args.get("page", 1, type=int), 1), last)
    return render_template(
        "visits/signals.html",
        campaigns=campaigns,
        chosen=chosen,
        lines=lines[(number - 1) * PAGE : number * PAGE],
        total=len(lines),
        number=number,
        last=last,
    )


@bp.get("/visit/<uid>")
@requires(Permission.VISIT_REVIEW)
def visit(uid: str) -> ResponseReturnValue:
    """Show one visit with all that came of it."""
    file = reviewing.review_visit(uid, actor=current_user(), at=utcnow())
    return render_template(
        "visits/visit.html",
        file=file,
        findings=[(f, checklist_lines(file, f)) for f in file.findings],
        tree=load_tree(),
    )


@bp.get("/photo/<uid>")
@requires(Permission.VISIT_REVIEW)
def photo(uid: str) -> ResponseReturnValue:
    """Answer with the clean copy of a photo, in a sandbox of its own."""
    content = reviewing.reviewed_photo(uid, actor=current_user(), at=utcnow())
    headers = {"Content-Type": "image/jpeg", "Content-Security-Policy": PICTURE_POLICY}
    return content, 200, headers
