"""Forms of campaign design."""

from dataclasses import asdict
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    FloatField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from casework.campaigns.design import CampaignPlan
from casework.campaigns.models import (
    Campaign,
    CampaignKind,
    Coordination,
    ReleaseReason,
    ReleaseRule,
)
from casework.campaigns.size_plans import SizePlan, SizeRule, read_sizes
from casework.campaigns.wishes import RANGES, Aim, Wishes
from casework.ledgers.models import Ledger
from casework.ledgers.projects import Project
from casework.regions.models import Region
from casework.regions.tree import RegionTree
from webapp.labels import label

MOST_REPLICATES = 20
LONGEST = 200  # characters of a public value
#: Of the planning form, entered in percent.
PERCENT = {"half_width", "response", "share", "lies", "yes_visits", "unreached_visits"}
HEX = {"autocomplete": "off", "spellcheck": "false"}
PROJECT_CHOICES = [SelectChoice(project, label(project)) for project in Project]


class CampaignForm(FlaskForm):
    name = StringField(_l("Name of the campaign"), [DataRequired(), Length(max=80)])
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

    kind = RadioField(
        _l("Kind"),
        choices=[SelectChoice(kind, label(kind)) for kind in CampaignKind],
        default=CampaignKind.YEARLY,
    )
    places = SelectMultipleField(_l("Counties of a spot check"))
    follows = SelectField(_l("Follows"), default="")
    coordination = RadioField(
        _l("Sample of a follow-up wave"),
        choices=[SelectChoice(code, label(code)) for code in Coordination],
        default=Coordination.APART,
    )
    release_rule = RadioField(
        _l("Which replicate is next"),
        choices=[SelectChoice(rule, label(rule)) for rule in ReleaseRule],
        default=ReleaseRule.BY_HAND,
    )
    certain_from = IntegerField(
        _l("Enterprises taken whole, from so many persons"), [NumberRange(0, 100_000)], default=0
    )
    merge_below = IntegerField(
        _l("Enterprises joined, below so many persons"), [NumberRange(0, 10_000)], default=0
    )

    def offer(self, tree: RegionTree, drawn: list[Campaign]) -> None:
        """Fill the lists of units, counties and campaigns that can be followed."""
        self.units.choices = [SelectChoice(unit.code, unit.name) for unit in tree.units]
        self.places.choices = [
            SelectChoice(place.code, tree.name(place.code))
            for unit in tree.units
            for place in tree.places_of(unit.code)
        ]
        self.follows.choices = [SelectChoice("", "—")] + [
            SelectChoice(str(campaign.id), campaign.name) for campaign in drawn
        ]

    def validate_cutoff_on(self, field: DateField) -> None:
        year = self.year.data
        if year is not None and field.data.year not in {year, year + 1}:
            raise ValidationError(_("The cut-off date lies in the campaign's year or the next."))

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
            kind=CampaignKind(self.kind.data),
            places=self._places(),
            follows=int(self.follows.data) if self.follows.data else None,
            coordination=Coordination(self.coordination.data),
            release_rule=ReleaseRule(self.release_rule.data),
            certain_from=self.certain_from.data or 0,
            merge_below=self.merge_below.data or 0,
        )

    def _places(self) -> frozenset[str]:
        """Return the chosen counties; only a spot check is confined to some."""
        spot_check = self.kind.data == CampaignKind.SPOT_CHECK
        return frozenset(self.places.data) if spot_check else frozenset()


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


