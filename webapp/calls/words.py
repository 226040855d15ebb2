"""The words of the desk: the script's places filled, dispositions and outcomes by name."""

import re
from collections.abc import Mapping
from datetime import date, datetime

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casework.accounts.models import User
from casework.calls.call_codes import call_code
from casework.calls.caller import Caller
from casework.calls.desk import OpenCase
from casework.calls.dialling import BY_HAND, CALLED_IN, WITHOUT_CALL
from casework.calls.dispositions import Disposition, all_dispositions
from casework.calls.doubts import Doubt, doubts
from casework.calls.interruptions import NOBODY_SPOKE
from casework.calls.late_models import WhatHappened
from casework.calls.queue import Reason
from casework.calls.recording import UNKNOWN, wants_month
from casework.calls.reports import Recorded
from casework.calls.schedule import CallingHours, day_of
from casework.calls.script import Answer, Question, Walk, script_for
from casework.cases.lifecycle import CaseState
from casework.cases.models import Tier
from casework.cases.outcomes import all_outcomes
from casework.cases.phone_result import Ending
from casework.ledgers.projects import Project
from webapp.formats import local
from webapp.i18n import in_words
from webapp.labels import label

HOTLINE = "12340"  # of the statistics offices, where a campaign names none of its own
BLANK = "＿＿"  # where the ledger says nothing; the interviewer asks openly
_PLACE = re.compile(r"{(\w+)}")

#: What may speak against a disposition.
DOUBTS = tuple(Doubt)

#: The groups of dispositions in the order of the desk, with those of the table that are in them.
GROUPS = (
    (_l("Held"), ("完成",)),
    (_l("Put off"), ("预约", "未接触本人")),
    (_l("No reply"), ("未接触",)),
    (_l("Refusals"), ("拒访",)),
    (_l("Number"), ("号码问题",)),
    (_l("Not eligible"), ("不合格",)),
    (_l("Supervisor"), ("督导",)),
    (_l("Others"), ("其他",)),
    (_l("Technical"), ("技术",)),
)


#: What an operator may say of a call that broke off.
WHAT_HAPPENED = (
    (WhatHappened.NOT_DIALLED, _l("I did not dial")),
    (WhatHappened.NO_ANSWER, _l("Nobody answered")),
    (WhatHappened.NOT_FINISHED, _l("We spoke, but did not finish")),
    (WhatHappened.FINISHED, _l("Finished: report it")),
)


def what_happened(spoke: bool) -> list[tuple[WhatHappened, LazyString]]:  # noqa: FBT001 - a fact
    """Return what may be said of a call that broke off, where somebody *spoke* or nobody did."""
    return [row for row in WHAT_HAPPENED if not (spoke and row[0] in NOBODY_SPOKE)]


def fields_of(case: OpenCase, operator: User) -> dict[str, str]:
    """Return what stands in the places of the script."""
    person = case.person
    title = {"男": _("Mr"), "女": _("Ms")}.get(person.sex, "")
    known = {
        **_caller_fields(case.caller),
        "operator": _staff(operator),
        "year": str(case.year),
        "project": str(label(case.project)),
        "name": person.name,
        "title": title,
        "city": person.city,
        "county": person.county,
        "check_code": call_code(case.attempt_uid),
        "employer": person.details["employer"],
        "work": person.details["employ_form"],
        "started": _month(person.started_on),
        "hardship": person.details["hardship_type"],
        "enterprise": person.enterprise,
        "education": person.details["education"],
        "work_region": person.details["work_region"],
    }
    return {
        key: value or ("" if key in {"title", "county"} else BLANK) for key, value in known.items()
    }


def _staff(operator: User) -> str:
    """Return how an operator names himself: by staff number where accounts are numbers."""
    if operator.login.isdigit():
        return str(_("no. %(number)s", number=operator.login))
    return operator.name


def introduction(year: int, project: Project, caller: Caller) -> list[str]:
    """Return what callers say of themselves, with gaps for what only a call knows."""
    known = {**_caller_fields(caller), "year": str(year), "project": str(label(project))}
    questions = script_for(project).questions
    return [question_text(questions[id_], known) for id_ in ("G1", "G3")]


