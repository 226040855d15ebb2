"""The page on which an inspector counts the workers of an enterprise."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from casework.accounts.roles import Permission
from casework.ledgers.codes import words_of
from casework.ledgers.projects import Project
from casework.regions.tree import load_tree
from casework.visits import worklist
from casework.visits.head_counts import CHANNELS, REASONS, count_of, ledger_count
from casework.visits.models import Signer
from webapp.access import current_user, requires
from webapp.labels import label

bp = Blueprint("enterprise", __name__, template_folder="templates", url_prefix="/visits/enterprise")


@bp.get("/<uid>")
@requires(Permission.VISIT_RECORD)
def show(uid: str) -> ResponseReturnValue:
    """Show the form for the enterprise of one visit, and what was counted before."""
    file = worklist.visit_file(uid, actor=current_user())
    if file.case.project is not Project.OVERCAPACITY:
        abort(404)
    return render_template(
        "visits/enterprise.html",
        file=file,
        count=count_of(file.case),
        ledger=ledger_count(file.case),
        place=load_tree().name(file.visit.place_code),
        channels=CHANNELS,
        reasons=[(code, words_of("unsettled_reason", code)) for code in REASONS],
        signers=[(signer.value, label(signer)) for signer in Signer],
    )
