"""Pages of estimates: from a province's table to one case, and back to paper."""

from io import BytesIO

from flask import (
    Blueprint,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue

from casework import jobs
from casework.accounts.roles import Permission
from casework.campaigns.kinds import called_projects
from casework.db import utcnow
from casework.estimates import directory, evidence, reading
from casework.estimates.case_order import CaseOrder
from casework.estimates.cases import BY_CODE, PAGE, CasePage, CaseView, Under, cases_under
from casework.estimates.details import Basis
from casework.estimates.evidence import RevealPurpose
from casework.estimates.figure_table import figure_table
from casework.estimates.judgement import stages
from casework.estimates.models import EstimateRun, RunState
from casework.estimates.runs import RELEASED, request_run
from casework.estimates.sureness import how_sure
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from estimation.intervals import DEFAULT, INTERVALS
from webapp.access import current_user, requires
from webapp.estimates import kept_rows, orders, plots, words
from webapp.estimates.composition import Composition
from webapp.estimates.facts import effect_facts, ledger_facts
from webapp.estimates.filters import LineFilter, TableView
from webapp.estimates.timeline import checklist_lines, is_after, timeline
from webapp.headers import PICTURE_POLICY
from webapp.labels import label
from webapp.limits import REVEAL, limited, user
from webapp.queue import ring

bp = Blueprint("estimates", __name__, template_folder="templates", url_prefix="/estimates")
FEW = 12  # cases shown beside the figures; the list has them all


@bp.context_processor
def _words() -> dict[str, object]:
    return {"estimate_words": words, "composition_of": Composition.of}


@bp.app_template_filter("project_choice")
def _project_choice(project: Project) -> tuple[str, str]:
    """Offer a project in a list of choices."""
    return project.value, str(label(project))


@bp.app_template_filter("basis_label")
def _basis_label(code: str) -> str:
    return str(label(Basis(code)))


@bp.get("/")
@requires(Permission.ESTIMATE_READ)
def index() -> ResponseReturnValue:
    """List the campaigns and their runs."""
    campaigns = directory.campaigns_with_runs(current_user())
    return render_template(
        "estimates/index.html",
        campaigns=campaigns,
        of_runs=orders.of_runs,
        stages=stages([run for item in campaigns for run in item.runs]),
        released=RELEASED,
        intervals=[(name, words.interval_words(name)) for name in INTERVALS],
        default_interval=DEFAULT,
        may_run=current_user().can(Permission.ESTIMATE_RUN),
    )


@bp.post("/campaigns/<uid>/runs")
@requires(Permission.ESTIMATE_RUN)
def compute(uid: str) -> ResponseReturnValue:
    """Ask for a run and wake a worker."""
    interval = request.form.get("interval", DEFAULT)
    if interval not in INTERVALS:
        abort(400)
    campaign = directory.find_campaign(uid, actor=current_user())
    wanted = request_run(campaign.id, actor=current_user(), at=utcnow(), interval=interval)
    ring(jobs.compute_run, wanted.uid)
    return redirect(url_for(".run", uid=wanted.uid))


@bp.get("/runs/<uid>")
@requires(Permission.ESTIMATE_READ)
def run(uid: str) -> ResponseReturnValue:
    """Show how far a run is; a finished one leads to the widest region the reader may see."""
    found = directory.find_run(uid, actor=current_user())
    if found.state is RunState.DONE:
        code = PROVINCE if current_user().sees_all_regions else current_user().region_code
        return redirect(url_for(".region", uid=uid, code=code))
    return render_template(
        "estimates/run.html", run=found, number=directory.run_number(found), poll=_poll(found)
    )


@bp.get("/runs/<uid>/progress")
@requires(Permission.ESTIMATE_READ)
def progress(uid: str) -> ResponseReturnValue:
    """Answer the page of a waiting run with its bar, or send it to the figures."""
    found = directory.find_run(uid, actor=current_user())
    page = make_response(render_template("estimates/_progress.html", run=found, poll=_poll(found)))
    if not _poll(found):
        page.headers["HX-Redirect"] = url_for(".run", uid=uid)
    return page


@bp.get("/runs/<uid>/regions/<code>")
@requires(Permission.ESTIMATE_READ)
def region(uid: str, code: str) -> ResponseReturnValue:
    """Show a region's table: the province with its units, a unit with its counties."""
    table = reading.region_table(uid, code, actor=current_user(), chosen=request.args.get("chosen"))
    shown, sure = LineFilter.from_args(request.args), how_sure(table.run)
    order, lines = orders.of_regions(table.lines, sure, table.projects)
    number, beside = directory.numbered(table.run)
    return render_template(
        "estimates/region.html",
        table=table,
        run=table.run,
        number=number,
        lines=shown.of(lines),
        all_lines=lines,
        order=order,
        shown=shown,
        scales={p: plots.column_scale([table.total, *table.lines], p) for p in table.projects},
        tiles=plots.tiles(table.run, table.lines, shown.project) if code == PROVINCE else [],
        below=_below(table),
        sure=sure,
        beside=beside,
        called=called_projects(table.run.campaign),
        may_export=current_user().can(Permission.ESTIMATE_EXPORT),
    )


@bp.get("/runs/<uid>/regions/<code>/table")
@requires(Permission.ESTIMATE_READ)
def table(uid: str, code: str) -> ResponseReturnValue:
    """Show every figure of one project below a region, its verdicts apart, and the map."""
    shown = TableView.from_args(request.args)
    found = figure_table(uid, code, shown.project, actor=current_user())
    order, lines = orders.of_figures(shown.of(found.lines))
    scale = plots.forest_scale([line.row for line in found.lines])
    number, beside = directory.numbered(found.run)
    return render_template(
        "estimates/table.html",
        table=found,
        run=found.run,
        number=number,
        code=code,
        shown=shown,
        order=order,
        project=found.lines[0].row.project if found.lines else shown.project,
        lines=lines,
        rows=kept_rows.figure_rows(found.run, lines, scale),
        scale=scale,
        map=plots.county_map(found) if shown.map == "counties" else None,
        tiles=plots.unit_tiles(found) if shown.map == "tiles" else [],
        beside=beside,
    )


@bp.get("/runs/<uid>/regions/<code>/<project>")
@requires(Permission.ESTIMATE_READ)
def project(uid: str, code: str, project: str) -> ResponseReturnValue:
    """Show one region and project: classes, bounds, strata, and the cases under them."""
    detail = reading.project_detail(uid, code, _project(project), actor=current_user())
    order, strata = orders.of_strata(detail.strata)
    return render_template(
        "estimates/project.html",
        detail=detail,
        strata=strata,
        order=order,
        run=detail.run,
        row=detail.row,
        number=directory.run_number(detail.run),
        forest=plots.forest_rows(detail.siblings, code, detail.tree),
        scale=plots.forest_scale(detail.siblings),
        tipping=plots.tipping(detail.strata, detail.row.target),
        composition=Composition.of(detail.row),
        audits=words.audits_of_yes(detail.row),
        cases=_cases(detail.run, detail.row.project, code, size=FEW),
    )


@bp.get("/runs/<uid>/regions/<code>/<project>/cases")
@requires(Permission.EVIDENCE_READ)
def cases(uid: str, code: str, project: str) -> ResponseReturnValue:
    """List the cases of a region and project, or of one of its strata."""
    detail = reading.project_detail(uid, code, _project(project), actor=current_user())
    stratum_id = request.args.get("stratum", type=int)
    stratum = next((s for s in detail.strata if s.stratum_id == stratum_id), None)
    if stratum_id is not None and stratum is None:
        abort(404)
    order, by = orders.of_cases()
    return render_template(
        "estimates/cases.html",
        detail=detail,
        order=order,
        run=detail.run,
        row=detail.row,
        number=directory.run_number(detail.run),
        stratum=stratum,
        composition=Composition.of(stratum or detail.row),
        cases=_cases(detail.run, detail.row.project, code, stratum_id, by),
        only=request.args.get("only", ""),
    )


@bp.get("/runs/<uid>/cases/<case_uid>")
@requires(Permission.EVIDENCE_READ)
def case(uid: str, case_uid: str) -> ResponseReturnValue:
    """Show everything that is known of one case; that it was looked at is kept."""
    shown = evidence.show_case(case_uid, actor=current_user(), at=utcnow())
    found, number, stratum = reading.run_of_case(uid, shown.case.stratum_id, actor=current_user())
    return render_template(
        "estimates/case.html",
        run=found,
        number=number,
        evidence=shown,
        items=timeline(shown, found),
        moved_on=any(is_after(found, finding.received_at) for finding in shown.findings),
        checks=checklist_lines(shown, shown.findings[-1]) if shown.findings else [],
        facts=ledger_facts(shown),
        effect=effect_facts(shown, stratum),
        place=stratum,
        unit_code=shown.case.stratum.unit_code,
        purposes=list(RevealPurpose),
    )


@bp.post("/cases/<uid>/person")
@requires(Permission.PERSON_REVEAL)
@limited(REVEAL, user)
def person(uid: str) -> ResponseReturnValue:
    """Uncover one person for a stated purpose."""
    try:
        purpose = RevealPurpose(request.form.get("purpose", ""))
    except ValueError:
        abort(400)
    shown = evidence.reveal_person(uid, purpose=purpose, actor=current_user(), at=utcnow())
    return render_template(
        "estimates/_person.html",
        person=shown,
        masked=evidence.masked(shown),
        uid=uid,
        purpose=purpose,
        purposes=list(RevealPurpose),
    )


@bp.get("/photos/<uid>")
@requires(Permission.EVIDENCE_READ)
def photo(uid: str) -> ResponseReturnValue:
    """Send the clean copy of a photo."""
    content = evidence.shown_photo(uid, actor=current_user(), at=utcnow())
    answer = send_file(BytesIO(content), mimetype="image/jpeg", max_age=0)
    answer.headers["Content-Security-Policy"] = PICTURE_POLICY
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _poll(found: EstimateRun) -> str:
    working = found.state in {RunState.REQUESTED, RunState.COMPUTING}
    return url_for(".progress", uid=found.uid) if working else ""


def _project(code: str) -> Project:
    try:
        return Project(code)
    except ValueError:
        abort(404)


def _cases(
    run: EstimateRun,
    of: Project,
    code: str,
    stratum_id: int | None = None,
    order: CaseOrder = BY_CODE,
    size: int = PAGE,
) -> CasePage | None:
    if not current_user().can(Permission.EVIDENCE_READ):
        return None
    try:
        return cases_under(
            Under(run.campaign_id, of, code, stratum_id, request.args.get("only", ""), run.id),
            actor=current_user(),
            view=CaseView(request.args.get("view", CaseView.ALL)),
            order=order,
            after=request.args.get("after", ""),
            size=size,
        )
    except ValueError:  # a view or a count that does not exist
        abort(404)


def _below(table: reading.RegionTable) -> dict[str, str]:
    """Say which projects of each lower region brought it down, as far as the table shows them."""
    return {
        line.region.code: words.what_weighs(line.completion, line.decisions) for line in table.lines
    }
