"""The protocol of a draw, step by step, for the parties to it; and the proof of a county's row."""

import io
import json
from collections.abc import Callable

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.accounts.roles import Permission
from casework.campaigns import protocol, redraw
from casework.campaigns.drawing import draw_is_intact
from casework.campaigns.frame import frame_is_intact
from casework.campaigns.overview import campaigns_of, find_campaign
from casework.campaigns.proofs import proof_of_row, provable
from casework.campaigns.protocol_errors import RevealWrong
from casework.campaigns.protocol_view import protocol_of
from casework.campaigns.published import notice, write_bundle
from casework.db import utcnow
from casework.errors import CaseworkError
from webapp.access import current_user, requires
from webapp.campaigns.forms import (
    CommitForm,
    DrawForm,
    NameValueForm,
    ProofForm,
    RedrawForm,
    RevealForm,
    ValueForm,
)
from webapp.errors import BROKEN_RULES, sentence

bp = Blueprint("draws", __name__, template_folder="templates", url_prefix="/draws")

Forms = NameValueForm | CommitForm | ValueForm | RevealForm | RedrawForm


@bp.get("/")
@requires(Permission.DRAW_COMMIT)
def index() -> ResponseReturnValue:
    """List the draws with the step that each has come to."""
    views = [
        protocol_of(campaign.id, actor=current_user(), at=utcnow())
        for campaign in campaigns_of(current_user())
    ]
    return render_template("draws/index.html", views=views)


@bp.get("/<int:campaign_id>")
@requires(Permission.DRAW_COMMIT)
def show(campaign_id: int) -> ResponseReturnValue:
    """Show the protocol: what was done, who acts next, and what happens if it is wrong."""
    return _page(campaign_id)


def _page(campaign_id: int, rejected: Forms | None = None) -> ResponseReturnValue:
    view = protocol_of(campaign_id, actor=current_user(), at=utcnow())
    forms = {
        form.__name__: rejected if isinstance(rejected, form) else form(formdata=None)
        for form in (NameValueForm, CommitForm, ValueForm, RevealForm, RedrawForm)
    }
    page = render_template(
        "draws/show.html",
        view=view,
        forms=forms,
        draw=DrawForm(formdata=None),
        party=current_user().role,
        may_design=current_user().can(Permission.CAMPAIGN_DESIGN),
        designed=redraw.may_draw_anew(actor=current_user()),
    )
    return page, 422 if rejected else 200


@bp.post("/<int:campaign_id>/name")
@requires(Permission.DRAW_COMMIT)
def name_value(campaign_id: int) -> ResponseReturnValue:
    """Say which public value will count, and when it comes out."""
    form = NameValueForm()
    if not form.validate_on_submit():
        return _page(campaign_id, form)
    return _done(
        campaign_id,
        form,
        lambda: protocol.name_public_value(
            campaign_id, form.name.data, form.known_on.data, actor=current_user(), at=utcnow()
        ),
        _("The public value is named. Both parties commit themselves next."),
    )


@bp.post("/<int:campaign_id>/commit")
@requires(Permission.DRAW_COMMIT)
def commit(campaign_id: int) -> ResponseReturnValue:
    """Enter the commitment of one's own party."""
    form = CommitForm()
    if not form.validate_on_submit():
        return _page(campaign_id, form)
    return _done(
        campaign_id,
        form,
        lambda: protocol.commit_secret(
            campaign_id, form.digest.data, actor=current_user(), at=utcnow()
        ),
        _("The commitment of your party is kept. Keep secret and salt safe."),
    )


@bp.post("/<int:campaign_id>/value")
@requires(Permission.DRAW_COMMIT)
def record_value(campaign_id: int) -> ResponseReturnValue:
    """Enter the public value once it is out."""
    form = ValueForm()
    if not form.validate_on_submit():
        return _page(campaign_id, form)
    return _done(
        campaign_id,
        form,
        lambda: protocol.record_public_value(
            campaign_id, form.value.data, actor=current_user(), at=utcnow()
        ),
        _("The public value is kept, and the sizes are fixed. The secrets are revealed next."),
    )


