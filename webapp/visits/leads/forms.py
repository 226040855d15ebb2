"""What the forms about leads say."""

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
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

from casework.accounts.models import User
from casework.ledgers.identifiers import has_right_check
from casework.regions.tree import RegionTree
from casework.visits.lead_entry import OUTSIDE, LeadDraft
from casework.visits.lead_files import MOST_NAME, MOST_WORDS
from casework.visits.lead_handling import Triage
from casework.visits.models import Lead, LeadResult, LeadSeverity, LeadSource, LeadSubject
from webapp.labels import label

RESULTS = (LeadResult.FALSE, LeadResult.TRUE, LeadResult.UNRESOLVED, LeadResult.PASSED_ON)


def _severity() -> SelectField:
    return SelectField(
        _l("Severity"),
        coerce=LeadSeverity,
        default=LeadSeverity.NORMAL,
        choices=[SelectChoice(code, label(code)) for code in LeadSeverity],
    )


class LeadForm(FlaskForm):
    """One lead from outside."""

    source = SelectField(
        _l("Told by"),
        coerce=LeadSource,
        choices=[SelectChoice(code, label(code)) for code in OUTSIDE],
    )
    source_no = StringField(_l("Number at the source"), [Length(max=MOST_NAME)])
    received_on = DateField(_l("Received on"), [InputRequired()])
    region = SelectField(_l("Region"), [InputRequired()])
    subject = RadioField(
        _l("About whom"),
        coerce=LeadSubject,
        default=LeadSubject.PERSON,
        choices=[SelectChoice(code, label(code)) for code in LeadSubject],
    )
    name = StringField(_l("Name of the person or enterprise"), [DataRequired(), Length(max=200)])
    id_no = StringField(_l("Identity number, if it was told"), [Length(max=20)])
    words = TextAreaField(_l("What was told"), [DataRequired(), Length(max=MOST_WORDS)])
    severity = _severity()
    urgent = BooleanField(_l("Urgent"))
    due_on = DateField(_l("To be settled by"), [Optional()])

    def offer(self, tree: RegionTree, today: date) -> None:
        """Fill the list of regions; nothing is received after *today*."""
        self.region.choices = [SelectChoice(code, tree.name(code)) for code in sorted(tree.by_code)]
        self.today = today

    def validate_received_on(self, field: DateField) -> None:
        if field.data and field.data > self.today:
            raise ValidationError(_("This day lies ahead."))

    def validate_id_no(self, field: StringField) -> None:
        if field.data and not has_right_check(field.data.strip().upper()):
            raise ValidationError(_("This is no identity number: look at its digits again."))

    def validate_due_on(self, field: DateField) -> None:
        if field.data and self.received_on.data and field.data < self.received_on.data:
            raise ValidationError(_("This day lies before the lead was received."))

    def to_draft(self) -> LeadDraft:
        return LeadDraft(
            source=self.source.data,
            region_code=self.region.data,
            subject=self.subject.data,
            name=self.name.data.strip(),
            words=self.words.data.strip(),
            received_on=self.received_on.data,
            source_no=(self.source_no.data or "").strip(),
            id_no=(self.id_no.data or "").strip(),
            severity=self.severity.data,
            urgent=self.urgent.data,
            due_on=self.due_on.data,
        )


class LeadFileForm(FlaskForm):
    file = FileField(_l("Table of leads"), [FileRequired(_l("Choose a file."))])


class TriageForm(FlaskForm):
    severity = _severity()
    urgent = BooleanField(_l("Urgent"))
    owner = SelectField(_l("Who deals with it"), [InputRequired()], coerce=int)
    due_on = DateField(_l("To be settled by"), [InputRequired()])
    version = IntegerField(widget=HiddenInput())

    def offer(self, owners: Sequence[User], lead: Lead, *, typed: bool) -> None:
        """Fill the list of owners and, unless something was typed, what the lead says now."""
        self.owner.choices = [
            SelectChoice(user.id, f"{user.name} · {label(user.role)}") for user in owners
        ]
        if not typed:
            self.process(
                data={
                    "severity": lead.severity,
                    "urgent": lead.urgent,
                    "owner": lead.owner_id or 0,
                    "due_on": lead.due_on,
                    "version": lead.version,
                }
            )

    def see(self, lead: Lead) -> None:
        """Let what was typed be saved over what *lead* says now."""
        self.version.raw_data, self.version.data = None, lead.version

    def to_triage(self) -> Triage:
        return Triage(self.severity.data, self.urgent.data, self.owner.data, self.due_on.data)


class SettleForm(FlaskForm):
    result = SelectField(
        _l("Result"),
        coerce=LeadResult,
        choices=[SelectChoice(code, label(code)) for code in RESULTS],
    )
    words = TextAreaField(_l("What was found"), [DataRequired(), Length(max=2000)])
