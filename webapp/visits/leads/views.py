"""The register of leads: lists, entry by hand and by file, triage, merging, results."""

import csv
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from io import StringIO
from typing import TypeVar
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm.exc import StaleDataError

from casework.accounts.roles import Permission
from casework.campaigns.models import Campaign
from casework.db import utcnow
from casework.errors import NotAllowedNow
from casework.ledgers.refusals import FileRefused
from casework.regions.tree import load_tree
from casework.visits import lead_register as register_of
from casework.visits import plan as planning
from casework.visits.lead_entry import Entered, enter_leads
from casework.visits.lead_files import (
    COLUMNS,
    HeaderMissing,
    LeadTable,
    TooManyLeads,
    read_leads,
    region_words,
)
from casework.visits.lead_handling import (
    DueInThePast,
    LeadsDiffer,
    LeadSettledBySite,
    merge_leads,
    settle_lead,
    triage_lead,
)
from casework.visits.lead_matching import GROUNDS, lead_grounds, raise_grounds
from casework.visits.lead_register import LeadFilter, LeadStage
from casework.visits.models import Lead, LeadResult, LeadSeverity, LeadSource
from webapp.access import current_user, requires
from webapp.errors import sentence
from webapp.i18n import in_words
from webapp.labels import label
from webapp.visits.leads.forms import LeadFileForm, LeadForm, SettleForm, TriageForm

bp = Blueprint("leads", __name__, template_folder="templates", url_prefix="/visits/leads")

SHANGHAI = ZoneInfo("Asia/Shanghai")
Code = TypeVar("Code", bound=StrEnum)


def _today() -> date:
    return utcnow().astimezone(SHANGHAI).date()


def _campaign(uid: str) -> Campaign:
    return planning.campaign_of(uid, actor=current_user())


@bp.get("/<uid>")
@requires(Permission.VISIT_PLAN)
def register(uid: str) -> ResponseReturnValue:
    """List the leads of a campaign."""
    campaign, actor, today = _campaign(uid), current_user(), _today()
    wanted, tree = _filter(), load_tree()
    number = request.args.get("page", 1, type=int)
    page = register_of.register_page(campaign, wanted, actor=actor, today=today, number=number)
    return render_template(
        "leads/register.html",
        campaign=campaign,
        campaigns=planning.planned_campaigns(actor),
        page=page,
        stages=register_of.stage_counts(campaign, actor=actor),
        overdue=register_of.overdue_leads(campaign, actor=actor, today=today),
        stage_of=register_of.stage_of,
        wanted=wanted,
        chosen={name: request.args.get(name, "") for name in _NAMES},
        choices={enum.__name__: [(c.value, label(c)) for c in enum] for enum in _FILTERS},
        stage_labels={stage: label(stage) for stage in LeadStage},
        grounds=lead_grounds(campaign),
        units=[(unit.code, unit.name) for unit in tree.units],
        today=today,
        tree=tree,
    )


_FILTERS: tuple[type[StrEnum], ...] = (LeadStage, LeadSource, LeadSeverity, LeadResult)
_NAMES = ("stage", "source", "severity", "result", "unit", "wanted", "overdue")


def _filter() -> LeadFilter:
    return LeadFilter(
        stage=_code(LeadStage, "stage"),
        source=_code(LeadSource, "source"),
        severity=_code(LeadSeverity, "severity"),
        result=_code(LeadResult, "result"),
        unit=request.args.get("unit", ""),
        wanted=request.args.get("wanted", "").strip()[:100],
        overdue=bool(request.args.get("overdue")),
    )


def _code(enum: type[Code], name: str) -> Code | None:
    text = request.args.get(name, "")
    return enum(text) if text in set(enum) else None