def _caller_fields(caller: Caller) -> dict[str, str]:
    return {
        "commissioner": str(_("the Henan Provincial Bureau of Statistics")),
        "agency": caller.agency or str(_("the survey agency")),
        "hotline": caller.hotline or HOTLINE,
        "check_place": caller.check_place or str(_("the check page of the bureau")),
    }


def hours_text(hours: CallingHours) -> str:
    """Say between which hours a campaign calls."""
    span = f"{hours.opens:%H:%M}–{hours.ends:%H:%M}"
    if hours.rest_from is None or hours.rest_until is None:
        return span
    rest = f"{hours.rest_from:%H:%M}–{hours.rest_until:%H:%M}"
    return str(_("%(hours)s without %(rest)s", hours=span, rest=rest))


def reason_text(reason: Reason, before: int, at: datetime) -> str:
    """Say why a case came up that was called *before* so many times."""
    if reason.tier is Tier.PUSHED:
        return str(_("Given to you by the supervisor"))
    if reason.tier is Tier.CALLED_BACK:
        return str(_("The person called back"))
    if reason.tier is Tier.SAME_CALL:
        return str(_("Same person, same call: go on with this project"))
    if reason.window is not None:
        return _window_text(reason.tier, *reason.window, at)
    if before:
        return str(_("To be called again; calls so far: %(amount)s", amount=before))
    return str(_("Not called before"))


def _window_text(tier: Tier, begin: datetime, end: datetime, at: datetime) -> str:
    """Say that a time was agreed on, and whether it is over."""
    span = {
        "start": local(begin, "time" if day_of(begin) == day_of(at) else "short"),
        "end": local(end, "time"),
    }
    if tier is Tier.HARD_APPOINTMENT:
        if end < at:
            return str(_("Appointment missed: %(start)s–%(end)s", **span))
        return str(_("Appointment due: %(start)s–%(end)s", **span))
    if end < at:
        return str(_("Time named by others, missed: %(start)s–%(end)s", **span))
    return str(_("Appointment named by others, due: %(start)s–%(end)s", **span))


def _month(day: date | None) -> str:
    return "" if day is None else _("%(year)s-%(month)s", year=day.year, month=f"{day.month:02}")


def filled(zh: str, en: str, fields: Mapping[str, str]) -> str:
    """Choose the language and fill the places. What the ledger wrote is never read as a place."""
    return _PLACE.sub(lambda place: fields.get(place[1], BLANK), in_words(zh, en))


def question_text(question: Question, fields: Mapping[str, str], walk: Walk | None = None) -> str:
    """Return a question as it is read: asked about the person where another answers."""
    if walk is not None and walk.by_proxy and question.about_person:
        return filled(question.zh.replace("您", "{name}{title}"), question.of_another_en, fields)
    return filled(question.zh, question.en, fields)


def answer_text(answer: Answer, fields: Mapping[str, str]) -> str:
    return filled(answer.zh, answer.en, fields)


def given_text(question: Question, keys: tuple[str, ...], fields: Mapping[str, str]) -> str:
    """Return the answers that were given to a question."""
    return " · ".join(answer_text(question.answer(key), fields) for key in keys)


def said_text(said: str) -> str:
    """Return the words written down with an answer, as people read them."""
    return str(_("does not know")) if said in UNKNOWN else f"“{said}”"


def line_name(dialler: str) -> str:
    """Say that a call goes on, and how it began where no dialler of ours made it."""
    how = {BY_HAND: _("On the phone, dialled by hand"), CALLED_IN: _("On the phone, they rang us")}
    return str(how.get(dialler, _("On the phone")))


def disposition_name(code: str) -> str:
    found = all_dispositions().get(code)
    return in_words(found.zh, found.en) if found else _("Interrupted")