@bp.post("/<int:campaign_id>/reveal")
@requires(Permission.DRAW_COMMIT)
def reveal(campaign_id: int) -> ResponseReturnValue:
    """Reveal the secret of one's own party."""
    form = RevealForm()
    if not form.validate_on_submit():
        return _page(campaign_id, form)
    return _done(
        campaign_id,
        form,
        lambda: protocol.reveal_secret(
            campaign_id, form.secret.data, form.salt.data, actor=current_user(), at=utcnow()
        ),
        _("The secret has the commitment of your party and is revealed."),
    )


@bp.post("/<int:campaign_id>/give-up")
@requires(Permission.DRAW_COMMIT)
def give_up(campaign_id: int) -> ResponseReturnValue:
    """Agree, as one of two, to give the frame and its draw up."""
    form = RedrawForm()
    if not form.validate_on_submit():
        return _page(campaign_id, form)
    return _done(
        campaign_id,
        form,
        lambda: redraw.agree_to_redraw(
            campaign_id, form.reason.data, actor=current_user(), at=utcnow()
        ),
        _("Your consent is kept. It stays listed for ever."),
    )


@bp.post("/<int:campaign_id>/anew")
@requires(Permission.CAMPAIGN_DESIGN)
def draw_anew(campaign_id: int) -> ResponseReturnValue:
    """Say which campaign draws anew what this one gave up."""
    successor = request.form.get("campaign", 0, type=int)
    redraw.draw_anew_in(successor, campaign_id, actor=current_user(), at=utcnow())
    flash(_("This campaign stands in for the draw that was given up."), "ok")
    return redirect(url_for("campaigns.show", campaign_id=successor), 303)


@bp.get("/<int:campaign_id>/check")
@requires(Permission.DRAW_COMMIT)
def check(campaign_id: int) -> ResponseReturnValue:
    """Recompute the seal of the frame and, once there is one, the draw."""
    campaign = find_campaign(campaign_id, actor=current_user())
    drawn = campaign.draw is not None
    return render_template(
        "draws/_check.html",
        at=utcnow(),
        frame=frame_is_intact(campaign_id) if campaign.frame else None,
        draw=draw_is_intact(campaign_id) if drawn else None,
        entries=campaign.frame.entries if campaign.frame else 0,
    )


@bp.get("/<int:campaign_id>/notice.json")
@requires(Permission.DRAW_COMMIT)
def promised(campaign_id: int) -> ResponseReturnValue:
    """Hand out what is announced before the day of the public value."""
    return _file(notice(campaign_id, actor=current_user()), f"notice-{campaign_id}.json")


@bp.get("/<int:campaign_id>/bundle.zip")
@requires(Permission.DRAW_COMMIT)
def bundle(campaign_id: int) -> ResponseReturnValue:
    """Hand out the published files of the draw."""
    archive = io.BytesIO()
    write_bundle(campaign_id, archive, actor=current_user(), at=utcnow())
    archive.seek(0)
    return send_file(
        archive,
        mimetype="application/zip",
        as_attachment=True,
        download_name=f"draw-{campaign_id}.zip",
    )


@bp.route("/proof", methods=["GET", "POST"])
@requires(Permission.LEDGER_READ)
def proof() -> ResponseReturnValue:
    """Hand a county the proof that one row of its own ledger was in the frame."""
    form = ProofForm(request.args) if request.method == "GET" else ProofForm()
    form.offer(*provable(actor=current_user()))
    if form.validate_on_submit():
        try:
            told = proof_of_row(
                form.campaign.data,
                form.ledger.data,
                form.sheet.data,
                form.row.data,
                actor=current_user(),
                at=utcnow(),
            )
        except CaseworkError as error:
            form.row.errors = [sentence(error)]
        else:
            return _file(told, f"proof-{form.campaign.data}-{form.row.data}.json")
    return render_template("draws/proof.html", form=form), 422 if form.errors else 200


def _done(
    campaign_id: int, form: Forms, act: Callable[[], object], words: str
) -> ResponseReturnValue:
    """Carry out a step; what it refuses stands on the page beside the typed words."""
    try:
        act()
    except CaseworkError as error:
        if BROKEN_RULES[type(error)][0] not in {409, 422}:
            raise
        form.form_errors.append(sentence(error))
        if isinstance(error, RevealWrong):
            form.secret.data = form.salt.data = ""
        return _page(campaign_id, form)
    flash(words, "ok")
    return redirect(url_for(".show", campaign_id=campaign_id))


def _file(content: dict[str, object], name: str) -> Response:
    return Response(
        json.dumps(content, ensure_ascii=False, indent=1) + "\n",
        mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