@bp.post("/<uid>/raise")
@requires(Permission.VISIT_PLAN)
def raise_from_ledgers(uid: str) -> ResponseReturnValue:
    """Raise the leads of one ground: a rule that warned, or a person claimed twice."""
    campaign, ground = _campaign(uid), request.form.get("ground", "")
    if ground not in GROUNDS:
        abort(400)
    number = raise_grounds(campaign.id, ground, actor=current_user(), at=utcnow())
    flash(_("Leads raised: %(number)s.", number=number), "ok")
    return redirect(url_for(".register", uid=uid))


@bp.route("/<uid>/new", methods=["GET", "POST"])
@requires(Permission.VISIT_PLAN)
def new(uid: str) -> ResponseReturnValue:
    """Enter one lead by hand."""
    campaign, form = _campaign(uid), LeadForm()
    form.offer(load_tree(), _today())
    if form.validate_on_submit():
        done = enter_leads(campaign.id, [form.to_draft()], actor=current_user(), at=utcnow())
        flash(_entered_words(done), "ok")
        return redirect(url_for(".register", uid=uid))
    page = render_template("leads/new.html", campaign=campaign, form=form)
    return page, 422 if form.errors else 200


def _entered_words(done: Entered) -> str:
    words = [_("Leads entered: %(number)s.", number=done.new)]
    if done.joined:
        words.append(_("%(number)s joined a sampled case.", number=done.joined))
    if done.known:
        words.append(
            _("%(number)s were there already, word for word, and count once.", number=done.known)
        )
    return " ".join(words)


@bp.route("/<uid>/import", methods=["GET", "POST"])
@requires(Permission.VISIT_PLAN)
def import_file(uid: str) -> ResponseReturnValue:
    """Enter the leads of a table, all of them or none."""
    campaign, form, refusal = _campaign(uid), LeadFileForm(), ""
    table = LeadTable([], [])
    if form.validate_on_submit():
        try:
            regions = region_words(load_tree())
            table = read_leads(form.file.data.read(), regions=regions, today=_today())
        except (FileRefused, HeaderMissing, TooManyLeads) as error:
            refusal = sentence(error)
        else:
            if not table.faults:
                done = enter_leads(campaign.id, table.drafts, actor=current_user(), at=utcnow())
                flash(_entered_words(done), "ok")
                if table.passed_over:
                    titles = "、".join(table.passed_over)
                    flash(_("Columns that are not read: %(titles)s.", titles=titles), "warn")
                return redirect(url_for(".register", uid=uid))
    page = render_template(
        "leads/import.html",
        campaign=campaign,
        form=form,
        refusal=refusal,
        faults=table.faults,
        column_words=_column_words,
    )
    return page, 422 if form.errors or refusal or table.faults else 200


_COLUMN_WORDS: Mapping[str, LazyString] = {
    "source": _l("Told by"),
    "source_no": _l("Number at the source"),
    "received_on": _l("Received on"),
    "region": _l("Region"),
    "subject": _l("About whom"),
    "name": _l("Name of the person or enterprise"),
    "id_no": _l("Identity number"),
    "words": _l("What was told"),
    "severity": _l("Severity"),
    "urgent": _l("Urgent"),
    "due_on": _l("To be settled by"),
}


def _column_words(column: str) -> str:
    """Return what a column is called in the file; in English with what it means."""
    if column not in COLUMNS:
        return str(_("column %(letters)s, without a title", letters=column))
    title = COLUMNS[column][0]
    return in_words(title, f"{title} ({_COLUMN_WORDS[column]})")


@bp.get("/template.csv")
@requires(Permission.VISIT_PLAN)
def template() -> ResponseReturnValue:
    """Answer with an empty table whose header is right."""
    lines = StringIO()
    csv.writer(lines).writerow(names[0] for names in COLUMNS.values())
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="leads.csv"',
    }
    return f"\ufeff{lines.getvalue()}", 200, headers


@bp.get("/lead/<uid>")
@requires(Permission.VISIT_PLAN)
def show(uid: str) -> ResponseReturnValue:
    """Open one lead."""
    return _page(uid)