class ReleaseForm(FlaskForm):
    reason = SelectField(
        _l("Why it is opened"),
        choices=[
            SelectChoice(reason, label(reason))
            for reason in ReleaseReason
            if reason is not ReleaseReason.WIDEST
        ],
        default=ReleaseReason.PLANNED,
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
    name = StringField(_l("Public value"), [DataRequired(), Length(max=LONGEST)])
    known_on = DateField(_l("Comes out on"), [InputRequired()])


class CommitForm(FlaskForm):
    digest = StringField(_l("Commitment"), [DataRequired(), Length(max=100)], render_kw=HEX)


class ValueForm(FlaskForm):
    value = StringField(_l("Value that came out"), [DataRequired(), Length(max=LONGEST)])


class RevealForm(FlaskForm):
    secret = StringField(_l("Secret"), [DataRequired(), Length(max=100)], render_kw=HEX)
    salt = StringField(_l("Salt"), [DataRequired(), Length(max=100)], render_kw=HEX)


class RedrawForm(FlaskForm):
    reason = TextAreaField(_l("Reason"), [DataRequired(), Length(max=500)])


class ProofForm(FlaskForm):
    campaign = SelectField(_l("Campaign"), [InputRequired()], coerce=int)
    ledger = SelectField(_l("Ledger"), [InputRequired()], coerce=int)
    sheet = SelectField(_l("Sheet"), [InputRequired()])
    row = IntegerField(_l("Row"), [InputRequired(), NumberRange(1)])

    def offer(self, campaigns: list[Campaign], ledgers: list[Ledger], sheets: list[str]) -> None:
        """Fill the lists with what the person may see."""
        self.campaign.choices = [SelectChoice(one.id, one.name) for one in campaigns]
        self.ledger.choices = [
            SelectChoice(
                one.id, f"{one.region.name} {label(one.project)} {one.period_end} {one.file_name}"
            )
            for one in ledgers
        ]
        self.sheet.choices = [SelectChoice(sheet, sheet) for sheet in sheets]


def _slider(name: str, words: LazyString, step: float = 1) -> FloatField:
    """A share, in percent, between the bounds of the planning."""
    low, high = (bound * 100 for bound in RANGES[name])
    look = {"type": "range", "min": low, "max": high, "step": step, "data-suffix": "%"}
    return FloatField(words, [InputRequired(), NumberRange(low, high)], render_kw=look)


def _entered(name: str, value: Any) -> Any:
    """Return a wish as it stands in its field: shares in percent, whole numbers without a point."""
    if not isinstance(value, float):
        return value
    shown = round(value * 100, 1) if name in PERCENT else value
    return int(shown) if shown.is_integer() else shown


def _amount(name: str, words: LazyString) -> FloatField:
    low, high = RANGES[name]
    return FloatField(words, [InputRequired(), NumberRange(low, high)])


class PlanForm(FlaskForm):
    method = RadioField(
        _l("Aim"),
        choices=[
            SelectChoice(Aim.PRECISION, _l("The wished half-width in each unit")),
            SelectChoice(Aim.DECISIONS, _l("As many counties decided as the budget allows")),
        ],
        default=Aim.PRECISION,
    )
    half_width = _slider("half_width", _l("Half-width of each unit"), 0.5)
    response = _slider("response", _l("Expected response"))
    share = _slider("share", _l("Expected share of true claims"), 0.5)
    lies = _slider("lies", _l("Untrue claims confirmed by phone"))
    yes_visits = _slider("yes_visits", _l("Visits among those who confirmed"))
    unreached_visits = _slider("unreached_visits", _l("Visits among those not reached"))
    minimum = IntegerField(_l("Minimum of each stratum"), [InputRequired()])
    budget = _amount("budget", _l("Budget, yuan"))
    attempt_cost = _amount("attempt_cost", _l("Cost of a call, yuan"))
    visit_cost = _amount("visit_cost", _l("Cost of a visit, yuan"))

    def validate_minimum(self, field: IntegerField) -> None:
        low, high = RANGES["minimum"]
        if not low <= field.data <= high:
            raise ValidationError(
                _("Not below %(low)s; strata of 30 persons or fewer are taken whole.", low=int(low))
            )

    @classmethod
    def of(cls, wishes: Wishes) -> "PlanForm":
        """Return the form filled with *wishes*."""
        values = asdict(wishes)
        return cls(
            formdata=None,
            data={name: _entered(name, value) for name, value in values.items()},
        )

    def to_wishes(self) -> Wishes:
        """Return what the form says."""
        return Wishes(
            method=Aim(self.method.data),
            **{
                name: self[name].data / 100 if name in PERCENT else self[name].data
                for name in RANGES
            },
        )
