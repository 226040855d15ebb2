"""What the forms about rectification say."""

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from casework.regions.tree import RegionTree
from casework.visits.rectification import MOST_NAME, MOST_WORDS, Attached, MatterDraft, Step
from casework.visits.rectification_models import MatterKind, StepKind
from webapp.labels import label


class MatterForm(FlaskForm):
    kind = RadioField(
        _l("Kind"),
        coerce=MatterKind,
        default=MatterKind.ORDER,
        choices=[SelectChoice(code, label(code)) for code in MatterKind],
    )
    region = SelectField(_l("Region"), [InputRequired()])
    addressee = StringField(_l("Addressed to"), [DataRequired(), Length(max=MOST_NAME)])
    words = TextAreaField(_l("What is asked"), [DataRequired(), Length(max=MOST_WORDS)])
    issued_on = DateField(_l("Issued on"), [InputRequired()])
    due_on = DateField(_l("To be answered by"), [InputRequired()])

    def offer(self, tree: RegionTree, codes: Sequence[str], today: date) -> None:
        """Fill the list of regions; what is issued is issued today unless said otherwise."""
        self.region.choices = [SelectChoice(code, tree.name(code)) for code in codes]
        if not self.is_submitted():
            self.issued_on.data = today

    def validate_due_on(self, field: DateField) -> None:
        if field.data and self.issued_on.data and field.data < self.issued_on.data:
            raise ValidationError(_("This day lies before the day of issue."))

    def to_draft(self) -> MatterDraft:
        return MatterDraft(
            kind=self.kind.data,
            region_code=self.region.data,
            addressee=self.addressee.data,
            words=self.words.data,
            issued_on=self.issued_on.data,
            due_on=self.due_on.data,
        )


class StepForm(FlaskForm):
    step = RadioField(_l("Next step"), [InputRequired()], coerce=StepKind)
    on = DateField(_l("Day of the step"), [InputRequired()])
    words = TextAreaField(_l("What it says"), [DataRequired(), Length(max=MOST_WORDS)])
    due_on = DateField(_l("New due date, if more time is given"), [Optional()])
    file = FileField(_l("File that came with it, if any"))
    seen = IntegerField(widget=HiddenInput())

    def offer(self, steps: Sequence[StepKind], seen: int, today: date) -> None:
        """Fill the list of steps."""
        self.step.choices = [SelectChoice(code, label(code)) for code in steps]
        if not self.is_submitted():
            self.seen.data, self.on.data = seen, today
            self.step.data = steps[0] if steps else None

    def to_step(self) -> Step:
        sent = self.file.data
        return Step(
            kind=self.step.data,
            words=self.words.data,
            on=self.on.data,
            seen=self.seen.data or 0,
            due_on=self.due_on.data,
            file=Attached(sent.filename, sent.read()) if sent and sent.filename else None,
        )
