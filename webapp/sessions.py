"""Log-in sessions kept on the server: the cookie holds a random token and nothing else."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any, cast

from flask import Flask, Request, Response, abort
from flask import session as current_session
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import delete
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import CallbackDict

from casework.accounts.models import LoginSession
from casework.db import db, transaction, utcnow

TOUCH_EVERY = timedelta(minutes=1)  # writing "seen" at each request would be a write a page


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
        token = request.cookies.get(self.get_cookie_name(app))
        try:
            row = db.session.get(LoginSession, _digest(token)) if token else None
        except OperationalError:
            session = ServerSession({}, None)
            session.unread = True  # an exception here would find no page to say it on
            return session
        if row is None:
            return ServerSession({}, None)
        now = utcnow()
        idle, age = now - row.seen_at, now - row.created_at
        if idle > app.config["IDLE_SESSION"] or age > app.config["LONGEST_SESSION"]:
            return ServerSession({}, None)
        session = ServerSession(dict(row.content), token)
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
        row = unit.get(LoginSession, _digest(old)) if old else None
        created = row.created_at if row and old == new else now
        if old and row is None and old == new:
            return
        if row is not None and old != new:
            unit.execute(delete(LoginSession).where(LoginSession.token_digest == row.token_digest))
            row = None
        if new is None or content is None:
            return
        if row is None:
            row = LoginSession(token_digest=_digest(new), created_at=created)
            unit.add(row)
        row.content, row.user_id, row.seen_at = content, content.get("user_id"), now