def asks_for(code: str) -> str:
    """Return what a disposition asks for before it is sent, as desk.js reads it."""
    found = all_dispositions()[code]
    wanted = {
        "window": found.needs_appointment,
        "number": found.ending is Ending.MOVED,
        "note": found.requires_note,
        "call": found.ending not in WITHOUT_CALL,
        "dead": found.final and found.ending is Ending.DEAD_NUMBER,
    }
    return " ".join(name for name, is_asked in wanted.items() if is_asked)


def doubts_text(walk: Walk) -> str:
    """Return the dispositions that do not go with the answers, and why, as desk.js reads them."""
    return " ".join(f"{code}:{why}" for code, why in doubts(walk).items())


def recorded_text(recorded: Recorded, disposition: str) -> str:
    """Say what was recorded and where the case goes."""
    what = f"{recorded.code}: {disposition} {disposition_name(disposition)}"
    if recorded.due_at is not None:
        when = local(recorded.due_at, "short")
        return str(_("%(what)s; next call from %(time)s", what=what, time=when))
    if recorded.state is CaseState.ESCALATED:
        return str(_("%(what)s; handed to the supervisor", what=what))
    if recorded.state is CaseState.READY:
        return str(_("%(what)s; its number is not to be called any more", what=what))
    return str(_("%(what)s; the phone is done with the case", what=what))


def handed_over(walk: Walk) -> str:
    """Return the code of a case handed to the supervisor: 72 until the person is known there."""
    known = {f"{question}:{key}" for question in ("G1", "G1b") for key in "124"}
    return "71" if walk.tokens & known else "72"


def outcome_name(code: str) -> str:
    found = all_outcomes().get(code)
    return in_words(found.zh, found.en) if found else code


def offered_dispositions() -> list[tuple[LazyString, list[Disposition]]]:
    """Return the dispositions people choose, by group in the order of the desk."""
    chosen = [found for found in all_dispositions().values() if found.offered]
    return [
        (title, [found for found in chosen if found.group in groups]) for title, groups in GROUPS
    ]


CLOSING_ZH = "感谢您的支持，您的回答我们会严格保密。如有就业方面的需要可拨打12333。再见！"
CLOSING_EN = (
    "Thank you for your help. Your answers are kept in strict confidence. For questions about "
    "employment you can call 12333. Goodbye!"
)


def to_write(question: Question) -> str:
    """Return what is to be written down with an answer to *question*, shown in the empty field."""
    if wants_month(question):
        return str(_("Year and month as in 2017-03; ? if not known"))
    return str(_("What the person said; ? if they do not know"))


def going_on(project: Project) -> str:
    """Return what is said where the same person stands in another project too."""
    return in_words(
        f"谢谢。您还登记在“{label(project)}”名单里，我再用一点时间核实这一项。",
        f"Thank you. You are also on the list of “{label(project)}”; may I ask about that now?",
    )


def all_keys() -> list[tuple[tuple[str, ...], str]]:
    """Return every key of the desk with what it does."""
    return [
        (("1", "…", "9", "0", "Q"), _("Answer, by the key beside it; with several answers: tick")),
        (("Enter",), _("Next question, record the call, take the next case")),
        (("←",), _("Question before (also Backspace)")),
        ((_("Space"),), _("Mark a sentence as read word for word")),
        (("H",), _("Keep that it was dialled by hand on another telephone")),
        (("Del",), _("Hand the case back unworked")),
        (("F2",), _("Dial; after hanging up: dial again")),
        (("F3",), _("Hang up")),
        (("V",), _("Mark the supervisor's message as read")),
        (("X", "B"), _("Show the number; dial the other number")),
        (
            ("F4",),
            _("Appointment: arrow keys or a day as in 1205, Enter, the time as in 1530, Enter"),
        ),
        (("F6",), _("Dispositions: 0–9 and letters, / finds any of them")),
        (("F7",), _("Somebody calls back: find by number or case (without a case)")),
        (("F8",), _("To the supervisor, with a note that says why")),
        (("F9",), _("Call note; Esc leaves it")),
        (("F10",), _("Pause: at once, or after the call that goes on")),
        (("?",), _("This list; Esc closes it")),
    ]
