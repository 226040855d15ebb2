"""Campaigns: open, give targets, freeze, set sizes, draw, release."""

import csv
import io

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework import jobs
from casework.accounts.roles import Permission
from casework.calls.release_requests import waiting_requests
from casework.campaigns import design, drawing, frame
from casework.campaigns.errors import (
    AuthenticityIsNewEmployment,
    NameTaken,
    NotDrawnYet,
    NotInTheEarlierCampaign,
    PlaceOutsideUnits,
    SizesImpossible,
    SizesUnreadable,
    SpotIsEverywhere,
)
from casework.campaigns.models import CampaignWork, ReleaseReason, StratumPart
from casework.campaigns.overview import (
    Overview,
    campaigns_of,
    find_campaign,
    overview,
    strata_of,
)
from casework.cases.release import release_replicate
from casework.db import utcnow
from casework.estimates.directory import latest_figures
from casework.estimates.next_replicate import proposed, release_proposed
from casework.estimates.stopping import stopping as stopping_of
from casework.ledgers.projects import Project
from casework.regions.tree import load_tree
from webapp.access import current_user, requires
from webapp.campaigns.forms import (
    CampaignForm,
    DeskForm,
    DrawForm,
    ReleaseForm,
    SizesForm,
    TargetsForm,
)
from webapp.campaigns.fractions import fraction_map
from webapp.errors import sentence
from webapp.queue import ring

#: What does not fit the kind of a campaign; said at the field.
UNFIT = (
    AuthenticityIsNewEmployment,
    NotDrawnYet,
    NotInTheEarlierCampaign,
    PlaceOutsideUnits,
    SpotIsEverywhere,
)

bp = Blueprint("campaigns", __name__, template_folder="templates", url_prefix="/campaigns")


@bp.get("/")
@requires(Permission.CAMPAIGN_READ)
def index() -> ResponseReturnValue:
    return render_template(
        "campaigns/index.html",
        campaigns=campaigns_of(current_user()),
        asked=waiting_requests(actor=current_user()),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.CAMPAIGN_DESIGN)
def new() -> ResponseReturnValue:
    """Open a campaign."""
    tree = load_tree()
    form = CampaignForm()
    form.offer(tree, [one for one in campaigns_of(current_user()) if one.draw is not None])
    if request.method == "GET":
        form.units.data = [unit.code for unit in tree.units]
    if form.validate_on_submit():
        try:
            campaign = design.open_campaign(form.to_plan(), actor=current_user(), at=utcnow())
        except NameTaken as error:
            form.name.errors = [sentence(error)]
        except UNFIT as error:
            form.kind.errors = [sentence(error)]
        else:
            flash(_("The campaign is open. Give it targets next."), "ok")
            return redirect(url_for(".show", campaign_id=campaign.id))
    page = render_template("campaigns/new.html", form=form)
    return page, 422 if form.errors else 200


@bp.get("/<int:campaign_id>")
@requires(Permission.CAMPAIGN_READ)
def show(campaign_id: int) -> ResponseReturnValue:
    """Show a campaign and its next step."""
    return page_of(campaign_id)


def page_of(
    campaign_id: int, *, targets: TargetsForm | None = None, sizes: SizesForm | None = None
) -> ResponseReturnValue:
    """Render the page of a campaign; forms that are given were refused."""
    view: Overview = overview(campaign_id, actor=current_user())
    sizes = sizes or SizesForm()
    sizes.offer(view.called)
    targets = targets or TargetsForm()
    desk = DeskForm()
    desk.offer([unit.region for unit in view.campaign.units])
    rejected = bool(sizes.errors or targets.errors)
    page = render_template(
        "campaigns/show.html",
        view=view,
        targets=targets,
        sizes=sizes,
        release=ReleaseForm(formdata=None),
        asked=waiting_requests(actor=current_user()).get(campaign_id),
        proposal=proposed(campaign_id, actor=current_user()),
        desk=desk,
        may_design=current_user().can(Permission.CAMPAIGN_DESIGN),
    )
    return page, 422 if rejected else 200


@bp.get("/<int:campaign_id>/work")
@requires(Permission.CAMPAIGN_READ)
def work(campaign_id: int) -> ResponseReturnValue:
    """Answer the page that asks each second how far the work is."""
    campaign = find_campaign(campaign_id, actor=current_user())
    page = render_template("campaigns/_work.html", campaign=campaign)
    if campaign.work is CampaignWork.NONE:
        return page, 200, {"HX-Refresh": "true"}
    return page


@bp.get("/<int:campaign_id>/strata/<project>")
@requires(Permission.CAMPAIGN_READ)
def strata(campaign_id: int, project: str) -> ResponseReturnValue:
    """List the strata of one project."""
    chosen = Project(project) if project in set(Project) else None
    campaign = find_campaign(campaign_id, actor=current_user())
    rows = strata_of(campaign_id, chosen, actor=current_user()) if chosen else []
    tree = load_tree()
    return render_template(
        "campaigns/strata.html",
        campaign=campaign,
        project=chosen,
        strata=rows,
        tree=tree,
        **fraction_map(rows, tree),
    )


