"""What the forms of the desk and of the supervisor may contain."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest
from wtforms import DecimalField, HiddenField, IntegerField, StringField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import TextInput

from casework.calls.caller import MOST_SIGNS
from casework.calls.closing import AppointmentUnreadable
from casework.calls.dispositions import Disposition, all_dispositions
from casework.calls.filling import CallReport
from casework.calls.rests import rest_bounds, settable_rests, usual_rest
from casework.calls.rules import Rules, RulesUnusable
from casework.calls.schedule import SHANGHAI, CallingHours, day_of
from casework.db import new_uid, utcnow

Fields = MultiDict[str, str]

_DAY = re.compile(
    r"(?:(?P<year>20\d{2})[-/.年])?(?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?", re.ASCII
)
_DIGITS = re.compile(r"(?P<year>20\d{2})?(?P<month>\d{2})(?P<day>\d{2})", re.ASCII)
_CLOCK = re.compile(r"(?P<hour>\d{1,2})(?:[:：]?(?P<minute>\d{2}))?", re.ASCII)
USUAL_LENGTH = timedelta(minutes=30)  # of an agreed time whose end nobody wrote down


def held(form: Fields) -> tuple[int, int]:
    """Return the case and the fence that every form of the desk names."""
    return form.get("case", 0, type=int), form.get("fence", 0, type=int)


def to_report(form: Fields) -> CallReport:
    """Return what the operator reports. Raises AppointmentUnreadable if it agrees on a time."""
    disposition = form.get("disposition", "")
    found = all_dispositions().get(disposition)
    return CallReport(
        disposition=disposition,
        idempotency_key=form.get("key") or new_uid(),
        note=form.get("note", ""),
        window=_window(form) if found and found.needs_appointment else None,
        new_number=form.get("new_number", ""),
        by_hand=form.get("by_hand") == "1",
        confirmed=form.get("confirmed") == "1",
    )


def _window(form: Fields) -> tuple[datetime, datetime] | None:
    """Read the agreed time, which is typed in Shanghai's."""
    day, start, end = (form.get(name, "").strip() for name in ("day", "from", "to"))
    if not (day and start):
        return None
    agreed = read_day(day, day_of(utcnow()))
    begin = datetime.combine(agreed, read_clock(start), SHANGHAI).astimezone(UTC)
    if not end:
        return begin, begin + USUAL_LENGTH
    return begin, datetime.combine(agreed, read_clock(end), SHANGHAI).astimezone(UTC)


def read_day(typed: str, today: date) -> date:
    """Read a day such as ``2026-12-05``, ``12-05``, ``12.5``, ``12月5日`` or ``1205``.

    Without a year it is the next such day from *today* on. Raises AppointmentUnreadable.
    """
    found = _DAY.fullmatch(typed) or _DIGITS.fullmatch(typed)
    if found is None:
        raise AppointmentUnreadable(typed=typed[:20])
    year, month, day = found["year"], int(found["month"]), int(found["day"])
    try:
        read = date(int(year or today.year), month, day)
        return read if year or read >= today else read.replace(year=today.year + 1)
    except ValueError:
        raise AppointmentUnreadable(typed=typed[:20]) from None


def read_clock(typed: str) -> time:
    """Read a time such as ``15:30``, ``1530``, ``930`` or ``15``. Raises AppointmentUnreadable."""
    found = _CLOCK.fullmatch(typed)
    try:
        if found is not None:
            return time(int(found["hour"]), int(found["minute"] or 0))
    except ValueError:
        pass
    raise AppointmentUnreadable(typed=typed[:20])


class CallerForm(FlaskForm):
    agency = StringField(_l("Agency that calls"), [Length(max=MOST_SIGNS)])
    hotline = StringField(_l("Hotline for questions"), [Length(max=MOST_SIGNS)])
    check_place = StringField(_l("Where people check the call"), [Length(max=MOST_SIGNS)])


