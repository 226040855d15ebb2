"""Pages on which a run is judged: sent round, signed, overridden, published."""

from datetime import date

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from casework.accounts.roles import Permission
from casework.campaigns.kinds import called_projects
from casework.campaigns.models import ReleaseRule
from casework.db import db, utcnow
from casework.estimates import overriding, signing
from casework.estimates.comparing import ChangedCases, Comparison, changed_cases, compare_runs
from casework.estimates.directory import numbered
from casework.estimates.judged import judged
from casework.estimates.judgement import judgement
from casework.estimates.models import RunInputs
from casework.estimates.reading import region_table
from casework.estimates.settling import prospects
from casework.estimates.small_areas import small_areas as small_areas_of
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from casework.regions.tree import load_tree
from estimation.decision import Decision
from webapp.access import current_user, requires
from webapp.estimates import kept_rows, orders, words

bp = Blueprint("judging", __name__, template_folder="templates", url_prefix="/estimates/runs")


@bp.context_processor
def _words() -> dict[str, object]:
    return {"estimate_words": words}


@bp.get("/<uid>/judgement")
@requires(Permission.ESTIMATE_READ)
def show(uid: str) -> ResponseReturnValue:
    """Show how far a run is, who signed, what is overridden and what is in the way."""
    found = judgement(uid, actor=current_user())
    code = PROVINCE if current_user().sees_all_regions else current_user().region_code
    standing = judged(found.run)
    number, beside = numbered(found.run)
    return render_template(
        "estimates/judgement.html",
        judgement=found,
        run=found.run,
        number=number,
        tree=load_tree(),
        called=called_projects(found.run.campaign),
        covered=standing.rolled,
        code=code,
        lines=standing.lines(code) if code in standing.rolled else [],
        all_lines=request.args.get("lines") == "all",
        completion=standing.rolled[code].completion if code in standing.rolled else None,
        earliest=max(found.run.campaign.results_from, utcnow().date()),
        may_judge=current_user().can(Permission.ESTIMATE_JUDGE),
        may_publish=current_user().can(Permission.ESTIMATE_PUBLISH),
        beside=beside,
    )


@bp.post("/<uid>/round")
@requires(Permission.ESTIMATE_PUBLISH)
def send_round(uid: str) -> ResponseReturnValue:
    """Make the run the preliminary result."""
    signing.send_round(uid, announced_on=_day(), actor=current_user(), at=utcnow())
    return _back(uid)


@bp.post("/<uid>/signatures/<code>")
@requires(Permission.ESTIMATE_JUDGE)
def sign(uid: str, code: str) -> ResponseReturnValue:
    """Sign for a unit or for the province."""
    later = request.form.get("later", 0, type=int)
    if code == PROVINCE:
        signing.sign_province(uid, actor=current_user(), at=utcnow(), later=later)
    else:
        signing.sign_unit(uid, code, actor=current_user(), at=utcnow(), later=later)
    return _back(uid)


@bp.post("/<uid>/publication")
@requires(Permission.ESTIMATE_PUBLISH)
def publish(uid: str) -> ResponseReturnValue:
    """Publish the run from a day on."""
    signing.publish(uid, published_on=_day(), actor=current_user(), at=utcnow())
    return _back(uid)


@bp.post("/<uid>/withdrawal")
@requires(Permission.ESTIMATE_PUBLISH)
def withdraw(uid: str) -> ResponseReturnValue:
    """Take the run back."""
    signing.withdraw(uid, request.form.get("reason", ""), actor=current_user(), at=utcnow())
    return _back(uid)


@bp.post("/<uid>/overrides")
@requires(Permission.ESTIMATE_JUDGE)
def propose(uid: str) -> ResponseReturnValue:
    """Propose a decision in place of the rule's."""
    form = request.form
    try:
        project, decision = Project(form.get("project", "")), Decision(form.get("decision", ""))
    except ValueError:
        abort(400)
    overriding.propose_override(
        uid,
        form.get("region", ""),
        project,
        decision,
        form.get("reason", ""),
        actor=current_user(),
        at=utcnow(),
    )
    return _back(uid)


@bp.post("/<uid>/overrides/<override>")
@requires(Permission.ESTIMATE_JUDGE)
def settle(uid: str, override: str) -> ResponseReturnValue:
    """Confirm or decline what another person proposed."""
    confirmed = request.form.get("answer") == "confirm"
    overriding.settle_override(override, confirmed=confirmed, actor=current_user(), at=utcnow())
    return _back(uid)


@bp.get("/<uid>/statement")
@requires(Permission.ESTIMATE_READ)
def statement(uid: str) -> ResponseReturnValue:
    """State the methods and the errors of a run, and what repeats it."""
    code = PROVINCE if current_user().sees_all_regions else current_user().region_code
    table = region_table(uid, code, actor=current_user())
    run = table.run
    number, beside = numbered(run)
    return render_template(
        "estimates/statement.html",
        run=run,
        number=number,
        kept=db.session.get(RunInputs, run.id),
        table=table,
        beside=beside,
    )


@bp.get("/<uid>/beside/<other>")
@requires(Permission.ESTIMATE_READ)
def compare(uid: str, other: str) -> ResponseReturnValue:
    """Show two runs side by side."""
    compared = compare_runs(uid, other, actor=current_user())
    order, pairs = orders.of_pairs(compared.pairs)
    changed_only = request.args.get("show") != "all"
    shown = [pair for pair in pairs if pair.changed] if changed_only else pairs
    number, beside = numbered(compared.new)
    return render_template(
        "estimates/compare.html",
        compared=compared,
        run=compared.new,
        number=number,
        old_number=next(n for n, each in beside if each.id == compared.old.id),
        tree=load_tree(),
        cases=_changed_cases(compared) if request.args.get("cases") else None,
        pairs=shown,
        rows=kept_rows.pair_rows(compared, shown),
        order=order,
        may_read=current_user().can(Permission.EVIDENCE_READ),
        changed_only=changed_only,
        beside=beside,
    )


@bp.get("/<uid>/settling")
@requires(Permission.ESTIMATE_READ)
def settling(uid: str) -> ResponseReturnValue:
    """Show where more calls would settle a decision, with the button that releases them."""
    found = prospects(uid, actor=current_user())
    order, lines = orders.of_prospects(found.lines)
    number, beside = numbered(found.run)
    return render_template(
        "estimates/settling.html",
        found=found,
        lines=lines,
        order=order,
        run=found.run,
        number=number,
        by_rule=found.run.campaign.release_rule is ReleaseRule.WIDEST_FIRST,
        may_release=current_user().can(Permission.CAMPAIGN_DESIGN),
        beside=beside,
    )


@bp.get("/<uid>/small-areas")
@requires(Permission.ESTIMATE_READ)
def small_areas(uid: str) -> ResponseReturnValue:
    """Show what a model makes of the counties with few answers; it decides nothing."""
    name = request.args.get("project")
    if name is not None and name not in set(Project):
        abort(404)
    found = small_areas_of(uid, Project(name) if name else None, actor=current_user())
    number, beside = numbered(found.run)
    return render_template(
        "estimates/small_areas.html",
        found=found,
        run=found.run,
        number=number,
        tree=load_tree(),
        beside=beside,
    )


def _changed_cases(compared: Comparison) -> ChangedCases | None:
    if not current_user().can(Permission.EVIDENCE_READ):
        return None
    return changed_cases(compared.old, compared.new, actor=current_user())


def _day() -> date:
    try:
        return date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        abort(400)


def _back(uid: str) -> ResponseReturnValue:
    return redirect(url_for(".show", uid=uid))
