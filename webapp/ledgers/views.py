"""Ledgers: hand in, see what is wrong, take bad rows out, accept, withdraw."""

from collections.abc import Iterable
from enum import StrEnum
from io import BytesIO
from pathlib import PurePosixPath
from typing import TypeVar

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from casework import jobs
from casework.accounts.roles import Permission
from casework.campaigns.frozen_ledgers import standing_of
from casework.db import utcnow
from casework.errors import NotFound
from casework.ledgers import handing_in, overview
from casework.ledgers.download import download_annotated
from casework.ledgers.errors import SameFile
from casework.ledgers.models import Ledger, LedgerState
from casework.ledgers.overview import Window, find_ledger
from casework.ledgers.projects import Project
from casework.ledgers.reading import MAX_FILE
from casework.ledgers.refusals import FileRefused
from casework.ledgers.rules import Severity, rules
from casework.regions.tree import load_tree
from webapp.access import current_user, requires
from webapp.errors import sentence
from webapp.formats import local, number
from webapp.labels import label
from webapp.ledgers import sentences
from webapp.ledgers.forms import PROJECTS, RemovalForm, UploadForm
from webapp.queue import ring

bp = Blueprint("ledgers", __name__, template_folder="templates", url_prefix="/ledgers")

LEDGERS_SHOWN, PROBLEMS_SHOWN = 30, 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: While a ledger is in one of these states a worker has it.
AT_WORK = {LedgerState.UPLOADED, LedgerState.CHECKING, LedgerState.ACCEPTING}
Code = TypeVar("Code", bound=StrEnum)


@bp.get("/")
@requires(Permission.LEDGER_READ)
def index() -> ResponseReturnValue:
    """List the ledgers of the region, with the form that takes a new one."""
    form = UploadForm(formdata=None, year=local(utcnow(), "date")[:4])
    return _list(form), 200


def _list(form: UploadForm, twin: Ledger | None = None) -> str:
    actor = current_user()
    tree = load_tree()
    form.offer(overview.regions_of(actor), tree)
    project = _code(Project, "project")
    state = _code(LedgerState, "state")
    part = overview.ledgers_of(actor, _window(LEDGERS_SHOWN), project=project, state=state)
    return render_template(
        "ledgers/index.html",
        part=part,
        form=form,
        twin=twin,
        tree=tree,
        project=project,
        state=state,
        projects=_choices(PROJECTS),
        states=_choices(LedgerState),
        most_bytes=MAX_FILE,
        may_hand_in=actor.can(Permission.LEDGER_HAND_IN),
    )


def _choices(codes: Iterable[StrEnum]) -> list[tuple[str, LazyString]]:
    """Return what a filter offers: everything, and each code with its words."""
    return [("", lazy_gettext("All")), *((code.value, label(code)) for code in codes)]


def _window(size: int) -> Window:
    return Window(
        size,
        after=request.args.get("after", type=int),
        before=request.args.get("before", type=int),
    )


def _code(kind: type[Code], name: str) -> Code | None:
    """Return the code that a filter in the address names, if there is such a one."""
    text = request.args.get(name, "")
    return kind(text) if text in set(kind) else None


@bp.post("/")
@requires(Permission.LEDGER_HAND_IN)
def upload() -> ResponseReturnValue:
    """Take a file and have it checked."""
    form, twin = UploadForm(), None
    form.offer(overview.regions_of(current_user()), load_tree())
    if form.validate_on_submit():
        try:
            ledger = handing_in.upload_ledger(form.to_upload(), actor=current_user(), at=utcnow())
        except FileRefused as error:
            form.file.errors = [sentence(error)]
        except SameFile as error:
            form.file.errors = [sentence(error)]
            twin = _seen(error.facts["ledger"])
        else:
            ring(jobs.check_ledger, ledger.uid)
            return redirect(url_for(".show", ledger_id=ledger.id))
    return _list(form, twin), 422


def _seen(ledger_id: object) -> Ledger | None:
    """Return the ledger, or None if it is one of another region."""
    try:
        return find_ledger(int(str(ledger_id)), actor=current_user())
    except NotFound:
        return None


@bp.get("/<int:ledger_id>")
@requires(Permission.LEDGER_READ)
def show(ledger_id: int) -> ResponseReturnValue:
    """Show how far a ledger is, what is wrong with it, and the next step."""
    return _page(ledger_id, RemovalForm(formdata=None)), 200


