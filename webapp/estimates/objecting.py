"""Pages of results and objections: regions see their figures and object, the province answers."""

from io import BytesIO

from flask import Blueprint, abort, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from casework.accounts.roles import Permission
from casework.db import utcnow
from casework.estimates import objecting
from casework.estimates.judging_errors import FileUnusable, ReasonNeeded, TooManyFiles
from casework.estimates.objecting import Attached
from casework.ledgers.projects import Project
from casework.reports.own_papers import own_papers
from webapp.access import current_user, requires
from webapp.errors import sentence
from webapp.estimates import orders, words

bp = Blueprint("objections", __name__, template_folder="templates", url_prefix="/objections")


@bp.context_processor
def _words() -> dict[str, object]:
    return {"estimate_words": words}


@bp.get("/")
@requires(Permission.OBJECTION_FILE)
def index() -> ResponseReturnValue:
    """Show a region its announced figures and objections; the province what it has to answer."""
    return _page()


def _page(refusal: str = "", sent: tuple[str, str, Project] | None = None) -> str:
    """Render the page; *sent* is the run, region and project of an objection that was refused."""
    actor = current_user()
    order, found = orders.of_objections(objecting.objections(actor))
    return render_template(
        "estimates/objections.html",
        order=order,
        refusal=refusal,
        sent=sent,
        text=request.form.get("text", ""),
        announced=[] if actor.sees_all_regions else objecting.announced_to(actor),
        objections=found,
        provincial=actor.sees_all_regions,
        papers=[] if actor.sees_all_regions else own_papers(actor),
    )


@bp.post("/runs/<uid>")
@requires(Permission.OBJECTION_FILE)
def send(uid: str) -> ResponseReturnValue:
    """File an objection with its evidence."""
    form = request.form
    try:
        project = Project(form.get("project", ""))
    except ValueError:
        abort(400)
    files = [
        Attached(file.filename, file.read())
        for file in request.files.getlist("files")
        if file.filename
    ]
    region = form.get("region", "")
    try:
        objecting.file_objection(
            uid, region, project, form.get("text", ""), files, actor=current_user(), at=utcnow()
        )
    except (ReasonNeeded, FileUnusable, TooManyFiles) as error:
        return _page(sentence(error), (uid, region, project)), 422
    return redirect(url_for(".index"))


@bp.post("/<uid>/answer")
@requires(Permission.ESTIMATE_JUDGE)
def answer(uid: str) -> ResponseReturnValue:
    """Answer an objection."""
    text = request.form.get("text", "")
    objecting.answer_objection(uid, text, actor=current_user(), at=utcnow())
    return redirect(url_for(".index"))


@bp.post("/<uid>/close")
@requires(Permission.ESTIMATE_JUDGE)
def close(uid: str) -> ResponseReturnValue:
    """Close an answered objection."""
    objecting.close_objection(uid, actor=current_user(), at=utcnow())
    return redirect(url_for(".index"))


@bp.post("/<uid>/back")
@requires(Permission.OBJECTION_FILE)
def take_back(uid: str) -> ResponseReturnValue:
    """Take the own objection back."""
    objecting.take_back(uid, actor=current_user(), at=utcnow())
    return redirect(url_for(".index"))


@bp.get("/files/<uid>")
@requires(Permission.OBJECTION_FILE)
def file(uid: str) -> ResponseReturnValue:
    """Send a file of evidence as it came, to be saved and not shown."""
    opened = objecting.opened_file(uid, actor=current_user(), at=utcnow())
    answer = send_file(
        BytesIO(opened.content),
        "application/octet-stream",
        as_attachment=True,
        download_name=opened.name,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
