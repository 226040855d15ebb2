"""What an inspector's device asks for by itself: its worker, the day's pages, to send reports."""

import hashlib
import math
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from casework.accounts.roles import Permission
from casework.db import utcnow
from casework.errors import CaseworkError
from casework.ledgers.projects import Project
from casework.visits import along, worklist
from casework.visits.along import LeadFound, receive_lead_report
from casework.visits.findings import FindingReport
from casework.visits.head_counts import CHANNELS, REASONS, HeadCountReport, record_head_count
from casework.visits.models import LeadResult, Signer
from casework.visits.receiving import Receipt, receive_finding
from webapp import static_files
from webapp.access import current_user, requires
from webapp.errors import BROKEN_RULES, sentence
from webapp.labels import label
from webapp.visits.forms import Typed
from webapp.visits.leads.forms import RESULTS

bp = Blueprint("device", __name__, template_folder="templates", url_prefix="/visits/device")

SHANGHAI = ZoneInfo("Asia/Shanghai")
#: A device's time that is farther from ours than this is no time at all.
FARTHEST = timedelta(days=366)
_PLACE = {"latitude": 90.0, "longitude": 180.0, "accuracy": 1e7}


@bp.get("/worker.js")
def worker() -> ResponseReturnValue:
    """Answer with the service worker, which may serve every page of an inspector."""
    source = (static_files.FOLDER / "js/visits/worker.js").read_text("utf-8")
    # It stands outside the folder whose address changes, so what it imports is named in full.
    vault = url_for("static", filename="js/visits/vault.js")
    headers = {"Content-Type": "text/javascript", "Service-Worker-Allowed": "/visits/"}
    return source.replace("./vault.js", vault), 200, headers


@bp.get("/locked")
@requires(Permission.VISIT_RECORD)
def locked() -> ResponseReturnValue:
    """Show what stands in for a kept page while the key is not there. It holds nothing personal."""
    return render_template("visits/locked.html")


@bp.get("/day")
@requires(Permission.VISIT_RECORD)
def day() -> ResponseReturnValue:
    """Name the pages of today, each with its state, and give a token to send with."""
    on = utcnow().astimezone(SHANGHAI).date()
    day = worklist.day_of(current_user(), on=on)
    tasks = [task for place in day.places for task in place.tasks]
    states = {task.visit.uid: _state(f"{task.visit.version} {task.severity}") for task in tasks}
    leads = {
        url_for("trips.lead", uid=lead.uid): _state(f"{lead.version} {trip.version}")
        for trip, lead in along.leads_due(current_user(), on=on)
    }
    listed = sorted([*states.items(), *leads.items()])
    pages = {url_for("visits.today"): _state(f"{on} {len(day.done)} {listed}")} | leads
    for task in tasks:
        uid = task.visit.uid
        pages[url_for("visits.show", uid=uid)] = states[uid]
        if task.case.project is Project.OVERCAPACITY:
            pages[url_for("enterprise.show", uid=uid)] = states[uid]
    return {"token": generate_csrf(), "pages": pages}


def _state(seen: str) -> str:
    """Return a short digest of what a page shows, with its language and its scripts."""
    shown = f"{seen} {get_locale()} {static_files.address()}"
    return hashlib.sha256(shown.encode()).hexdigest()[:16]


@bp.post("/finding/<uid>")
@requires(Permission.VISIT_RECORD)
def finding(uid: str) -> ResponseReturnValue:
    """Take in one report of a visit; whatever becomes of it, the answer says so in words."""
    at = utcnow()
    typed = Typed.read(request.form)
    report = FindingReport(
        outcome=typed.outcome,
        checklist=typed.checklist,
        reasons=typed.reasons,
        note=typed.note,
        idempotency_key=typed.idempotency_key,
        photos=[photo.read() for photo in request.files.getlist("photos") if photo.filename],
        signatures=_signatures(),
        place=_place(),
        found_at=_device_time("found_at", at) or at,
        skew_seconds=_skew(at),
        seen=typed.seen,
    )
    try:
        shown = request.form.get("shown", "")
        receipt = receive_finding(uid, report, shown=shown, actor=current_user(), at=at)
    except CaseworkError as error:
        return _refused(error)
    return _received(receipt, typed.idempotency_key)


