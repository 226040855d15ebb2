"""Adjudication: the work list, one case with both evidences, and how often they agree."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.accounts.roles import Permission
from casework.campaigns.models import Campaign
from casework.db import utcnow
from casework.estimates.evidence import CaseEvidence, show_case
from casework.regions.tree import load_tree
from casework.visits import adjudication
from casework.visits.adjudication_rule import Ruling
from casework.visits.checklists import OutcomeDoesNotSuit
from webapp.access import current_user, requires
from webapp.errors import sentence
from webapp.estimates.timeline import checklist_lines, said_in
from webapp.estimates.words import outcome_word
from webapp.visits.adjudication.forms import OpinionForm

bp = Blueprint(
    "adjudication", __name__, template_folder="templates", url_prefix="/visits/adjudication"
)
SHOWN = 200


@bp.get("/")
@requires(Permission.CASE_ADJUDICATE)
def index() -> ResponseReturnValue:
    """List the cases on which phone and site disagree, and how far both agree by unit."""
    actor = current_user()
    disputes = adjudication.disputes_for(actor)
    campaigns = _campaigns(disputes)
    return render_template(
        "adjudication/index.html",
        disputes=disputes,
        shown=SHOWN,
        agreements=[(c, adjudication.agreements(c, actor=actor)) for c in campaigns],
        outcome_word=outcome_word,
        tree=load_tree(),
    )


def _campaigns(disputes: adjudication.Disputes) -> list[Campaign]:
    every = (*disputes.to_decide, *disputes.waiting, *disputes.settled)
    by_id = {dispute.campaign.id: dispute.campaign for dispute in every}
    return [by_id[number] for number in sorted(by_id, reverse=True)]


@bp.route("/<uid>", methods=["GET", "POST"])
@requires(Permission.CASE_ADJUDICATE)
def show(uid: str) -> ResponseReturnValue:
    """Show both evidences of a case side by side, and take an opinion."""
    actor, form, refusal = current_user(), OpinionForm(), ""
    evidence = show_case(uid, actor=actor, at=utcnow())
    form.offer(evidence.case.project)
    if form.validate_on_submit():
        try:
            ruling = adjudication.give_opinion(
                uid, form.outcome.data, form.words.data, actor=actor, at=utcnow()
            )
        except OutcomeDoesNotSuit as error:
            refusal = sentence(error)
        else:
            flash(_told(ruling), "ok")
            return redirect(url_for(".index"))
    opinions, may = adjudication.opinions_on(evidence.case, actor=actor)
    page = render_template(
        "adjudication/show.html",
        evidence=evidence,
        calls=_calls(evidence),
        findings=[(f, checklist_lines(evidence, f)) for f in evidence.findings],
        opinions=opinions,
        may=may,
        form=form,
        refusal=refusal,
        outcome_word=outcome_word,
        tree=load_tree(),
    )
    return page, 422 if form.errors or refusal else 200


def _calls(evidence: CaseEvidence) -> list[tuple[object, list[str]]]:
    """Return the calls in which questions were answered, each with its answers."""
    told = [a for a in evidence.attempts if a.outcome and not a.blind]
    return [(attempt, said_in(evidence, attempt)) for attempt in told]


def _told(ruling: Ruling) -> str:
    if ruling.settled:
        return str(_("Settled: %(outcome)s.", outcome=outcome_word(ruling.outcome)))
    if ruling.escalated:
        return str(_("Your opinion is kept. Two people differ; a third decides."))
    return str(_("Your opinion is kept. A second person decides without seeing it."))
