"""How broken rules reach the person: one status and one sentence for each."""

from flask import Flask, render_template
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from casework.accounts.service import LoginRefused, LoginTaken, PasswordTooWeak
from casework.campaigns.errors import (
    AlreadyDrawn,
    DatesOutOfOrder,
    FrameEmpty,
    NameTaken,
    NothingChosen,
    NothingToDraw,
    SizesImpossible,
    TargetsUnreadable,
)
from casework.cases.lifecycle import TransitionNotAllowed
from casework.errors import AlreadyChanged, CaseworkError, NotAllowedNow, NotFound
from casework.sealing import KeysMissing, SealBroken

#: Status, and the sentence: what happened, what was kept, what to do. ``facts`` fill its places.
BROKEN_RULES: dict[type[CaseworkError], tuple[int, LazyString]] = {
    NotFound: (404, _l("There is no such record, or you may not see it.")),
    AlreadyChanged: (
        409,
        _l("Somebody else changed this just now. Nothing of yours was saved; look again."),
    ),
    NotAllowedNow: (409, _l("This cannot be done in the present state. Nothing was changed.")),
    TransitionNotAllowed: (
        409,
        _l("The case has moved on meanwhile. Nothing was changed; go back to your work list."),
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
    NothingToDraw: (409, _l("No sample size is set, so nothing was drawn. Set the sizes first.")),
    AlreadyDrawn: (
        409,
        _l("This frame was drawn from before; a frame is drawn from once. The try was recorded."),
    ),
    LoginRefused: (401, _l("The account or the password is wrong. Check both and try again.")),
    LoginTaken: (409, _l("There is already a user with this log-in name. Choose another one.")),
    PasswordTooWeak: (422, _l("A password needs between 15 and 128 characters.")),
    SealBroken: (
        500,
        _l("A sealed value does not open. Tell the administrator; nothing was changed."),
    ),
    KeysMissing: (503, _l("The keys are not loaded. Tell the administrator.")),
}

HTTP_WORDS: dict[int, LazyString] = {
    400: _l("The request could not be understood. Nothing was changed; load the page again."),
    401: _l("You are not logged in any more. Log in; what was saved before is kept."),
    403: _l("Your role does not allow this page. Nothing was changed."),
    404: _l("There is no such page or record, or you may not see it."),
    405: _l("This address cannot be used that way. Go back to the page before."),
    409: _l("Somebody else changed this just now. Nothing of yours was saved; look again."),
    413: _l("The file is larger than 50 MB. Nothing was kept; split it and upload the parts."),
    429: _l("Too many tries in a short time. Wait a few minutes and try again."),
    500: _l("Something went wrong on our side. Nothing was half-written; try again."),
    503: _l("The database does not answer. Nothing was lost; try again in a minute."),
}


def sentence(error: CaseworkError) -> str:
    """Return the words for a broken rule, with its facts in place."""
    __, words = BROKEN_RULES[type(error)]
    return str(words).format(**error.facts)


def init_app(app: Flask) -> None:
    app.register_error_handler(CaseworkError, _broken_rule)
    app.register_error_handler(StaleDataError, _lost_race)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(OperationalError, _database_gone)
    app.register_error_handler(HTTPException, _http)


def _page(words: object, status: int) -> tuple[str, int]:
    return render_template("error.html", message=words, status=status), status


def _broken_rule(error: CaseworkError) -> tuple[str, int]:
    return _page(sentence(error), BROKEN_RULES[type(error)][0])


def _lost_race(error: StaleDataError) -> tuple[str, int]:
    return _page(HTTP_WORDS[409], 409)


def _stale_form(error: CSRFError) -> tuple[str, int]:
    return _page(HTTP_WORDS[400], 400)


def _database_gone(error: OperationalError) -> tuple[str, int]:
    return _page(HTTP_WORDS[503], 503)


def _http(error: HTTPException) -> tuple[str, int] | HTTPException:
    status = error.code or 500
    if status < 400:  # noqa: PLR2004 - redirects are exceptions too
        return error
    return _page(HTTP_WORDS.get(status, HTTP_WORDS[500]), status)
