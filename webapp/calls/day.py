"""What an operator finished today, corrected where it was wrong, and calls that broke off."""

from collections.abc import Mapping

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casework.accounts.roles import Permission
from casework.calls.closing import AppointmentMissing
from casework.calls.corrections import correct_attempt
from casework.calls.dialling import NotDialled
from casework.calls.doubts import AgainstAnswers
from casework.calls.filling import AnswersIncomplete, NoteMissing
from casework.calls.interruptions import (
    interrupted_calls,
    report_interrupted,
    resolve_interrupted,
)
from casework.calls.late_models import WhatHappened
from casework.calls.messages import answer_message, mark_message_read, said_to
from casework.calls.my_day import my_day
from casework.cases.lifecycle import CaseState
from casework.db import new_uid, utcnow
from casework.errors import CaseworkError
from webapp.access import current_user, requires
from webapp.calls import forms, words
from webapp.errors import BROKEN_RULES, sentence

UNFIT = 422
#: What the desk says of its own keys is said otherwise where there are none.
OFF_THE_DESK: Mapping[type[CaseworkError], LazyString] = {
    AnswersIncomplete: _l(
        "The answers given in the call do not reach a verdict. Choose the disposition for a "
        "break-off (14); for more answers the person is called again."
    ),
    AppointmentMissing: _l("Fill in the day and the time of the appointment below."),
    NotDialled: _l("No call is known. Tick below that it was dialled by hand, or choose 71 or 81."),
    NoteMissing: _l("This disposition needs a note that says why."),
}

bp = Blueprint("day", __name__, template_folder="templates", url_prefix="/calls/day")


@bp.get("/")
@requires(Permission.CALL_MAKE)
def mine() -> ResponseReturnValue:
    """Show the operator's own day, and ask about the calls that broke off."""
    actor, at = current_user(), utcnow()
    return render_template(
        "calls/day.html",
        day=my_day(actor=actor, at=at),
        interrupted=interrupted_calls(actor=actor),
        said=said_to(actor=actor, at=at),
        at=at,
        words=words,
    )


@bp.route("/<uid>/correct", methods=["GET", "POST"])
@requires(Permission.CALL_MAKE)
def correct(uid: str) -> ResponseReturnValue:
    """Replace the outcome of a call that was closed minutes ago."""
    actor, at = current_user(), utcnow()
    refusal, against = "", False
    if request.method == "POST":
        try:
            recorded = correct_attempt(uid, forms.to_report(request.form), actor=actor, at=at)
        except CaseworkError as error:
            refusal, against = refused(error), isinstance(error, AgainstAnswers)
        else:
            flash(_("The call is corrected; what stood before is kept beside it."), "done")
            if recorded.state is CaseState.ESCALATED:
                flash(_("The supervisor decides about the case next."))
            return redirect(url_for(".mine"), 303)
    rows = my_day(actor=actor, at=at).rows
    row = next((row for row in rows if row.attempt_uid == uid), None)
    if row is None:
        abort(404)
    return _report_page(row, uid, refusal, against=against)


@bp.post("/messages/<uid>/read")
@requires(Permission.CALL_MAKE)
def read_message(uid: str) -> ResponseReturnValue:
    """Keep that a message was read."""
    mark_message_read(uid, actor=current_user(), at=utcnow())
    if "HX-Request" in request.headers:  # the page takes the message away by itself
        return ""
    return redirect(url_for("calls.desk"), 303)


@bp.post("/messages/<uid>/answer")
@requires(Permission.CALL_MAKE)
def answer(uid: str) -> ResponseReturnValue:
    """Answer a message."""
    answer_message(uid, request.form.get("words", ""), actor=current_user(), at=utcnow())
    flash(_("Sent. The supervisor sees it on the board."), "done")
    return redirect(url_for("calls.desk"), 303)


@bp.post("/<uid>/happened")
@requires(Permission.CALL_MAKE)
def happened(uid: str) -> ResponseReturnValue:
    """Keep how a call went that broke off."""
    try:
        what = WhatHappened(request.form.get("what", ""))
    except ValueError:
        abort(400)
    if what is WhatHappened.FINISHED:
        return redirect(url_for(".report", uid=uid), 303)
    resolve_interrupted(uid, what, actor=current_user(), at=utcnow())
    flash(_("Kept. The call counts neither as a refusal nor as no answer."), "done")
    return redirect(url_for(".mine"), 303)


@bp.route("/<uid>/report", methods=["GET", "POST"])
@requires(Permission.CALL_MAKE)
def report(uid: str) -> ResponseReturnValue:
    """Report a call that was finished although its hold was lost."""
    actor = current_user()
    refusal, against = "", False
    if request.method == "POST":
        try:
            sent = forms.to_report(request.form)
            number = report_interrupted(uid, sent, actor=actor, at=utcnow())
        except CaseworkError as error:
            refusal, against = refused(error), isinstance(error, AgainstAnswers)
        else:
            kept = _(
                "The report is kept for the supervisor under number %(number)s.", number=number
            )
            flash(kept)
            return redirect(url_for(".mine"), 303)
    calls = interrupted_calls(actor=actor)
    call = next((call for call in calls if call.attempt_uid == uid), None)
    if call is None:
        abort(404)
    return _report_page(call, uid, refusal, against=against)


def _report_page(row: object, uid: str, refusal: str, *, against: bool) -> ResponseReturnValue:
    """Show the form for the report of one call, with what was entered and why it was refused."""
    page = render_template(
        "calls/report.html",
        row=row,
        uid=uid,
        key=new_uid(),
        words=words,
        refusal=refusal,
        against=against or "confirmed" in request.form,
        entered=request.form,
    )
    return page, UNFIT if refusal else 200


def refused(error: CaseworkError) -> str:
    """Say on the page what does not fit, in the words of a page that dials nothing."""
    if BROKEN_RULES[type(error)][0] != UNFIT:
        raise error
    return str(OFF_THE_DESK.get(type(error)) or sentence(error))
