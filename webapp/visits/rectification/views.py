"""Rectification: the list, one matter with its steps, and the circular."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError

from casework.accounts.roles import Permission
from casework.db import utcnow
from casework.errors import CaseworkError
from casework.estimates.directory import campaigns_with_runs, find_campaign
from casework.regions.tree import load_tree
from casework.reports.circular import NoResults, draft_circular
from casework.reports.circular_texts import (
    MOST_WORDS,
    CircularTextUnusable,
    circular_texts,
    keep_circular_text,
)
from casework.reports.models import CircularText
from casework.reports.word import as_word
from casework.visits import rectification
from casework.visits.rectification_models import MatterKind, MatterState
from webapp.access import current_user, requires
from webapp.errors import sentence
from webapp.labels import label
from webapp.visits.rectification.circular_words import HEADING, document_of, edited, text_of
from webapp.visits.rectification.forms import MatterForm, StepForm

bp = Blueprint(
    "rectification", __name__, template_folder="templates", url_prefix="/visits/rectification"
)
SHANGHAI = ZoneInfo("Asia/Shanghai")
#: What can be mended in the form.
_REFUSED_STEPS = (
    rectification.StepUnexplained,
    rectification.DueTooEarly,
    rectification.AnswerFileUnusable,
)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _today() -> date:
    return utcnow().astimezone(SHANGHAI).date()


@bp.get("/")
@requires(Permission.RECTIFICATION_KEEP)
def start() -> ResponseReturnValue:
    """Go to the newest campaign."""
    campaigns = campaigns_with_runs(current_user())
    if not campaigns:
        return render_template("rectification/none.html")
    return redirect(url_for(".index", uid=campaigns[0].campaign.uid))


@bp.get("/<uid>")
@requires(Permission.RECTIFICATION_KEEP)
def index(uid: str) -> ResponseReturnValue:
    """List the matters of a campaign, the earliest due first."""
    actor, today = current_user(), _today()
    campaign = find_campaign(uid, actor=actor)
    kind, state = request.args.get("kind", ""), request.args.get("state", "")
    page = rectification.matter_page(
        campaign,
        actor=actor,
        today=today,
        kind=MatterKind(kind) if kind in set(MatterKind) else None,
        state=MatterState(state) if state in set(MatterState) else None,
        overdue=bool(request.args.get("overdue")),
        number=request.args.get("page", 1, type=int),
    )
    return render_template(
        "rectification/index.html",
        campaign=campaign,
        campaigns=[found.campaign for found in campaigns_with_runs(actor)],
        page=page,
        late=[matter for matter in page.rows if rectification.is_overdue(matter, today)],
        chosen={"kind": kind, "state": state, "overdue": request.args.get("overdue", "")},
        kinds=[(code.value, label(code)) for code in MatterKind],
        states=[(code.value, label(code)) for code in MatterState],
        tree=load_tree(),
    )


@bp.route("/<uid>/new", methods=["GET", "POST"])
@requires(Permission.RECTIFICATION_KEEP)
def new(uid: str) -> ResponseReturnValue:
    """Issue an order, an inquiry letter or a summons to a talk."""
    actor, form, refusal = current_user(), MatterForm(), ""
    campaign, tree = find_campaign(uid, actor=actor), load_tree()
    codes = [
        code
        for code, region in sorted(tree.by_code.items())
        if actor.sees_all_regions or actor.region_code in {code, region.unit_code}
    ]
    form.offer(tree, codes, _today())
    if form.validate_on_submit():
        try:
            matter = rectification.issue(campaign.id, form.to_draft(), actor=actor, at=utcnow())
        except (rectification.MatterIncomplete, rectification.DueTooEarly) as error:
            refusal = sentence(error)
        else:
            flash(_("It was issued."), "ok")
            return redirect(url_for(".show", uid=matter.uid))
    page = render_template("rectification/new.html", campaign=campaign, form=form, refusal=refusal)
    return page, 422 if form.errors or refusal else 200


@bp.route("/matter/<uid>", methods=["GET", "POST"])
@requires(Permission.RECTIFICATION_KEEP)
def show(uid: str) -> ResponseReturnValue:
    """Show one matter with its steps, and take the next."""
    actor, form, today = current_user(), StepForm(), _today()
    matter, campaign = rectification.show_matter(uid, actor=actor)
    form.offer(rectification.steps_after(matter), matter.steps_taken, today)
    refusal: CaseworkError | None = None
    if form.validate_on_submit():
        try:
            rectification.take_step(uid, form.to_step(), actor=actor, at=utcnow())
        except _REFUSED_STEPS as error:
            refusal = error
        else:
            flash(_("The step was kept."), "ok")
            return redirect(url_for(".show", uid=uid))
    page = render_template(
        "rectification/show.html",
        matter=matter,
        campaign=campaign,
        form=form,
        late=rectification.is_overdue(matter, today),
        refusal=sentence(refusal) if refusal else "",
        tree=load_tree(),
    )
    return page, 422 if form.errors or refusal else 200


@bp.get("/file/<uid>")
@requires(Permission.RECTIFICATION_KEEP)
def file(uid: str) -> ResponseReturnValue:
    """Send a file that came with an answer, to be saved and not shown."""
    opened = rectification.opened_file(uid, actor=current_user(), at=utcnow())
    return send_file(
        BytesIO(opened.content),
        "application/octet-stream",
        as_attachment=True,
        download_name=opened.name,
    )


@bp.route("/<uid>/circular", methods=["GET", "POST"])
@requires(Permission.RECTIFICATION_KEEP)
def circular(uid: str) -> ResponseReturnValue:
    """Show the circular drafted from the latest results, and keep what people make of it."""
    actor, refusal = current_user(), ""
    try:
        draft = draft_circular(uid, actor=actor, today=_today())
    except NoResults as error:
        flash(sentence(error), "warn")
        return redirect(url_for(".index", uid=uid))
    texts = circular_texts(draft.campaign, actor=actor)
    if request.method == "POST":
        words, seen = request.form.get("words", ""), request.form.get("seen", 0, type=int)
        try:
            keep_circular_text(
                draft.campaign, draft.run, words, seen=seen, actor=actor, at=utcnow()
            )
        except CircularTextUnusable as error:
            refusal = sentence(error)
        except StaleDataError:
            texts = circular_texts(draft.campaign, actor=actor)
            refusal = _(
                "Somebody kept another version meanwhile. Yours stands below, not kept yet."
            )
        else:
            flash(_("The text was kept as version %(number)s.", number=seen + 1), "ok")
            return redirect(url_for(".circular", uid=uid))
    drafted = document_of(draft, demonstration=current_app.config["DEMO"])
    shown = _version(texts)
    page = render_template(
        "rectification/circular.html",
        draft=draft,
        document=edited(drafted, shown.words) if shown else drafted,
        shown=shown,
        texts=texts,
        words=request.form.get("words") or (shown.words if shown else text_of(drafted)),
        refusal=refusal,
        heading=HEADING,
        most=MOST_WORDS,
    )
    return page, 422 if refusal else 200


def _version(texts: Sequence[CircularText]) -> CircularText | None:
    """Return the version that the address names, or the latest; version 0 is the draft itself."""
    latest = texts[0].version if texts else 0
    wanted = request.args.get("version", latest, type=int)
    return next((text for text in texts if text.version == wanted), None)


@bp.get("/<uid>/circular.docx")
@requires(Permission.RECTIFICATION_KEEP)
def circular_document(uid: str) -> ResponseReturnValue:
    """Answer with the same circular as a document to be edited."""
    draft = draft_circular(uid, actor=current_user(), today=_today())
    text = _version(circular_texts(draft.campaign, actor=current_user()))
    headers = {
        "Content-Type": DOCX,
        "Content-Disposition": 'attachment; filename="circular.docx"',
    }
    document = document_of(draft, demonstration=current_app.config["DEMO"])
    return as_word(edited(document, text.words) if text else document), 200, headers
