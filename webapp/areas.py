"""The areas of the screen, one blueprint each, and the menu that leads to them."""

from dataclasses import dataclass

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from casework.accounts.models import User
from casework.accounts.roles import Permission, Role
from webapp import vendor
from webapp.access import requires
from webapp.accounts import views as accounts
from webapp.calls import day, finding, floor
from webapp.calls import views as calls
from webapp.campaigns import draws
from webapp.campaigns import pages as campaigns
from webapp.campaigns import planning as plans
from webapp.estimates import judging, objecting
from webapp.estimates import views as estimates
from webapp.ledgers import views as ledgers
from webapp.reports import views as reports
from webapp.visits import device, enterprise, review
from webapp.visits import views as visits
from webapp.visits.adjudication import views as adjudication
from webapp.visits.leads import views as leads
from webapp.visits.rectification import views as rectification
from webapp.visits.trips import checks
from webapp.visits.trips import views as trips


@dataclass(frozen=True, slots=True)
class MenuItem:
    endpoint: str
    label: LazyString
    permission: Permission


MENU = (
    MenuItem("calls.desk", _l("Desk"), Permission.CALL_MAKE),
    MenuItem("day.mine", _l("My day"), Permission.CALL_MAKE),
    MenuItem("supervision.board", _l("Call floor"), Permission.CALL_SUPERVISE),
    MenuItem("visits.today", _l("Today's visits"), Permission.VISIT_RECORD),
    MenuItem("ledgers.index", _l("Ledgers"), Permission.LEDGER_READ),
    MenuItem("campaigns.index", _l("Campaigns"), Permission.CAMPAIGN_READ),
    MenuItem("supervision.progress", _l("Progress"), Permission.CAMPAIGN_READ),
    MenuItem("draws.index", _l("Draws"), Permission.DRAW_COMMIT),
    MenuItem("visits.plan", _l("Leads and visits"), Permission.VISIT_PLAN),
    MenuItem("adjudication.index", _l("Adjudication"), Permission.CASE_ADJUDICATE),
    MenuItem("rectification.start", _l("Rectification"), Permission.RECTIFICATION_KEEP),
    MenuItem("review.conflicts", _l("Conflicts"), Permission.VISIT_PLAN),
    MenuItem("review.signals", _l("Field signals"), Permission.VISIT_REVIEW),
    MenuItem("estimates.index", _l("Estimates"), Permission.ESTIMATE_READ),
    MenuItem("objections.index", _l("Results and objections"), Permission.OBJECTION_FILE),
    MenuItem("accounts.users", _l("Users"), Permission.USER_MANAGE),
    MenuItem("accounts.trail", _l("Audit trail"), Permission.AUDIT_READ),
)

#: Where each role starts its day.
HOME = {
    Role.OPERATOR: "calls.desk",
    Role.SUPERVISOR: "supervision.board",
    Role.INSPECTOR: "visits.today",
    Role.VERIFIER: "estimates.index",
    Role.COORDINATOR: "campaigns.index",
    Role.CLERK: "ledgers.index",
    Role.ADMINISTRATOR: "accounts.users",
    Role.AUDITOR: "accounts.trail",
}


def register(app: Flask) -> None:
    """Add every area to *app*, and to every template the menu of the person who asks."""
    vendor.init_app(app)
    for area in (
        accounts,
        ledgers,
        campaigns,
        draws,
        plans,
        calls,
        day,
        finding,
        floor,
        visits,
        leads,
        trips,
        checks,
        adjudication,
        rectification,
        device,
        enterprise,
        review,
        estimates,
        reports,
        judging,
        objecting,
    ):
        app.register_blueprint(area.bp)
    app.add_url_rule("/", "home", home)
    app.add_url_rule("/healthz", "healthz", healthz)
    app.context_processor(_page_context)


@requires(Permission.OWN_ACCOUNT)
def home() -> ResponseReturnValue:
    """Send each person to the page where the work is."""
    return redirect(url_for(HOME[g.user.role]))


def healthz() -> ResponseReturnValue:
    """Say that the process lives; it asks nothing else."""
    return {"status": "ok"}


def _page_context() -> dict[str, object]:
    user: User | None = g.get("user")
    items = [item for item in MENU if user is not None and user.can(item.permission)]
    return {
        "current_user": user,
        "nav_items": items,
        "current_endpoint": request.endpoint,
        "demo": current_app.config["DEMO"],
    }