@bp.post("/head-count/<uid>")
@requires(Permission.VISIT_RECORD)
def head_count(uid: str) -> ResponseReturnValue:
    """Take in the head-count of the enterprise of a visit."""
    at = utcnow()
    key = request.form.get("idempotency_key", "")[:64]
    report = HeadCountReport(
        total=_persons("total"),
        resettled={code: _persons(f"resettled-{code}") for code in CHANNELS},
        waived=_persons("waived"),
        unsettled={code: _persons(f"unsettled-{code}") for code in REASONS},
        note=request.form.get("note", ""),
        signatures=_signatures(),
        idempotency_key=key,
        found_at=_device_time("found_at", at) or at,
        skew_seconds=_skew(at),
    )
    try:
        shown = request.form.get("shown", "")
        count = record_head_count(uid, report, shown=shown, actor=current_user(), at=at)
    except CaseworkError as error:
        return _refused(error)
    return _received(Receipt(count.uid, count.received_at), key)


@bp.post("/lead/<uid>")
@requires(Permission.VISIT_RECORD)
def lead(uid: str) -> ResponseReturnValue:
    """Take in one report about a lead that travels along."""
    at = utcnow()
    result = request.form.get("result", "")
    found = LeadFound(
        result=LeadResult(result) if result in RESULTS else LeadResult.OPEN,
        words=request.form.get("words", ""),
        found_at=_device_time("found_at", at) or at,
        idempotency_key=request.form.get("idempotency_key", "")[:64],
        skew_seconds=_skew(at),
    )
    try:
        shown = request.form.get("shown", "")
        report = receive_lead_report(uid, found, shown=shown, actor=current_user(), at=at)
    except CaseworkError as error:
        return _refused(error)
    receipt = Receipt(report.uid, report.received_at, report.why)
    return _received(receipt, found.idempotency_key)


def _persons(name: str) -> int:
    """Return the number of persons in a field: 0 if it is empty, -1 if it is no number."""
    text = request.form.get(name, "").strip()
    return int(text[:8]) if text.isdecimal() else -bool(text)


def _refused(error: CaseworkError) -> ResponseReturnValue:
    return {"state": "refused", "words": sentence(error)}, BROKEN_RULES[type(error)][0]


def _received(receipt: Receipt, key: str) -> ResponseReturnValue:
    answer = {"key": key, "uid": receipt.uid, "at": receipt.received_at.isoformat()}
    if receipt.conflict is None:
        return answer | {"state": "received", "words": _("Received")}
    why = label(receipt.conflict)
    words = _("Received and kept, but it does not count by itself. %(why)s.", why=why)
    return answer | {"state": "kept", "words": f"{words} {_('The coordinator decides.')}"}


def _device_time(name: str, at: datetime) -> datetime | None:
    """Return the time that the device wrote into a field, or None if it is none."""
    try:
        moment = datetime.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return None
    if moment.tzinfo is None or abs(moment.replace(tzinfo=at.tzinfo) - at) > FARTHEST:
        return None
    return moment


def _skew(at: datetime) -> int | None:
    sent_at = _device_time("sent_at", at)
    return None if sent_at is None else round((sent_at - at).total_seconds())


def _signatures() -> dict[Signer, bytes]:
    files = {signer: request.files.get(f"signature-{signer.value}") for signer in Signer}
    return {signer: file.read() for signer, file in files.items() if file is not None}


def _place() -> dict[str, Any]:
    """Return where the device said it was, or nothing if a part is missing or impossible."""
    place: dict[str, Any] = {}
    for name, most in _PLACE.items():
        number = request.form.get(name, math.nan, type=float)
        if not abs(number) <= most:
            return {}
        place[name] = number
    place["mocked"] = {"1": True, "0": False}.get(request.form.get("mocked", ""))
    place["at"] = request.form.get("placed_at", "")[:32]
    return place
