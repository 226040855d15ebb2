"""Log-in sessions kept on the server: the cookie holds a random token and nothing else."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any, cast

from flask import Flask, Request, Response, abort
from flask import session as current_session
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import CallbackDict

from casework.accounts.models import LoginSession, User
from casework.db import db, transaction, utcnow

TOUCH_EVERY = timedelta(minutes=1)  # writing "seen" at each request would be a write a page


BLIND = {"synchronize_session": False}  # nobody reads the row again in this request
_WITH_USER = (
    select(LoginSession, User)
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
        self.modified = False
        self.renew = False  #: give it a new token, as at log-in
        self.stale = False  #: not marked as seen for a while
        self.unread = False  #: the database did not answer, so nobody knows who asks
        self.user: User | None = None  #: read with the session; kept, so that it is not read again


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

    def open_session(self, app: Flask, request: Request) -> ServerSession:
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
        row, user = found
        now = utcnow()
        idle, age = now - row.seen_at, now - row.created_at
        if idle > app.config["IDLE_SESSION"] or age > app.config["LONGEST_SESSION"]:
            return nobody
        session = ServerSession(dict(row.content), token)
        session.user = user
        session.stale = idle > TOUCH_EVERY
        return session

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        assert isinstance(session, ServerSession)  # noqa: S101 - open_session makes no other
        response.vary.add("Cookie")
        if session.unread:  # the cookie stays; it is good again when the database is back
            return
        if not session and session.token is None:
            return
        if not session.modified and not session.stale and not session.renew:
            return
        name = self.get_cookie_name(app)
        if not session:
            _store(session.token, None, None)
            response.delete_cookie(name, path="/", secure=app.config["SECURE_COOKIES"])
            return
        fresh = session.token is None or session.renew
        token = secrets.token_urlsafe(32) if fresh else session.token
        _store(session.token, token, dict(session))
        if fresh and token:
            response.set_cookie(
                name,
                token,
                path="/",
                httponly=True,
                samesite="Strict",
                secure=app.config["SECURE_COOKIES"],
            )


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
