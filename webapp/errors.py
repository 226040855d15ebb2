"""How broken rules reach the person: one status and one sentence for each."""

from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, g, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from casework.accounts.service import LoginRefused, LoginTaken, OwnAccount, PasswordTooWeak
from casework.campaigns.errors import (
    AlreadyDrawn,
    AuthenticityIsNewEmployment,
    BudgetTooSmall,
    CampaignNameUnusable,
    DatesOutOfOrder,
    FrameEmpty,
    FrameTooSmall,
    HalfWidthsMissing,
    HalfWidthsOutOfReach,
    NameTaken,
    NotDrawnYet,
    NothingChosen,
    NothingToDraw,
    NothingToPlan,
    NotInTheEarlierCampaign,
    PlaceOutsideUnits,
    SampleTooSmall,
    SizesImpossible,
    SizesUnreadable,
    SpotIsEverywhere,
    StratumTooSmall,
    TargetsUnreadable,
    WishUnusable,
    WithdrawalUnexplained,
)
from casework.cases.lifecycle import TransitionNotAllowed
from casework.cases.release import AlreadyReleased, EarlierNotReleased, RuleDecides
from casework.db import db
from casework.errors import CaseworkError, NotAllowedNow, NotFound
from casework.estimates.next_replicate import NothingProposed
from casework.ledgers.errors import InFrame, NoSuchFault, RowsStillFaulty, SameFile
from casework.reports.certificates import ResultUnpublished
from casework.reports.lost_evidence import EvidenceLost
from casework.reports.run_inputs import RunOutdated
from casework.sealing import KeysMissing, SealBroken
from webapp.access import PUBLIC
from webapp.call_rules import CALL_RULES
from webapp.formats import local
from webapp.judging_words import JUDGING_RULES
from webapp.labels import LABELS, label
from webapp.ledgers.words import REFUSALS
from webapp.protocol_words import PROTOCOL_RULES
from webapp.sessions import ServerSession
from webapp.visit_rules import VISIT_RULES

