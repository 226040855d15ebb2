"""Forms of ledgers."""

from pathlib import PurePosixPath

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, Form, IntegerField, SelectField, SelectMultipleField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, NumberRange, ValidationError

from casework.ledgers.handing_in import Place, Upload
from casework.ledgers.models import RemovalClass
from casework.ledgers.projects import Project
from casework.regions.models import Region
from casework.regions.tree import RegionTree
from webapp.labels import label

#: The projects that are verified person by person.
PROJECTS = (Project.RE_EMPLOYMENT, Project.HARDSHIP, Project.OVERCAPACITY)
LONGEST_NAME = 120  # characters
LONGEST_ROW = 8  # digits


class UploadForm(FlaskForm):
    project = SelectField(
        _l("Project"),
        [InputRequired()],
        coerce=Project,
        choices=[SelectChoice(project, label(project)) for project in PROJECTS],
    )
    region = SelectField(_l("Region"), [InputRequired()])
    year = IntegerField(_l("Year"), [InputRequired(), NumberRange(2000, 2100)])
    period_end = DateField(_l("Reported up to"), [InputRequired()])
    file = FileField(_l("Ledger file"), [FileRequired(_l("Choose a file."))])

    def offer(self, regions: list[Region], tree: RegionTree) -> None:
        """Fill the list of regions."""
        self.region.choices = [
            SelectChoice(region.code, tree.name(region.code)) for region in regions
        ]

    def validate_period_end(self, field: DateField) -> None:
        if field.data and self.year.data and field.data.year != self.year.data:
            raise ValidationError(_("This day must lie in the year above."))

    def to_upload(self) -> Upload:
        return Upload(
            project=self.project.data,
            region_code=self.region.data,
            year=self.year.data,
            period_end=self.period_end.data,
            file_name=_plain_name(self.file.data.filename),
            content=self.file.data.read(),
        )


def _plain_name(name: str) -> str:
    """Return a file's name without the folders that some browsers send with it."""
    return PurePosixPath(name.replace("\\", "/")).name[-LONGEST_NAME:]


class _PlacesField(SelectMultipleField):
    """Ticked rows, each as ``row:sheet``; the service refuses those without an error."""

    def pre_validate(self, form: Form) -> None:
        if not self.data or None in self.data:
            raise ValidationError(_("Choose at least one row. Nothing was removed."))


def _place(text: str) -> Place | None:
    row, __, sheet = str(text).partition(":")
    return (sheet, int(row)) if row.isdecimal() and len(row) <= LONGEST_ROW else None


class RemovalForm(FlaskForm):
    places = _PlacesField(_l("Rows"), coerce=_place, choices=[])
    removal_class = SelectField(
        _l("Removal class"),
        [InputRequired()],
        coerce=lambda code: RemovalClass(code) if code else None,
        choices=[
            SelectChoice("", _l("Choose a class")),
            *(SelectChoice(code, label(code)) for code in RemovalClass),
        ],
    )
