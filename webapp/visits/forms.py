"""What an inspector's form and a coordinator's form say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import DateField, FloatField, IntegerField
from wtforms.validators import InputRequired, NumberRange, Optional

from casework.cases.models import PhoneClass
from casework.visits.assignment import MOST_PER_DAY, PER_DAY
from casework.visits.findings import FindingReport
from casework.visits.models import Finding

ITEM, REASON = "item-", "reason-"


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form of a finding, to be shown again if it is refused."""

    outcome: str = ""
    checklist: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    idempotency_key: str = ""
    seen: frozenset[str] = frozenset()  #: keys of the reports that the page had in sight

    @classmethod
    def read(cls, form: MultiDict[str, str]) -> "Typed":
        return cls(
            outcome=form.get("outcome", ""),
            checklist=_with_prefix(form, ITEM),
            reasons=_with_prefix(form, REASON),
            note=form.get("note", ""),
            idempotency_key=form.get("idempotency_key", "")[:64],
            seen=frozenset(form.getlist("seen")),
        )

    @classmethod
    def again(cls, findings: Sequence[Finding], *, idempotency_key: str) -> "Typed":
        """Begin a correction with the answers of the latest of *findings*, if there is one."""
        if not findings:
            return cls(idempotency_key=idempotency_key)
        last = findings[-1]
        return cls(last.outcome, last.checklist, last.reasons or {}, last.note, idempotency_key)

    def to_report(self, photos: Sequence[FileStorage], *, found_at: datetime) -> FindingReport:
        return FindingReport(
            outcome=self.outcome,
            checklist=self.checklist,
            reasons=self.reasons,
            note=self.note,
            photos=[photo.read() for photo in photos if photo.filename],
            found_at=found_at,
            idempotency_key=self.idempotency_key,
            seen=self.seen,
        )


def _with_prefix(form: MultiDict[str, str], prefix: str) -> dict[str, str]:
    return {key.removeprefix(prefix): text for key, text in form.items() if key.startswith(prefix)}


def moment(text: str, *, at: datetime) -> datetime:
    """Return the time the device names, or *at* where it names none or one that lies ahead."""
    try:
        found_at = datetime.fromisoformat(text)
    except ValueError:
        return at
    if found_at.tzinfo is None or found_at > at:
        return at
    return found_at


class AssignForm(FlaskForm):
    on_date = DateField(_l("First day of the visits"), [InputRequired()])
    per_day = IntegerField(
        _l("Most visits a day"), [Optional(), NumberRange(1, MOST_PER_DAY)], default=PER_DAY
    )

    def is_planned_for(self, today: date) -> bool:
        """Validate, and refuse a day before *today*."""
        if not self.validate_on_submit():
            return False
        if self.on_date.data < today:
            self.on_date.errors = [_("A visit cannot be planned for a past day.")]
            return False
        return True


class SharesForm(FlaskForm):
    """One share for each phone class, in percent."""

    def shares(self) -> dict[PhoneClass, float]:
        return {
            phone_class: round(self[phone_class.value].data / 100, 4) for phone_class in PhoneClass
        }


for _class in PhoneClass:
    setattr(SharesForm, _class.value, FloatField(validators=[InputRequired(), NumberRange(0, 100)]))