#: Status, and the sentence: what happened, what was kept, what to do. ``facts`` fill its places.
BROKEN_RULES: dict[type[CaseworkError], tuple[int, LazyString]] = {
    NotFound: (404, _l("There is no such record, or you may not see it.")),
    ResultUnpublished: (
        409,
        _l(
            "A certificate is made of a published result, from the day of its publication on. "
            "Publish the run first, or make a notice."
        ),
    ),
    EvidenceLost: (
        409,
        _l(
            "Photos under these figures are lost or were altered, so no certificate is made. The "
            "report names the cases: bring the photos back from a backup, or have the cases "
            "visited and recorded anew."
        ),
    ),
    RunOutdated: (
        409,
        _l(
            "The data have changed since this run was computed, and it kept no copy of them. "
            "Compute a new run and make the paper of that one."
        ),
    ),
    NotAllowedNow: (409, _l("This cannot be done in the present state. Nothing was changed.")),
    TransitionNotAllowed: (
        409,
        _l("The case has moved on meanwhile. Nothing was changed; go back to your work list."),
    ),
    EarlierNotReleased: (
        409,
        _l(
            "Cases follow the order of the draw: replicate {earlier} is opened before replicate "
            "{replicate}. Nothing was changed."
        ),
    ),
    RuleDecides: (
        409,
        _l(
            "This campaign fixed the rule “widest interval first”: replicate {replicate} is opened "
            "when the rule names it. Nothing was changed."
        ),
    ),
    NothingProposed: (
        409,
        _l(
            "The rule names no replicate now: every one is open, open cases are still being "
            "worked, or there is no estimate since the latest was opened. Nothing was changed."
        ),
    ),
    AuthenticityIsNewEmployment: (
        422,
        _l(
            "A check of authenticity covers new employment alone, and new employment alone is "
            "checked that way. Nothing was opened."
        ),
    ),
    SpotIsEverywhere: (
        422,
        _l(
            "A spot check is of chosen regions: choose its counties, or leave out units. Nothing "
            "was opened."
        ),
    ),
    PlaceOutsideUnits: (
        422,
        _l("County {region} lies in none of the chosen units. Nothing was opened."),
    ),
    NotDrawnYet: (
        422,
        _l("A follow-up wave needs an earlier campaign whose sample is drawn. Nothing was opened."),
    ),
    NotInTheEarlierCampaign: (
        422,
        _l(
            "A follow-up wave covers projects and units of the campaign it follows, {name}. "
            "Nothing was opened."
        ),
    ),
    NothingToPlan: (
        409,
        _l("This project has no stratum yet, so there is nothing to plan. Freeze the frame first."),
    ),
    BudgetTooSmall: (
        422,
        _l(
            "The budget of {budget:,.0f} yuan does not pay for the minimum: {cases:,} cases with "
            "their visits cost {needed:,.0f} yuan. Raise the budget, or lower minimum or visits. "
            "Nothing was changed."
        ),
    ),
    HalfWidthsOutOfReach: (
        422,
        _l(
            "{regions} half-widths are out of reach even if everybody is called. The worst is that "
            "of {region}: at best {factor:.2f} times as wide as asked for."
        ),
    ),
    HalfWidthsMissing: (
        422,
        _l("Sizes by precision need the half-width of a county, a unit or a project."),
    ),
    WishUnusable: (422, _l("A number lies outside its range, {low:g} to {high:g}: {value:g}.")),
    AlreadyReleased: (409, _l("Replicate {replicate} is open already. Nothing was changed.")),
    CampaignNameUnusable: (
        422,
        _l("Give a name of at most {most} characters. Nothing was changed."),
    ),
    WithdrawalUnexplained: (
        422,
        _l("Give a reason of at most {most} characters. Nothing was changed."),
    ),
    NameTaken: (409, _l("There is already a campaign with this name. Choose another one.")),
    DatesOutOfOrder: (
        422,
        _l("The cut-off, the end of fieldwork and the day of the results must follow each other."),
    ),
    NothingChosen: (422, _l("Choose at least one project and one reporting unit.")),
    TargetsUnreadable: (
        422,
        _l(
            "Line {line} of the table of targets cannot be read. Nothing was changed; "
            "correct it and upload the table again."
        ),
    ),
    FrameEmpty: (
        409,
        _l(
            "There is no accepted entry of the chosen projects and units, so nothing was frozen. "
            "Accept ledgers first."
        ),
    ),
    SizesImpossible: (
        422,
        _l("The strata cannot give these sizes ({reason}). Nothing was changed."),
    ),
    StratumTooSmall: (
        422,
        _l(
            "{size} cases are asked of stratum {stratum}, which has {entries} entries to draw "
            "from. Nothing was changed."
        ),
    ),
    FrameTooSmall: (
        422,
        _l("{total} cases are more than the {entries} entries there are. Nothing was changed."),
    ),
    SampleTooSmall: (
        422,
        _l(
            "{total} cases are too few: the {strata} strata need {least} at the least. Raise the "
            "sample or lower the minimum. Nothing was changed."
        ),
    ),
    SizesUnreadable: (
        422,
        _l(
            "Line {line} of the table of sizes cannot be read. Nothing was changed; "
            "correct it and upload the table again."
        ),
    ),
    NothingToDraw: (409, _l("No sample size is set, so nothing was drawn. Set the sizes first.")),
    AlreadyDrawn: (
        409,
        _l("This frame was drawn from before; a frame is drawn from once. The try was recorded."),
    ),
    LoginRefused: (401, _l("The account or the password is wrong. Check both and try again.")),
    OwnAccount: (
        409,
        _l("Nobody changes his or her own role or region; another administrator does."),
    ),
    LoginTaken: (409, _l("There is already a user with this log-in name. Choose another one.")),
    PasswordTooWeak: (422, _l("A password needs between 15 and 128 characters.")),
    SealBroken: (
        500,
        _l("A sealed value does not open. Tell the administrator; nothing was changed."),
    ),
    KeysMissing: (503, _l("The keys are not loaded. Tell the administrator.")),
    SameFile: (
        409,
        _l(
            "Exactly this file was handed in before, so nothing was kept of it now. Look at the "
            "ledger that holds it, or choose the corrected file."
        ),
    ),
    RowsStillFaulty: (
        409,
        _l(
            "Nothing was accepted: rows that still have errors: {rows}. Remove them under a "
            "removal class, or withdraw the ledger and upload a corrected file."
        ),
    ),
    NoSuchFault: (
        409,
        _l("None of these rows has an error that still stands, so nothing was removed."),
    ),
    InFrame: (
        409,
        _l(
            "Entries of this ledger are in a frozen frame, so it can no longer be withdrawn. "
            "Nothing was changed; speak to the coordinator."
        ),
    ),
    **{rule: (422, words) for rule, words in REFUSALS.items()},
    **PROTOCOL_RULES,
    **CALL_RULES,
    **VISIT_RULES,
    **JUDGING_RULES,
}