def _page(ledger_id: int, removal: RemovalForm) -> str:
    actor = current_user()
    ledger = find_ledger(ledger_id, actor=actor)
    rule = request.args.get("rule", "")
    severity = _code(Severity, "severity")
    part = overview.problems_of(
        ledger_id, _window(PROBLEMS_SHOWN), actor=actor, rule=rule, severity=severity
    )
    removed = overview.removals_by_class(ledger_id)
    return render_template(
        "ledgers/show.html",
        ledger=ledger,
        standing=standing_of(ledger),
        part=part,
        by_rule=overview.problems_by_rule(ledger_id),
        removed=removed,
        clean=ledger.rows_total - ledger.rows_faulty - removed.total(),
        to_remove=[
            (label(code), number(rows))
            for code, rows in overview.faults_by_class(ledger_id).most_common()
        ],
        removal=removal,
        rule=rule,
        severity=severity,
        severities=_choices(Severity),
        rules=rules(),
        words=sentences,
        tree=load_tree(),
        at_work=ledger.state in AT_WORK,
        may_hand_in=actor.can(Permission.LEDGER_HAND_IN),
    )


@bp.get("/<int:ledger_id>/progress")
@requires(Permission.LEDGER_READ)
def progress(ledger_id: int) -> ResponseReturnValue:
    """Answer the page that asks each second how far the work is."""
    ledger = find_ledger(ledger_id, actor=current_user())
    at_work = ledger.state in AT_WORK
    page = render_template("ledgers/_progress.html", ledger=ledger, at_work=at_work)
    return page, 200, {} if at_work else {"HX-Refresh": "true"}


@bp.post("/<int:ledger_id>/removals")
@requires(Permission.LEDGER_HAND_IN)
def remove_rows(ledger_id: int) -> ResponseReturnValue:
    """Take the ticked rows out under one class."""
    find_ledger(ledger_id, actor=current_user())
    form = RemovalForm()
    if not form.validate_on_submit():
        return _page(ledger_id, form), 422
    rows = handing_in.remove_rows(
        ledger_id, form.places.data, form.removal_class.data, actor=current_user(), at=utcnow()
    )
    flash(_("Rows removed: %(amount)s.", amount=rows), "ok")
    return redirect(url_for(".show", ledger_id=ledger_id))


@bp.post("/<int:ledger_id>/removals/all")
@requires(Permission.LEDGER_HAND_IN)
def remove_faulty_rows(ledger_id: int) -> ResponseReturnValue:
    """Take every row with an error out, each under its class."""
    rows = handing_in.remove_faulty_rows(ledger_id, actor=current_user(), at=utcnow())
    flash(_("Rows removed: %(amount)s.", amount=rows), "ok")
    return redirect(url_for(".show", ledger_id=ledger_id))


@bp.post("/<int:ledger_id>/acceptance")
@requires(Permission.LEDGER_HAND_IN)
def accept(ledger_id: int) -> ResponseReturnValue:
    """Ask for the rows to become entries."""
    ledger = handing_in.request_acceptance(ledger_id, actor=current_user(), at=utcnow())
    ring(jobs.accept_ledger, ledger.uid)
    return redirect(url_for(".show", ledger_id=ledger_id))


@bp.post("/<int:ledger_id>/withdrawal")
@requires(Permission.LEDGER_HAND_IN)
def withdraw(ledger_id: int) -> ResponseReturnValue:
    """Take a ledger back."""
    handing_in.withdraw_ledger(ledger_id, actor=current_user(), at=utcnow())
    flash(_("The ledger is withdrawn; nothing of the file is kept."), "ok")
    return redirect(url_for(".show", ledger_id=ledger_id))


@bp.post("/<int:ledger_id>/workbook")
@requires(Permission.LEDGER_HAND_IN)
def download(ledger_id: int) -> ResponseReturnValue:
    """Give the file back with its problems beside the rows."""
    actor, at = current_user(), utcnow()
    ledger = find_ledger(ledger_id, actor=actor)
    title = _("Problems (taken by %(name)s, %(time)s)", name=actor.name, time=local(at))
    name = _("%(name)s_marked.xlsx", name=PurePosixPath(ledger.file_name).stem)
    content = download_annotated(
        ledger_id, actor=actor, at=at, title=title, words=sentences.in_one_line
    )
    return send_file(BytesIO(content), XLSX, as_attachment=True, download_name=name)
