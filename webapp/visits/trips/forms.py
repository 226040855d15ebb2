"""What the forms about trips say."""

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError
from wtforms.widgets import HiddenInput

from casework.accounts.models import User
from casework.calls.call_codes import read_call_code
from casework.visits.models import Trip
from casework.visits.trips import MOST_REASON


def _named(user: User, trips: Sequence[Trip]) -> str:
    if not trips:
        return f"{user.name} · {_('no trip on that day')}"
    places = "、".join(dict.fromkeys(trip.place.name for trip in trips))
    return f"{user.name} · {_('goes to %(places)s on that day', places=places)}"


class GiveForm(FlaskForm):
    inspector = SelectField(_l("To whom"), [InputRequired()], coerce=int)
    reason = TextAreaField(_l("Reason"), [DataRequired(), Length(max=MOST_REASON)])
    version = IntegerField(widget=HiddenInput())

    def offer(
        self, inspectors: Sequence[User], busy: Mapping[int, Sequence[Trip]], version: int
    ) -> None:
        """Fill the list of inspectors with their trips of that day; who has none comes first."""
        free_first = sorted(inspectors, key=lambda user: len(busy.get(user.id, ())))
        self.inspector.choices = [
            SelectChoice(user.id, _named(user, busy.get(user.id, ()))) for user in free_first
        ]
        if not self.is_submitted():
            self.version.data = version


class CheckForm(FlaskForm):
    code = StringField(_l("Code of the letter or of the call"), [DataRequired(), Length(max=40)])
    name = StringField(_l("Name of the inspector, as in the letter"), [Length(max=60)])

    @property
    def call_code(self) -> str:
        """The code of a call, if that is what was typed; no name goes with it."""
        return read_call_code(self.code.data or "")

    def validate_name(self, field: StringField) -> None:
        """Ask for the name that goes with the code of a letter."""
        if not (field.data or "").strip() and not self.call_code:
            raise ValidationError(_("The code of a letter is checked with the inspector's name."))