class ClockField(TimeField):
    """A time of day, typed as on a 24-hour clock whatever the browser's own habits are."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the time; say in our own words what cannot be read."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Write the time as on a 24-hour clock, such as 19:30.")) from None


def _whole(least: int, most: int) -> list[InputRequired | NumberRange]:
    unusable = _l("A whole number from %(min)s to %(max)s.")
    return [InputRequired(_l("Fill this in.")), NumberRange(least, most, message=unusable)]


#: Where on the form each thing that cannot be used is said, and how.
UNUSABLE: Mapping[str, tuple[str, LazyString]] = {
    "opens": ("opens", _l("Calls begin at 8:00 at the earliest, and before 21:00.")),
    "ends": ("ends", _l("Calls end at 21:00 at the latest, and after they begin.")),
    "rest": (
        "rest_until",
        _l("The rest must lie inside the hours and have both its ends, or none."),
    ),
}


class HoursField(DecimalField):
    """A length of time in hours."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the hours; say in our own words what cannot be read."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Write the hours as a number, such as 0.5 or 24.")) from None


def _rest_field(disposition: Disposition) -> HoursField:
    least, most = (_hours(minutes) for minutes in rest_bounds(disposition))
    outside = _l("From %(min)s to %(max)s hours.")
    return HoursField(
        _l("Rest after %(code)s", code=disposition.code),
        [Optional(), NumberRange(least, most, outside)],
        places=None,
    )


def _hours(minutes: int) -> Decimal:
    """Return minutes as hours, without zeros that say nothing."""
    hours = Decimal(f"{minutes / 60:.2f}").normalize()
    return hours.quantize(Decimal(1)) if hours == hours.to_integral() else hours


class RulesForm(FlaskForm):
    opens = ClockField(_l("Calls begin"), [InputRequired(_l("Fill this in."))])
    ends = ClockField(_l("Calls end"), [InputRequired(_l("Fill this in."))])
    rest_from = ClockField(_l("Noon rest from"), [Optional()])
    rest_until = ClockField(_l("Noon rest until"), [Optional()])
    calls_of_a_case = IntegerField(_l("Calls of one case"), _whole(1, 50))
    calls_a_day = IntegerField(_l("Calls to one person a day"), _whole(1, 10))
    fresh_share = IntegerField(_l("Share of fresh cases, %"), _whole(0, 100))
    slot_capacity = IntegerField(_l("Appointments in one slot"), _whole(0, 1000))
    since = HiddenField()  # when the rules that the page shows were set

    def refuse(self, error: RulesUnusable) -> None:
        """Say beside its field what cannot be used."""
        field = str(error.facts["field"])
        name, words = UNUSABLE.get(field, (field, _l("This rest cannot be set.")))
        self[name].errors = [str(words)]

    def instead_of(self) -> datetime | None:
        """Return since when the rules hold that the page showed. Raises BadRequest."""
        try:
            return datetime.fromisoformat(self.since.data) if self.since.data else None
        except ValueError as error:
            raise BadRequest from error

    @classmethod
    def of(cls, rules: Rules, since: datetime | None) -> "RulesForm":
        """Return the form, filled with the rules that hold *since* then."""
        hours = rules.hours
        rests = {
            rest_name(code): _hours(rules.rests.get(code, usual_rest(found)))
            for code, found in settable_rests().items()
        }
        return cls(
            **rests,
            since=since and since.isoformat(),
            opens=hours.opens,
            ends=hours.ends,
            rest_from=hours.rest_from,
            rest_until=hours.rest_until,
            calls_of_a_case=rules.calls_of_a_case,
            calls_a_day=rules.calls_a_day,
            fresh_share=rules.fresh_share,
            slot_capacity=rules.slot_capacity,
        )

    def rules(self) -> Rules:
        """Return what was typed."""
        return Rules(
            CallingHours(
                self.opens.data, self.ends.data, self.rest_from.data, self.rest_until.data
            ),
            self.calls_of_a_case.data,
            self.calls_a_day.data,
            self.fresh_share.data,
            self.slot_capacity.data,
            self._rests(),
        )

    def _rests(self) -> dict[str, int]:
        """Return the rests in minutes that are not those of the table; an empty field means it."""
        typed = {code: self[rest_name(code)].data for code in settable_rests()}
        minutes = {code: round(hours * 60) for code, hours in typed.items() if hours is not None}
        usual = {code: usual_rest(found) for code, found in settable_rests().items()}
        return {code: rest for code, rest in minutes.items() if rest != usual[code]}


def rest_name(code: str) -> str:
    """Return the field in which the rest after a disposition stands."""
    return f"rest_{code}"


for _code, _found in settable_rests().items():
    setattr(RulesForm, rest_name(_code), _rest_field(_found))
