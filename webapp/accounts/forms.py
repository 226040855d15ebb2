"""Forms of log-in, of the users' pages, and the filter of the audit trail."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from casework.accounts.directory import Sought
from casework.accounts.roles import Role
from casework.accounts.service import MAX_PASSWORD, MIN_PASSWORD
from casework.accounts.skills import Skill
from casework.audit.models import AuditAction
from casework.calls.schedule import SHANGHAI
from casework.cases.codes import ids_of
from casework.regions.tree import RegionTree
from webapp.labels import label

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def _filled(
    most: int, required: type[DataRequired | InputRequired] = DataRequired
) -> list[DataRequired | InputRequired | Length]:
    return [
        required(_l("Fill this in.")),
        Length(max=most, message=_l("At most %(max)d characters.")),
    ]


class LogInForm(FlaskForm):
    login = StringField(_l("Account"), _filled(64))
    password = PasswordField(_l("Password"), _filled(MAX_PASSWORD, InputRequired))


class EditForm(FlaskForm):
    """What may be changed of a user."""

    name = StringField(_l("Name"), _filled(64))
    role = SelectField(
        _l("Role"),
        [InputRequired(_l("Choose one of the list."))],
        coerce=Role,
        choices=[SelectChoice(role, label(role)) for role in Role],
    )
    region = SelectField(_l("Region"), [InputRequired(_l("Choose one of the list."))])
    version = HiddenField()

    def offer(self, tree: RegionTree) -> None:
        """Fill the list of regions."""
        places = [SelectChoice(code, tree.name(code)) for code in sorted(tree.by_code)]
        # Nobody is given the whole province by leaving the list as it was.
        self.region.choices = [SelectChoice("", "—"), *places]


class UserForm(EditForm):
    """A new user."""

    login = StringField(
        _l("Account"),
        [
            *_filled(64),
            Regexp(
                r"^[a-z0-9._-]+$",
                message=_l("Only small letters, digits, dot, hyphen and underscore."),
            ),
        ],
    )
    skills = SelectMultipleField(
        _l("Skills of an operator"),
        coerce=Skill,
        choices=[SelectChoice(skill, label(skill)) for skill in Skill],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    password = PasswordField(
        _l("First password"),
        [
            InputRequired(_l("Fill this in.")),
            Length(
                min=MIN_PASSWORD,
                max=MAX_PASSWORD,
                message=_l("Between %(min)d and %(max)d characters."),
            ),
        ],
    )


class AuditFilter:
    """Which acts are sought, as the address says; what cannot be read finds nothing."""

    def __init__(self, asked: MultiDict[str, str]) -> None:
        self.actor = asked.get("actor", "")[:12]
        self.action = asked.get("action", "")[:40]
        self.case = asked.get("case", "").strip()[:20]
        self.day = asked.get("day", "").strip()[:10]

    def sought(self) -> Sought:
        """Return what is asked of the trail."""
        return Sought(
            actor_id=int(self.actor) if self.actor.isdigit() else None,
            action=AuditAction(self.action) if self.action in set(AuditAction) else None,
            day=self._day(),
            subjects=self._subjects(),
        )

    def address(self) -> dict[str, str]:
        """Return what an address of another page of the same list says."""
        asked = {"actor": self.actor, "action": self.action, "case": self.case, "day": self.day}
        return {name: value for name, value in asked.items() if value}

    def _day(self) -> tuple[datetime, datetime] | None:
        if not self.day:
            return None
        try:
            begin = datetime.strptime(self.day, "%Y-%m-%d").replace(tzinfo=SHANGHAI)
        except ValueError:
            return (NEVER, NEVER)
        return begin.astimezone(UTC), (begin + timedelta(days=1)).astimezone(UTC)

    def _subjects(self) -> Collection[str] | None:
        return [f"case:{id_}" for id_ in ids_of(self.case)] if self.case else None
