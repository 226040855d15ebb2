"""Forms of log-in and of the users' page."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from casework.accounts.roles import Role
from casework.accounts.service import MAX_PASSWORD, MIN_PASSWORD
from casework.accounts.skills import Skill
from casework.regions.tree import RegionTree
from webapp.labels import label


class LogInForm(FlaskForm):
    login = StringField(_l("Account"), [InputRequired(), Length(max=64)])
    password = PasswordField(_l("Password"), [InputRequired(), Length(max=MAX_PASSWORD)])


class UserForm(FlaskForm):
    login = StringField(_l("Account"), [InputRequired(), Length(max=64), Regexp(r"^[a-z0-9._-]+$")])
    name = StringField(_l("Name"), [InputRequired(), Length(max=64)])
    role = SelectField(
        _l("Role"),
        [InputRequired()],
        coerce=Role,
        choices=[SelectChoice(role, label(role)) for role in Role],
    )
    region = SelectField(_l("Region"), [InputRequired()])
    skills = SelectMultipleField(
        _l("Skills of an operator"),
        coerce=Skill,
        choices=[SelectChoice(skill, label(skill)) for skill in Skill],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    password = PasswordField(
        _l("First password"), [InputRequired(), Length(min=MIN_PASSWORD, max=MAX_PASSWORD)]
    )

    def offer(self, tree: RegionTree) -> None:
        """Fill the list of regions."""
        self.region.choices = [SelectChoice(code, tree.name(code)) for code in sorted(tree.by_code)]