HTTP_WORDS: dict[int, LazyString] = {
    400: _l("The request could not be understood. Nothing was changed; load the page again."),
    401: _l("You are not logged in any more. Log in; what was saved before is kept."),
    403: _l("Your role does not allow this page. Nothing was changed."),
    404: _l("There is no such page or record, or you may not see it."),
    405: _l(
        "Use the button or link of a page; the address alone does nothing. Nothing was changed."
    ),
    409: _l("Somebody else changed this just now, so nothing was saved. Look at it again first."),
    413: _l("The file is larger than 50 MB. Nothing was kept; split it and upload the parts."),
    429: _l("Too many tries in a short time. Wait a few minutes and try again."),
    500: _l("Something went wrong on our side. Nothing was half-written; try again."),
    503: _l("The database does not answer. Nothing was lost; try again in a minute."),
}

#: Refusals of a form after which its page is the place to go on.
SENT_FROM_A_PAGE = frozenset({400, 404, 405, 409, 413, 422, 429, 500, 503})


def sentence(error: CaseworkError) -> str:
    """Return the words for a broken rule, with its facts in place."""
    __, words = BROKEN_RULES[type(error)]
    facts = {name: _fact(fact) for name, fact in error.facts.items()}
    return str(words).format(**facts)


def _fact(fact: object) -> object:
    if isinstance(fact, StrEnum) and type(fact) in LABELS:
        return label(fact)
    return local(fact) if isinstance(fact, datetime) else fact


def init_app(app: Flask) -> None:
    app.register_error_handler(CaseworkError, _broken_rule)
    app.register_error_handler(StaleDataError, _lost_race)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(OperationalError, _database_gone)
    for odd in (DataError, OverflowError):
        app.register_error_handler(odd, _no_such_value)
    app.register_error_handler(HTTPException, _http)
    app.teardown_appcontext(_let_go)


_HIDDEN = {"csrf_token", "case", "fence", "key"}  # what forms carry and nobody types


def _page(words: object, status: int, *, raced: bool = False, rule: str = "") -> tuple[str, int]:
    page = render_template(
        "error.html",
        message=words,
        status=status,
        back=_came_from(status),
        raced=raced,
        rule=rule,
        # Any other refusal may have come before the form was read, such as of one too large.
        typed=status == HTTPStatus.CONFLICT and bool(set(request.form) - _HIDDEN),
    )
    return page, status


def _came_from(status: int) -> str:
    """Return the page of this site on which a refused form was sent, "" if there is none.

    The browser says it for our own pages only; an address that was opened directly has none.
    """
    came = urlsplit(request.referrer or "")
    if request.method == "GET" or came.netloc != request.host or status not in SENT_FROM_A_PAGE:
        return ""
    return f"{came.path}?{came.query}" if came.query else came.path


def _broken_rule(error: CaseworkError) -> tuple[str, int]:
    return _page(sentence(error), BROKEN_RULES[type(error)][0], rule=type(error).__name__)


def _lost_race(error: StaleDataError) -> tuple[str, int]:
    return _page(HTTP_WORDS[409], 409, raced=True)


def _stale_form(error: CSRFError) -> tuple[str, int]:
    """A form asks to log in when nobody is logged in any more; elsewhere it is only stale."""
    logged_in = cast("ServerSession", session).user is not None
    status = 400 if logged_in or request.endpoint in PUBLIC else 401
    return _page(HTTP_WORDS[status], status)


def _database_gone(error: Exception) -> tuple[str, int, dict[str, str]]:
    g.user = None  # the page would ask the database for the name
    cast("ServerSession", session).unread = True  # and its session would be written
    return *_page(HTTP_WORDS[503], 503), {"Retry-After": "5"}


def _let_go(error: BaseException | None) -> None:
    """Give the connection back; that it is dead does not spoil an answer that is ready.

    What was only read is committed: at a rollback psycopg forgets its prepared statements.
    """
    session = db.session()
    with suppress(SQLAlchemyError):
        if error is None and not (session.new or session.dirty or session.deleted):
            session.commit()
    with suppress(OperationalError):
        db.session.remove()


def _no_such_value(error: Exception) -> tuple[str, int]:
    """Answer an address with a number or sign that no column can hold: there is no such row."""
    db.session.rollback()
    return _page(HTTP_WORDS[404], 404)


def _http(error: HTTPException) -> ResponseReturnValue | HTTPException:
    status = error.code or 500
    # With the session to be read or saved it goes away before the view or after it.
    if status == 503 or isinstance(getattr(error, "original_exception", None), OperationalError):  # noqa: PLR2004
        return _database_gone(error)
    if status < 400:  # noqa: PLR2004 - redirects are exceptions too
        return error
    return _page(HTTP_WORDS.get(status, HTTP_WORDS[500]), status)
