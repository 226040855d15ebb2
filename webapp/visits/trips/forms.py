"""What the forms about trips say."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length
from wtforms.widgets import HiddenInput

from casework.accounts.models import User
from casework.visits.trips import MOST_REASON


class GiveForm(FlaskForm):
    inspector = SelectField(_l("To whom"), [InputRequired()], coerce=int)
    reason = TextAreaField(_l("Reason"), [InputRequired(), Length(max=MOST_REASON)])
    version = IntegerField(widget=HiddenInput())

    def offer(self, inspectors: Sequence[User], version: int) -> None:
        """Fill the list of inspectors."""
        self.inspector.choices = [SelectChoice(user.id, user.name) for user in inspectors]
        if not self.is_submitted():
            self.version.data = version


class CheckForm(FlaskForm):
    code = StringField(_l("Code of the letter"), [InputRequired(), Length(max=40)])
    name = StringField(
        _l("Name of the inspector, as in the letter"), [InputRequired(), Length(max=60)]
    )
