"""The papers of a run: asking for one, its progress, taking it out."""

from typing import Any

from flask import (
    Blueprint,
    abort,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.accounts.roles import Permission
from casework.db import utcnow
from casework.estimates.directory import done_run, run_number
from casework.estimates.models import EstimateRun
from casework.regions.models import PROVINCE
from casework.regions.tree import load_tree
from casework.reports import handouts, own_papers
from casework.reports.certificates import is_published
from casework.reports.models import HandoutKind
from webapp.access import current_user, requires
from webapp.errors import BROKEN_RULES
from webapp.i18n import is_english
from webapp.queue import ring
from webapp.reports.making import SUFFIXES, make_handout
from webapp.reports.sending import sent
from webapp.reports.words import FORMS, PAPERS

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
        offered=_offered(run),
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


@bp.post("/own/runs/<uid>")
@requires(Permission.OBJECTION_FILE)
def ask_own(uid: str) -> ResponseReturnValue:
    """Ask for the notice of the own region's announced result and wake a worker."""
    kind = HandoutKind.NOTICE_PDF
    own_papers.must_be_own(uid, kind)
    made = handouts.request_handout(
        uid,
        request.form.get("region", ""),
        kind,
        language="en" if is_english() else "zh",
        actor=current_user(),
        at=utcnow(),
    )
    ring(make_handout, made.uid)
    return redirect(url_for("objections.index"))


@bp.get("/own/<uid>/file")
@requires(Permission.OBJECTION_FILE)
def take_own(uid: str) -> ResponseReturnValue:
    """Send a region a finished paper of its own; who took it is kept."""
    own_papers.find_own(uid, actor=current_user())
    return sent(handouts.take_out(uid, actor=current_user(), at=utcnow()))


def _offered(run: EstimateRun) -> list[dict[str, Any]]:
    """Return the papers that may be asked for, each with its forms and why it cannot be had yet."""
    secret = handouts.is_secret(run, at=utcnow())
    until = _("Secret until %(day)s.", day=run.campaign.results_from)
    unpublished = _("from the day of publication on")
    found = []
    for name, words in PAPERS.items():
        kinds = [kind for kind in HandoutKind if kind.value.partition("_")[0] == name]
        why_not = until if secret and handouts.PUBLIC.issuperset(kinds) else ""
        if handouts.CERTIFICATES.issuperset(kinds) and not is_published(run, at=utcnow()):
            why_not = unpublished
        if name != HandoutKind.BUNDLE or current_user().sees_all_regions:
            forms = [(kind, FORMS[SUFFIXES[kind]]) for kind in kinds]
            found.append({"words": words, "forms": forms, "why_not": why_not})
    return found


def _own_region() -> str:
    return PROVINCE if current_user().sees_all_regions else current_user().region_code
