"""The planning page: sliders on the left, what would come of them on the right."""

import numpy as np
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework import jobs
from casework.accounts.roles import Permission
from casework.campaigns import saving
from casework.campaigns.cells import read_cells, selected_whole_before
from casework.campaigns.drafts import Planned, planned
from casework.campaigns.drawn_sizes import drawn_plan
from casework.campaigns.errors import BudgetTooSmall
from casework.campaigns.kinds import called_projects
from casework.campaigns.models import Campaign
from casework.campaigns.overview import find_campaign
from casework.campaigns.wishes import Wishes
from casework.db import db, utcnow
from casework.errors import CaseworkError
from casework.ledgers.projects import Project
from casework.regions.tree import load_tree
from webapp.access import current_user, requires
from webapp.campaigns.forms import PlanForm
from webapp.charts import Axis, axis
from webapp.errors import BROKEN_RULES, sentence
from webapp.queue import ring

MOST = 0.5  # half-width at which the axis ends; nothing is known there

bp = Blueprint("plans", __name__, template_folder="templates", url_prefix="/campaigns")


@bp.get("/<int:campaign_id>/plan/<project>")
@requires(Permission.CAMPAIGN_DESIGN)
def show(campaign_id: int, project: str) -> ResponseReturnValue:
    """Show what was drawn or, before that, the latest draft or a first proposal."""
    campaign, chosen = _chosen(campaign_id, project)
    drafts = saving.drafts_of(campaign_id, chosen)
    wishes = Wishes(**drafts[0].wishes) if drafts else Wishes()
    if campaign.draw is not None:
        return render_template(
            "plans/drawn.html",
            project=chosen,
            projects=called_projects(campaign),
            **_shown(campaign, chosen, drawn_plan(db.session(), campaign_id, chosen, wishes)),
        )
    return _page(campaign, chosen, PlanForm.of(wishes), wishes)


@bp.post("/<int:campaign_id>/plan/<project>/preview")
@requires(Permission.CAMPAIGN_DESIGN)
def preview(campaign_id: int, project: str) -> ResponseReturnValue:
    """Recompute the right side while the sliders move; nothing is kept."""
    campaign, chosen = _chosen(campaign_id, project)
    form = PlanForm()
    if not form.validate_on_submit():
        return render_template("plans/_refused.html", form=form)
    try:
        plan = planned(read_cells(db.session(), campaign_id, chosen), form.to_wishes())
    except BudgetTooSmall as error:
        form.form_errors.append(sentence(error))
        return render_template("plans/_refused.html", form=form)
    return render_template("plans/_figures.html", **_shown(campaign, chosen, plan))


@bp.post("/<int:campaign_id>/plan/<project>")
@requires(Permission.CAMPAIGN_DESIGN)
def save(campaign_id: int, project: str) -> ResponseReturnValue:
    """Make the plan the campaign's sizes, as its next draft."""
    campaign, chosen = _chosen(campaign_id, project)
    form = PlanForm()
    if not form.validate_on_submit():
        return _page(campaign, chosen, form, None)
    wishes = form.to_wishes()
    try:
        draft = saving.save_draft(campaign_id, chosen, wishes, actor=current_user(), at=utcnow())
    except CaseworkError as error:
        return _refused(campaign, chosen, form, error)
    flash(_("Draft %(number)s is saved; its sizes are the campaign's.", number=draft.number), "ok")
    return redirect(url_for(".show", campaign_id=campaign_id, project=chosen))


@bp.post("/<int:campaign_id>/plan/<project>/rehearsal")
@requires(Permission.CAMPAIGN_DESIGN)
def rehearse(campaign_id: int, project: str) -> ResponseReturnValue:
    """Ask for the plan to be tried out on a fictitious truth."""
    campaign, chosen = _chosen(campaign_id, project)
    form = PlanForm()
    if not form.validate_on_submit():
        return _page(campaign, chosen, form, None)
    wishes = form.to_wishes()
    try:
        asked = saving.request_rehearsal(
            campaign_id, chosen, wishes, actor=current_user(), at=utcnow()
        )
    except CaseworkError as error:
        return _refused(campaign, chosen, form, error)
    ring(jobs.run_rehearsal, asked.uid)
    return redirect(url_for(".show", campaign_id=campaign_id, project=chosen))


@bp.get("/rehearsals/<uid>")
@requires(Permission.CAMPAIGN_DESIGN)
def rehearsal(uid: str) -> ResponseReturnValue:
    """Answer the page that asks each second how far the rehearsal is."""
    found = saving.find_rehearsal(uid, actor=current_user())
    return render_template("plans/_rehearsal.html", rehearsal=found)


def _chosen(campaign_id: int, project: str) -> tuple[Campaign, Project]:
    campaign = find_campaign(campaign_id, actor=current_user())
    if project not in called_projects(campaign):
        abort(404)
    return campaign, Project(project)


def _refused(
    campaign: Campaign, project: Project, form: PlanForm, error: CaseworkError
) -> ResponseReturnValue:
    """Show what was wished, with what was wrong about it. What is no rule of planning goes on."""
    if BROKEN_RULES[type(error)][0] not in {409, 422}:
        raise error
    form.form_errors.append(sentence(error))
    return _page(campaign, project, form, None)


def _page(
    campaign: Campaign, project: Project, form: PlanForm, wishes: Wishes | None
) -> ResponseReturnValue:
    plan = planned(read_cells(db.session(), campaign.id, project), wishes) if wishes else None
    page = render_template(
        "plans/show.html",
        project=project,
        projects=called_projects(campaign),
        form=form,
        drafts=saving.drafts_of(campaign.id, project),
        rehearsal=saving.latest_rehearsal(campaign.id, project),
        **(_shown(campaign, project, plan) if plan else {"campaign": campaign, "plan": None}),
    )
    return page, 422 if form.errors or form.form_errors else 200


def _shown(campaign: Campaign, project: Project, plan: Planned) -> dict[str, object]:
    """Return what the right side shows: the plan beside the latest saved draft."""
    drafts = saving.drafts_of(campaign.id, project)
    return {
        "campaign": campaign,
        "selected_before": selected_whole_before(db.session(), campaign.id, project),
        "plan": plan,
        "tree": load_tree(),
        "saved": drafts[0] if drafts else None,
        "widest": max(plan.units, key=lambda unit: np.nan_to_num(unit.half_width, nan=1)),
        "scale": _scale(plan),
        "counties": "counties" in request.values,
    }


def _scale(plan: Planned) -> Axis:
    """Return one axis for the half-widths of all units and counties, in points."""
    widths = [one.half_width for unit in plan.units for one in unit.counties]
    return axis(0, max(100 * min(np.nan_to_num(widths, nan=MOST).max(), MOST), 5))
