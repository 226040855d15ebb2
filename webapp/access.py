"""Who is asking, and whether this view lets them in. A view that says nothing lets nobody in."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from casework.accounts.models import User
from casework.accounts.roles import Permission
from webapp.sessions import ServerSession

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = frozenset(
    {
        "static",
        "vendor.asset",
        "accounts.log_in",
        "accounts.language",
        "checks.ask",
        "device.worker",
        "healthz",
    }
)


def requires(permission: Permission) -> Callable[[View], View]:
    """Mark a view with the permission it asks for; ``_guard`` enforces the mark."""

    def mark(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def current_user() -> User:
    """The person this request comes from; there is one in every view that is not public."""
    user: User = g.user
    return user


def init_app(app: Flask) -> None:
    app.before_request(_guard)


def _guard() -> ResponseReturnValue | None:
    g.user = None
    if request.endpoint is None or request.endpoint in PUBLIC:
        return None
    user = cast("ServerSession", session).user
    if user is None or not user.active:
        if request.method == "GET" and "HX-Request" not in request.headers:
            return redirect(url_for("accounts.log_in"))
        abort(401)
    g.user = user
    permission = getattr(current_app.view_functions[request.endpoint], "permission", None)
    if permission is None or not user.can(permission):
        abort(403)
    return None
