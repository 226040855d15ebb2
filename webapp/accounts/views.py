"""Log-in, language, users, and the audit trail with the check of its chain."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.accounts import directory, service
from casework.accounts.models import User
from casework.accounts.roles import Permission, Role
from casework.accounts.service import LoginRefused, LoginTaken, OwnAccount, PasswordTooWeak
from casework.accounts.skills import Skill
from casework.audit.models import AuditAction
from casework.audit.trail import check_stretch
from casework.calls.desk import open_case
from casework.calls.holding import hand_back
from casework.db import utcnow
from casework.regions.tree import load_tree
from webapp import limits
from webapp.access import current_user, requires
from webapp.accounts.forms import AuditFilter, EditForm, LogInForm, UserForm
from webapp.accounts.trail_words import words_for
from webapp.calls.away import be_back
from webapp.errors import sentence
from webapp.labels import label

STRETCH = 10_000  # audit rows checked while one request waits: less than a second

bp = Blueprint("accounts", __name__, template_folder="templates")


@bp.route("/log-in", methods=["GET", "POST"])
@limits.limited(limits.LOG_IN_ALL, limits.everybody)
@limits.limited(limits.LOG_IN_PLACE, limits.address)
@limits.limited(limits.LOG_IN, limits.account_and_address)
def log_in() -> ResponseReturnValue:
    """Ask who it is."""
    form = LogInForm()
    refusal = None
    if form.validate_on_submit():
        try:
            user = service.check_login(form.login.data, form.password.data, at=utcnow())
        except LoginRefused as error:
            refusal = sentence(error)
        else:
            language = session.get("language")
            session.clear()
            session.update(user_id=user.id, **({"language": language} if language else {}))
            session.renew = True  # type: ignore[attr-defined]  # our sessions have it
            return redirect(url_for("home"))
    status = 401 if refusal else 422 if form.errors else 200
    return render_template("accounts/log_in.html", form=form, refusal=refusal), status


@bp.post("/log-out")
@requires(Permission.OWN_ACCOUNT)
def log_out() -> ResponseReturnValue:
    """Leave, here and on every other browser; with a case on the screen only when asked twice."""
    actor, at = current_user(), utcnow()
    on_site = actor.can(Permission.VISIT_RECORD)
    held = open_case(actor=actor) if actor.can(Permission.CALL_MAKE) else None
    if held is not None and request.form.get("leave", type=int) != held.fence:
        return render_template("accounts/leaving.html", case=held)
    if held is not None:
        hand_back(held.case_id, held.fence, actor=actor, at=at)
    be_back()
    service.record_log_out(actor=actor, at=at)
    session.clear()
    response = redirect(url_for(".log_in"))
    # What an inspector's phone keeps is sealed by the password, and may not have been sent yet.
    kept = "" if on_site else ', "storage"'
    response.headers["Clear-Site-Data"] = f'"cache", "cookies"{kept}'
    return response


@bp.route("/users", methods=["GET", "POST"])
@requires(Permission.USER_MANAGE)
def users() -> ResponseReturnValue:
    """List the users, find some of them, and add one."""
    tree = load_tree()
    form = UserForm()
    form.offer(tree)
    if form.validate_on_submit():
        try:
            service.create_user(
                form.login.data,
                form.name.data,
                form.role.data,
                form.region.data,
                form.password.data,
                skills=form.skills.data,
                actor=current_user(),
                at=utcnow(),
            )
        except LoginTaken as error:
            form.login.errors = [sentence(error)]
        else:
            flash(_("The user was added."))
            return redirect(url_for(".users"))
    text, role, active = (request.args.get(name, "")[:64] for name in ("find", "role", "active"))
    found = directory.find_users(
        text.strip(),
        Role(role) if role in set(Role) else None,
        active={"1": True, "0": False}.get(active),
    )
    page = render_template(
        "accounts/users.html",
        form=form,
        users=found,
        sought={"find": text, "role": role, "active": active},
        roles=list(Role),
        tree=tree,
        skills=list(Skill),
    )
    return page, 422 if form.errors else 200


@bp.route("/users/<int:user_id>", methods=["GET", "POST"])
@requires(Permission.USER_MANAGE)
def edit(user_id: int) -> ResponseReturnValue:
    """Change a user's name, role and region."""
    user = directory.one_user(user_id)
    form, refusal = _form_of(user), ""
    if form.validate_on_submit():
        try:
            service.edit_user(
                user_id,
                form.name.data,
                form.role.data,
                form.region.data,
                version=int(form.version.data or 0),
                actor=current_user(),
                at=utcnow(),
            )
        except OwnAccount as error:
            refusal = sentence(error)
        else:
            flash(_("Changed. It holds from the user's next page on."))
            return redirect(url_for(".users", find=user.login), 303)
    page = render_template("accounts/user.html", form=form, user=user, refusal=refusal)
    return page, 422 if form.errors or refusal else 200