def _page(
    uid: str,
    triaging: TriageForm | None = None,
    settling: SettleForm | None = None,
    refusal: str = "",
    *,
    overtaken: bool = False,
) -> ResponseReturnValue:
    file = register_of.open_lead(uid, actor=current_user(), at=utcnow())
    typed = triaging is not None
    triaging = triaging or TriageForm(formdata=None)
    triaging.offer(register_of.possible_owners(), file.lead, typed=typed)
    if overtaken:
        triaging.see(file.lead)
        refusal = _overtaken_words(file.lead)
    settling = settling or SettleForm(formdata=None)
    page = render_template(
        "leads/show.html",
        file=file,
        stage=register_of.stage_of(file.lead),
        triaging=triaging,
        settling=settling,
        refusal=refusal,
        today=_today(),
        tree=load_tree(),
    )
    if overtaken:
        return page, 409
    return page, 422 if refusal or triaging.errors or settling.errors else 200


def _overtaken_words(lead: Lead) -> str:
    """Say what a lead says now that somebody else changed it, and what became of the form."""
    facts = [
        label(lead.severity),
        _("Urgent") if lead.urgent else "",
        lead.owner.name if lead.owner else "",
        f"{_('To be settled by')} {lead.due_on}" if lead.due_on else "",
    ]
    return str(
        _(
            "Somebody changed this lead meanwhile; it says now: %(facts)s. What you chose stands "
            "in the form and is not saved: look at both, and save it again if it shall replace "
            "that.",
            facts=" · ".join(filter(None, map(str, facts))),
        )
    )


@bp.post("/lead/<uid>/triage")
@requires(Permission.VISIT_PLAN)
def triage(uid: str) -> ResponseReturnValue:
    """Say how grave a lead is, who deals with it and by when."""
    form = TriageForm()
    form.owner.choices = [(user.id, user.name) for user in register_of.possible_owners()]
    if not form.validate():
        return _page(uid, form)
    try:
        triage_lead(
            uid,
            form.to_triage(),
            version=form.version.data or 0,
            today=_today(),
            actor=current_user(),
            at=utcnow(),
        )
    except DueInThePast as error:
        return _page(uid, form, refusal=sentence(error))
    except StaleDataError:
        return _page(uid, form, overtaken=True)
    except NotAllowedNow:
        flash(_("This lead ended meanwhile, as stands below. Your triage was not saved."), "bad")
        return redirect(url_for(".show", uid=uid))
    flash(_("The lead is in hand."), "ok")
    return redirect(url_for(".show", uid=uid))


@bp.post("/lead/<uid>/merge")
@requires(Permission.VISIT_PLAN)
def merge(uid: str) -> ResponseReturnValue:
    """Make this lead part of another."""
    into = request.form.get("into", "")
    try:
        merge_leads(uid, into, actor=current_user(), at=utcnow())
    except LeadsDiffer as error:
        flash(sentence(error), "bad")
        return redirect(url_for(".show", uid=uid))
    except NotAllowedNow:
        flash(_("One of the two leads ended meanwhile, so they stay two."), "bad")
        return redirect(url_for(".show", uid=uid))
    flash(_("The two leads are one now."), "ok")
    return redirect(url_for(".show", uid=into))


@bp.post("/lead/<uid>/settle")
@requires(Permission.VISIT_PLAN)
def settle(uid: str) -> ResponseReturnValue:
    """End a lead in its result."""
    form = SettleForm()
    if not form.validate():
        return _page(uid, settling=form)
    try:
        settle_lead(uid, form.result.data, form.words.data, actor=current_user(), at=utcnow())
    except LeadSettledBySite as error:
        return _page(uid, settling=form, refusal=sentence(error))
    except NotAllowedNow:
        refusal = _("This lead ended meanwhile, as stands below. Your result was not saved.")
        return _page(uid, settling=form, refusal=str(refusal))
    flash(_("The lead is settled."), "ok")
    return redirect(url_for(".show", uid=uid))
