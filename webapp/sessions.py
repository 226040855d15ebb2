"""Log-in sessions kept on the server: their cookie holds a random token and nothing else.

What the next page is to say, such as "saved", goes to the browser and back in a signed cookie of
its own: in the session it would cost two writes of the database each time.
"""

import hashlib
import secrets
from contextlib import suppress
from datetime import timedelta
from typing import Any, cast

from flask import Flask, Request, Response, abort
from flask import session as current_session
from flask.sessions import SessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import CallbackDict

from casework.accounts.models import LoginSession, User
from casework.db import db, transaction, utcnow

TOUCH_EVERY = timedelta(minutes=1)  # writing "seen" at each request would be a write a page
#: Files that are the same for everybody: they cost no look at the table, and browsers keep them
#: whatever their cookies say.
SAME_FOR_ALL = ("/static/", "/vendor/")
SAID = "_flashes"  # the key under which Flask keeps what the next page is to say
MOST_SAID = 3000  # bytes of a cookie; what is longer stays in the session
BLIND = {"synchronize_session": False}  # nobody reads the row again in this request
_WITH_USER = (
    select(
        LoginSession.user_id,
        LoginSession.content,
        LoginSession.created_at,
        LoginSession.seen_at,
        User,
    )
    .outerjoin(User, User.id == LoginSession.user_id)
    .where(LoginSession.token_digest == bindparam("digest"))
)


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """A dict that knows whether it was changed, and under which token it is stored."""

    def __init__(self, content: dict[str, Any], token: str | None) -> None:
        def on_update(session: CallbackDict[str, Any]) -> None:
            self.modified = True

        super().__init__(content, on_update)
        self.token = token
        self.stored = content.copy()  #: what the table holds
        self.said: list[Any] | None = None  #: what came in the cookie
        self.modified = False
        self.renew = False  #: give it a new token, as at log-in
        self.stale = False  #: not marked as seen for a while
        self.unread = False  #: the database did not answer, so nobody knows who asks
        self.skipped = False  #: nobody needs to know who asks
        #: Who asks, read with the session. It stays as it was read: a unit of work neither reads it
        #: anew nor changes it.
        self.user: User | None = None

    @property
    def changed(self) -> bool:
        """Whether the table holds something else."""
        return self.modified and dict(self) != self.stored


def init_app(app: Flask) -> None:
    """Keep the sessions of *app* in the database; while that does not answer, answer 503."""
    app.session_interface = ServerSessions()

    @app.before_request
    def _must_be_read() -> None:
        if cast("ServerSession", current_session).unread:
            abort(503)


class ServerSessions(SessionInterface):
    """Loads and saves sessions in the table ``login_session``."""

    def get_cookie_name(self, app: Flask) -> str:
        return "__Host-sid" if app.config["SECURE_COOKIES"] else "sid"

    def get_said_name(self, app: Flask) -> str:
        """Return the name of the cookie that carries what the next page is to say."""
        return "__Host-said" if app.config["SECURE_COOKIES"] else "said"

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        if request.path.startswith(SAME_FOR_ALL):
            session = ServerSession({}, None)
            session.skipped = True
            return session
        session = self._found(app, request)
        if (carried := request.cookies.get(self.get_said_name(app))) is not None:
            session.said = []
            with suppress(BadSignature):
                session.said = [(kind, text) for kind, text in _signer(app).loads(carried)]
            if session.said:
                session.setdefault(SAID, session.said.copy())
        return session

    def _found(self, app: Flask, request: Request) -> ServerSession:
        nobody = ServerSession({}, None)
        token = request.cookies.get(self.get_cookie_name(app))
        if not token:
            return nobody
        try:
            found = db.session.execute(_WITH_USER, {"digest": _digest(token)}).one_or_none()
        except OperationalError:
            nobody.unread = True  # an exception here would find no page to say it on
            return nobody
        if found is None:
            return nobody
        now = utcnow()
        idle, age = now - found.seen_at, now - found.created_at
        if idle > app.config["IDLE_SESSION"] or age > app.config["LONGEST_SESSION"]:
            return nobody
        session = ServerSession(dict(found.content), token)
        if found.User is not None:
            session.user = found.User
            db.session.expunge(found.User)
        session.stale = idle > TOUCH_EVERY
        return session

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        assert isinstance(session, ServerSession)  # noqa: S101 - open_session makes no other
        if session.skipped:
            return
        response.vary.add("Cookie")
        if session.unread:  # the cookie stays; it is good again when the database is back
            return
        self._carry(app, session, response)
        if not session and session.token is None:
            return
        if not session.changed and not session.stale and not session.renew:
            return
        name = self.get_cookie_name(app)
        if not session:
            _store(session.token, None, None)
            response.delete_cookie(name, **self._options(app))
            return
        fresh = session.token is None or session.renew
        token = secrets.token_urlsafe(32) if fresh else session.token
        _store(session.token, token, dict(session))
        if fresh and token:
            response.set_cookie(name, token, **self._options(app))

    def _carry(self, app: Flask, session: ServerSession, response: Response) -> None:
        """Give the browser what the next page is to say; take back what was said."""
        said = session.get(SAID)
        if said == session.said:
            session.pop(SAID, None)
            return
        name, options = self.get_said_name(app), self._options(app)
        carried = _signer(app).dumps(said) if said else ""
        if 0 < len(carried) <= MOST_SAID:
            del session[SAID]
            response.set_cookie(name, carried, **options)
        elif session.said is not None:
            response.delete_cookie(name, **options)

    def _options(self, app: Flask) -> dict[str, Any]:
        secure = app.config["SECURE_COOKIES"]
        return {"path": "/", "httponly": True, "samesite": "Strict", "secure": secure}


def _signer(app: Flask) -> URLSafeSerializer:
    return URLSafeSerializer(app.config["SECRET_KEY"], salt=SAID)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _store(old: str | None, new: str | None, content: dict[str, Any] | None) -> None:
    """Write *content* under the token *new*; the row of a token that is given up goes away.

    A session that was ended meanwhile (log-out elsewhere, user disabled) is not brought back.
    """
    now = utcnow()
    with transaction() as unit:
        if old is not None and old != new:
            unit.execute(delete(LoginSession).where(LoginSession.token_digest == _digest(old)))
        if new is None or content is None:
            return
        facts = {"content": content, "user_id": content.get("user_id"), "seen_at": now}
        if old == new:
            same = LoginSession.token_digest == _digest(new)
            unit.execute(update(LoginSession).where(same).values(**facts), execution_options=BLIND)
        else:
            unit.add(LoginSession(token_digest=_digest(new), created_at=now, **facts))