def _form_of(user: User) -> EditForm:
    """Return the form of a user as he or she is. A column is named by its value, not by the row."""
    form = EditForm(name=user.name, role=user.role, region=user.region_code, version=user.version)
    form.offer(load_tree())
    return form


@bp.post("/users/<int:user_id>/password")
@requires(Permission.USER_MANAGE)
def set_password(user_id: int) -> ResponseReturnValue:
    """Give a user who forgot it a new password."""
    user = directory.one_user(user_id)
    new = request.form.get("password", "")
    try:
        service.set_password(user_id, new, actor=current_user(), at=utcnow())
    except PasswordTooWeak as error:
        refusal = sentence(error)
        page = render_template(
            "accounts/user.html", form=_form_of(user), user=user, refusal=refusal
        )
        return page, 422
    flash(_("The new password holds. The user was logged out everywhere."))
    return redirect(url_for(".users", find=user.login), 303)


@bp.post("/users/<int:user_id>/active")
@requires(Permission.USER_MANAGE)
def set_active(user_id: int) -> ResponseReturnValue:
    """Disable a user at once, or enable one again."""
    active = request.form.get("active") == "1"
    service.set_active(user_id, active=active, actor=current_user(), at=utcnow())
    flash(_("The user may log in again.") if active else _("The user was logged out and disabled."))
    return redirect(url_for(".users"))


@bp.post("/users/<int:user_id>/skills")
@requires(Permission.USER_MANAGE)
def set_skills(user_id: int) -> ResponseReturnValue:
    """Say what an operator can do that others cannot."""
    chosen = set(request.form.getlist("skills"))
    skills = [skill for skill in Skill if skill.value in chosen]
    service.set_skills(user_id, skills, actor=current_user(), at=utcnow())
    flash(_("The skills are set; the operator's next case is chosen by them."))
    return redirect(url_for(".users"))


@bp.get("/audit")
@requires(Permission.AUDIT_READ)
def trail() -> ResponseReturnValue:
    """Show the newest acts, or those of a person, a case, a day, of one kind."""
    before = request.args.get("before", type=int)
    sought = AuditFilter(request.args)
    page = directory.audit_page(sought.sought(), before=before)
    return render_template(
        "accounts/trail.html",
        page=page,
        before=before,
        sought=sought,
        users=directory.all_users(),
        actions=sorted(AuditAction, key=lambda action: str(label(action))),
        words=words_for(event for event, _name in page.rows),
    )


@bp.get("/audit/check")
@requires(Permission.AUDIT_READ)
def check_trail() -> ResponseReturnValue:
    """Check the next stretch of the chain; the page asks again until the chain is at its end."""
    after = max(request.args.get("after", 0, type=int), 0)
    checked = check_stretch(after, STRETCH)
    part = "HX-Request" in request.headers
    return render_template(f"accounts/{'_chain' if part else 'chain'}.html", checked=checked)