@bp.get("/<int:campaign_id>/strata/<project>.csv")
@requires(Permission.CAMPAIGN_READ)
def strata_table(campaign_id: int, project: str) -> ResponseReturnValue:
    """Hand out the strata as the table of sizes that can be changed and taken back."""
    if project not in set(Project):
        abort(404)
    rows = strata_of(campaign_id, Project(project), actor=current_user())
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("stratum", "frame_size", "sample_size"))
    # Who was selected before is part of the same size; see casework/campaigns/strata.py.
    rows = [row for row in rows if row.part is not StratumPart.EARLIER]
    writer.writerows((row.key, row.frame_size, row.sample_size) for row in rows)
    name = f"strata-{campaign_id}-{project}.csv"
    return Response(
        table.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@bp.post("/<int:campaign_id>/desk")
@requires(Permission.CAMPAIGN_DESIGN)
def enter_desk_outcome(campaign_id: int) -> ResponseReturnValue:
    """Enter how a unit did in the project that is judged at the desk."""
    view = overview(campaign_id, actor=current_user())
    form = DeskForm()
    form.offer([unit.region for unit in view.campaign.units])
    if form.validate_on_submit():
        design.enter_desk_outcome(
            campaign_id,
            form.region.data,
            met=form.met.data == "1",
            note=form.note.data or "",
            actor=current_user(),
            at=utcnow(),
        )
        flash(_("The outcome was entered."), "ok")
    return redirect(url_for(".show", campaign_id=campaign_id))


@bp.post("/<int:campaign_id>/freeze")
@requires(Permission.CAMPAIGN_DESIGN)
def freeze(campaign_id: int) -> ResponseReturnValue:
    """Freeze the accepted entries into the frame."""
    find_campaign(campaign_id, actor=current_user())
    campaign = frame.request_freeze(campaign_id, actor=current_user(), at=utcnow())
    ring(jobs.freeze_frame, campaign.uid)
    return redirect(url_for(".show", campaign_id=campaign_id))


@bp.post("/<int:campaign_id>/sizes")
@requires(Permission.CAMPAIGN_DESIGN)
def set_sizes(campaign_id: int) -> ResponseReturnValue:
    """Set the sample sizes of one project."""
    view = overview(campaign_id, actor=current_user())
    form = SizesForm()
    form.offer(view.called)
    if form.validate_on_submit():
        try:
            total = drawing.set_sizes(
                campaign_id, form.project.data, form.to_plan(), actor=current_user(), at=utcnow()
            )
        except SizesImpossible as error:
            form.total.errors = [sentence(error)]
        except UnicodeDecodeError:
            form.table.errors = [_("The file is not UTF-8 text. Nothing was changed.")]
        except SizesUnreadable as error:
            form.table.errors = [sentence(error)]
        else:
            flash(_("%(amount)s entries will be drawn.", amount=total), "ok")
            return redirect(url_for(".show", campaign_id=campaign_id))
    return page_of(campaign_id, sizes=form)


@bp.post("/<int:campaign_id>/draw")
@requires(Permission.CAMPAIGN_DESIGN)
def draw(campaign_id: int) -> ResponseReturnValue:
    """Draw the sample, once."""
    find_campaign(campaign_id, actor=current_user())
    form = DrawForm()
    if form.validate_on_submit():
        campaign = drawing.request_draw(
            campaign_id, replicates=form.replicates.data, actor=current_user(), at=utcnow()
        )
        ring(jobs.draw_sample, campaign.uid)
    else:
        flash(_("Choose between 1 and 20 replicates. Nothing was drawn."), "bad")
    return redirect(url_for(".show", campaign_id=campaign_id))


@bp.post("/<int:campaign_id>/replicates/<int:number>")
@requires(Permission.CAMPAIGN_DESIGN)
def release(campaign_id: int, number: int) -> ResponseReturnValue:
    """Open one replicate to the operators."""
    find_campaign(campaign_id, actor=current_user())
    form = ReleaseForm()
    reason = ReleaseReason(form.reason.data) if form.validate() else ReleaseReason.PLANNED
    release_replicate(campaign_id, number, actor=current_user(), at=utcnow(), reason=reason)
    flash(_("Replicate %(number)s is open; operators get its cases now.", number=number), "ok")
    return redirect(url_for(".show", campaign_id=campaign_id))


@bp.post("/<int:campaign_id>/replicates/proposed")
@requires(Permission.CAMPAIGN_DESIGN)
def release_by_rule(campaign_id: int) -> ResponseReturnValue:
    """Open the replicate that the rule of the campaign names."""
    made = release_proposed(campaign_id, actor=current_user(), at=utcnow())
    flash(_("The replicate that the rule names is open: %(amount)s cases.", amount=made), "ok")
    return redirect(url_for(".show", campaign_id=campaign_id))


@bp.get("/<int:campaign_id>/stopping")
@requires(Permission.ESTIMATE_READ)
def stopping(campaign_id: int) -> ResponseReturnValue:
    """Say where calling may stop, unit by unit, and what that saves."""
    found = stopping_of(campaign_id, actor=current_user())
    codes = [unit.unit.code for unit in found.units]
    chosen = request.args.get("unit") or next(iter(codes), "")
    if codes and chosen not in codes:
        abort(404)
    reads = current_user().can(Permission.EVIDENCE_READ)
    run, figures = latest_figures(campaign_id) if reads else ("", frozenset())
    return render_template(
        "campaigns/stopping.html", found=found, chosen=chosen, run_uid=run, figures=figures
    )


@bp.post("/<int:campaign_id>/close")
@requires(Permission.CAMPAIGN_DESIGN)
def close(campaign_id: int) -> ResponseReturnValue:
    """End a campaign whose visits are done."""
    find_campaign(campaign_id, actor=current_user())
    design.close_campaign(campaign_id, actor=current_user(), at=utcnow())
    flash(_("The campaign is closed."), "ok")
    return redirect(url_for(".show", campaign_id=campaign_id))
