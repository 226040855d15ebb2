"""Forms of campaign design."""

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
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from casework.campaigns.design import CampaignPlan
from casework.campaigns.size_plans import SizePlan, SizeRule, read_sizes
from casework.ledgers.projects import Project
from casework.regions.models import Region
from webapp.labels import label

MOST_REPLICATES = 20
LONGEST = 200  # characters of a public value
HEX = {"autocomplete": "off", "spellcheck": "false"}
PROJECT_CHOICES = [SelectChoice(project, label(project)) for project in Project]


class CampaignForm(FlaskForm):
    name = StringField(_l("Name"), [InputRequired(), Length(max=80)])
    year = IntegerField(_l("Year"), [InputRequired(), NumberRange(2000, 2100)])
    cutoff_on = DateField(_l("Cut-off date"), [InputRequired()])
    fieldwork_ends_on = DateField(_l("Fieldwork ends on"), [InputRequired()])
    results_from = DateField(_l("Results are shown from"), [InputRequired()])
    projects = SelectMultipleField(
        _l("Projects"),
        [InputRequired()],
        choices=PROJECT_CHOICES,
        widget=ListWidget(),
        option_widget=CheckboxInput(),
    )
    units = SelectMultipleField(
        _l("Reporting units"),
        [InputRequired()],
        widget=ListWidget(),
        option_widget=CheckboxInput(),
    )
    phone_answers_accepted = BooleanField(
        _l("Accept phone answers without a visit (fixed before the draw)")
    )

    def offer(self, units: list[Region]) -> None:
        """Fill the list of units."""
        self.units.choices = [SelectChoice(unit.code, unit.name) for unit in units]

    def validate_fieldwork_ends_on(self, field: DateField) -> None:
        if self.cutoff_on.data and field.data < self.cutoff_on.data:
            raise ValidationError(_("Fieldwork cannot end before the cut-off date."))

    def validate_results_from(self, field: DateField) -> None:
        if self.fieldwork_ends_on.data and field.data < self.fieldwork_ends_on.data:
            raise ValidationError(_("Results cannot be shown before fieldwork ends."))

    def to_plan(self) -> CampaignPlan:
        return CampaignPlan(
            name=self.name.data.strip(),
            year=self.year.data,
            cutoff_on=self.cutoff_on.data,
            fieldwork_ends_on=self.fieldwork_ends_on.data,
            results_from=self.results_from.data,
            projects=frozenset(Project(code) for code in self.projects.data),
            units=frozenset(self.units.data),
            phone_answers_accepted=self.phone_answers_accepted.data,
        )


class TargetsForm(FlaskForm):
    table = FileField(_l("Table of targets (CSV)"), [FileRequired()])


class SizesForm(FlaskForm):
    project = SelectField(_l("Project"), [InputRequired()], coerce=Project)
    rule = RadioField(
        _l("Spread over the strata"),
        [InputRequired()],
        choices=[
            SelectChoice(SizeRule.PROPORTIONAL, _l("In proportion to the frame")),
            SelectChoice(SizeRule.EQUAL, _l("Equally")),
            SelectChoice(SizeRule.GIVEN, _l("As the table of sizes gives them")),
        ],
        default=SizeRule.PROPORTIONAL,
    )
    table = FileField(_l("Table of sizes (CSV)"))
    total = IntegerField(_l("Sample size"), [NumberRange(0, 10_000_000)], default=0)
    minimum = IntegerField(_l("Minimum of each stratum"), [NumberRange(0, 100_000)], default=20)

    def offer(self, projects: list[Project]) -> None:
        """Fill the list of projects."""
        self.project.choices = [SelectChoice(project, label(project)) for project in projects]

    def validate_table(self, field: FileField) -> None:
        if self.rule.data == SizeRule.GIVEN and not field.data:
            raise ValidationError(_("Choose the table that gives the sizes."))

    def to_plan(self) -> SizePlan:
        """Return the plan. Raises SizesUnreadable, or UnicodeDecodeError for no UTF-8 text."""
        rule = SizeRule(self.rule.data)
        given = rule is SizeRule.GIVEN
        return SizePlan(
            rule,
            minimum=self.minimum.data or 0,
            total=self.total.data or 0,
            given=read_sizes(self.table.data.read().decode("utf-8-sig")) if given else None,
        )


class DrawForm(FlaskForm):
    replicates = IntegerField(
        _l("Replicates"), [InputRequired(), NumberRange(1, MOST_REPLICATES)], default=2
    )


class DeskForm(FlaskForm):
    region = SelectField(_l("Reporting unit"), [InputRequired()])
    met = SelectField(
        _l("Outcome"),
        [InputRequired()],
        choices=[SelectChoice("1", _l("Met")), SelectChoice("0", _l("Not met"))],
    )
    note = StringField(_l("Reason"), [Length(max=500)])

    def offer(self, units: list[Region]) -> None:
        """Fill the list of units."""
        self.region.choices = [SelectChoice(unit.code, unit.name) for unit in units]


class NameValueForm(FlaskForm):
    name = StringField(_l("Public value"), [InputRequired(), Length(max=LONGEST)])
    known_on = DateField(_l("Comes out on"), [InputRequired()])


class CommitForm(FlaskForm):
    digest = StringField(_l("Commitment"), [InputRequired(), Length(max=100)], render_kw=HEX)


class ValueForm(FlaskForm):
    value = StringField(_l("Value that came out"), [InputRequired(), Length(max=LONGEST)])


class RevealForm(FlaskForm):
    secret = StringField(_l("Secret"), [InputRequired(), Length(max=100)], render_kw=HEX)
    salt = StringField(_l("Salt"), [InputRequired(), Length(max=100)], render_kw=HEX)


class RedrawForm(FlaskForm):
    reason = TextAreaField(_l("Reason"), [InputRequired(), Length(max=500)])


class ProofForm(FlaskForm):
    campaign = IntegerField(_l("Number of the campaign"), [InputRequired(), NumberRange(1)])
    ledger = IntegerField(_l("Number of the ledger"), [InputRequired(), NumberRange(1)])
    sheet = StringField(_l("Sheet"), [InputRequired(), Length(max=200)])
    row = IntegerField(_l("Row"), [InputRequired(), NumberRange(1)])
