"""The papers of a run: asking for one, its progress, taking it out."""

from flask import (
    Blueprint,
    abort,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from casework.accounts.roles import Permission
from casework.db import utcnow
from casework.estimates.directory import done_run, run_number
from casework.regions.models import PROVINCE
from casework.regions.tree import load_tree
from casework.reports import handouts
from casework.reports.models import HandoutKind
from webapp.access import current_user, requires
from webapp.errors import BROKEN_RULES
from webapp.i18n import is_english
from webapp.queue import ring
from webapp.reports.making import make_handout
from webapp.reports.sending import sent

bp = Blueprint("reports", __name__, template_folder="templates", url_prefix="/reports")


@bp.app_template_filter("broken_rule")
def _broken_rule(name: str) -> str:
    """Return the words of a broken rule that a job left behind by its name."""
    return next(str(words) for rule, (_, words) in BROKEN_RULES.items() if rule.__name__ == name)


@bp.get("/runs/<uid>")
@requires(Permission.ESTIMATE_EXPORT)
def index(uid: str) -> ResponseReturnValue:
    """List the papers of a run and offer new ones."""
    run = done_run(uid, actor=current_user())
    found = handouts.handouts_of(run, actor=current_user())
    code = request.args.get("region") or _own_region()
    return render_template(
        "reports/index.html",
        run=run,
        number=run_number(run),
        handouts=found,
        unfinished=any(each.state in handouts.UNFINISHED for each in found),
        regions=handouts.regions_of(load_tree(), actor=current_user()),
        chosen=code,
        kinds=list(HandoutKind),
        public=handouts.PUBLIC,
        secret=handouts.is_secret(run, at=utcnow()),
        province=PROVINCE,
    )


@bp.post("/runs/<uid>")
@requires(Permission.ESTIMATE_EXPORT)
def ask(uid: str) -> ResponseReturnValue:
    """Ask for a paper and wake a worker."""
    try:
        kind = HandoutKind(request.form.get("kind", ""))
    except ValueError:
        abort(400)
    code = PROVINCE if kind is HandoutKind.BUNDLE else request.form.get("region", "")
    made = handouts.request_handout(
        uid,
        code,
        kind,
        language="en" if is_english() else "zh",
        actor=current_user(),
        at=utcnow(),
    )
    ring(make_handout, made.uid)
    return redirect(url_for(".index", uid=uid, region=code))


@bp.get("/runs/<uid>/list")
@requires(Permission.ESTIMATE_EXPORT)
def listing(uid: str) -> ResponseReturnValue:
    """Answer the page that waits for papers with its table."""
    run = done_run(uid, actor=current_user())
    found = handouts.handouts_of(run, actor=current_user())
    unfinished = any(each.state in handouts.UNFINISHED for each in found)
    return render_template("reports/_list.html", run=run, handouts=found, unfinished=unfinished)


@bp.get("/<uid>/file")
@requires(Permission.ESTIMATE_EXPORT)
def take(uid: str) -> ResponseReturnValue:
    """Send a finished paper; who took it is kept."""
    handout = handouts.take_out(uid, actor=current_user(), at=utcnow())
    return sent(handout)


def _own_region() -> str:
    return PROVINCE if current_user().sees_all_regions else current_user().region_code
