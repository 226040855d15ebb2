"""Simulated operators at work: they claim, dial and report through the services people use.

The clock is simulated as well. Each operator is free at some moment of a working day, the one who
is free first takes the next case, and nothing is due before its rest is over.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache

import numpy as np

from casework.accounts.models import User
from casework.calls.attempts import start_attempt
from casework.calls.filling import CallReport
from casework.calls.queue import OWNER_FIRST, Claim, claim_next_case
from casework.calls.reports import Recorded, record_outcome
from casework.calls.schedule import SHANGHAI
from casework.calls.script import every_path, script_for
from casework.calls.verdicts import VERDICTS, WAIVERS
from casework.cases.lifecycle import CaseState
from casework.demo import MARK
from casework.demo.contact import Behaviour, Contact, PhoneAnswer, answer_call
from casework.demo.protocol import MAX_ATTEMPTS
from casework.ledgers.projects import Project

OPENS, ENDS = time(9), time(20)  #: of the call floor; people may be called from 8:00 to 21:00
INTERVIEW, SHORT_CALL = timedelta(minutes=4), timedelta(seconds=70)
RINGING = timedelta(seconds=15)
ASKS_FOR_LATER = 0.06  #: of the people who answer, how many first agree on another time
REST_OF_A_DAY = timedelta(days=1)  #: a rest as long as this is not waited for
#: The wave ends when no more than this share of the cases is still due for a second or third call:
#: waiting for the last of them would call the others four times and more, and decide nothing.
LEFT_OVER = 0.25
#: What a person says whose claim is untrue for a reason that the script of the project does not
#: ask for: who never was unemployed denies the entry, a student is simply without work.
_IN_THE_SCRIPT = {"N3": "N2", "N7": "N1"}
_NOTES = {
    "21": "现在没空，请以后再拨",
    "22": "明确表示不愿意接受问访",
    "23": "家人代为拒绝",
    "39": "家人说长期在外地，无法联系",
    "53": "机主不认识台账上的人",
    "56": "是劳务中介的电话",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a case is about, as far as a call shows it."""

    behaviour: Behaviour
    numbers: int  #: telephone numbers in the ledger
    facts: frozenset[str]  #: what the script takes from the ledger


def on_duty(at: datetime) -> datetime:
    """Return *at*, or the next opening of the call floor if it lies outside its hours."""
    local = at.astimezone(SHANGHAI)
    if OPENS <= local.time() < ENDS:
        return at
    day = local.date() + timedelta(days=local.time() >= ENDS)
    return datetime.combine(day, OPENS, SHANGHAI).astimezone(at.tzinfo)


class CallFloor:
    """Operators who call one person after another until they are told to stop."""

    def __init__(
        self,
        operators: Sequence[User],
        people: Mapping[str, Person],
        due: Mapping[int, datetime],
        rng: np.random.Generator,
    ) -> None:
        self._operators, self._people, self._rng = operators, people, rng
        self._due = dict(due)  # of the cases that wait; whoever finds none due waits as well
        self._next = [(at, case_id) for case_id, at in due.items()]
        heapq.heapify(self._next)
        self._fresh = set(due)  # cases that nobody has called yet
        self._soon: set[int] = set()  # cases due again within a day, in their first cycle
        self._attempts: Counter[int] = Counter()
        self._promised: set[int] = set()  # cases whose person named a time
        self.calls = 0

    @property
    def waiting(self) -> int:
        """How many cases wait for a call."""
        return len(self._due)

    def work(
        self,
        begin: datetime,
        *,
        until: datetime | None = None,
        most: int | None = None,
        said: Callable[[int], None] = lambda calls: None,
    ) -> datetime:
        """Call until a first cycle is over; return when the last call ended.

        Parameters
        ----------
        begin
            When the operators come.
        until, most
            A moment, and a number of calls, after which nobody begins another one.
        said
            Is told after each call how many there were.
        """
        free = [(on_duty(begin), n) for n in range(len(self._operators))]
        last, enough, idle = begin, LEFT_OVER * len(self._due), 0
        while (self._fresh or len(self._soon) > enough) and (most is None or self.calls < most):
            at, who = heapq.heappop(free)
            at = on_duty(max(at, self._first_due(at)))
            if until is not None and at >= until:
                break
            claim = claim_next_case(actor=self._operators[who], at=at)
            if claim is None and idle > len(self._operators):
                break
            if claim is None:  # what is due was agreed with a colleague, who goes first
                idle += 1
                heapq.heappush(free, (on_duty(at + OWNER_FIRST), who))
                continue
            idle, last = 0, self._call(claim, self._operators[who], at)
            heapq.heappush(free, (on_duty(last), who))
            said(self.calls)
        return last

    def _first_due(self, at: datetime) -> datetime:
        """Return when the first waiting case is due, *at* if none waits."""
        while self._next and self._due.get(self._next[0][1]) != self._next[0][0]:
            heapq.heappop(self._next)  # claimed since, or given another time
        return self._next[0][0] if self._next else at

    def _call(self, claim: Claim, operator: User, at: datetime) -> datetime:
        person = self._people[claim.entry_uid]
        number = self._attempts[claim.case_id] % max(person.numbers, 1)
        self._attempts[claim.case_id] += 1
        self.calls += 1
        start_attempt(claim.case_id, claim.fence, number, actor=operator, at=at + RINGING)
        report, ended = self._report(claim, person, number, at)
        recorded = record_outcome(claim.case_id, claim.fence, report, actor=operator, at=ended)
        self._remember(claim.case_id, recorded, ended)
        return ended

    def _remember(self, case_id: int, recorded: Recorded, ended: datetime) -> None:
        self._fresh.discard(case_id)
        self._soon.discard(case_id)
        self._due.pop(case_id, None)
        if recorded.state is not CaseState.READY or recorded.due_at is None:
            return
        self._due[case_id] = recorded.due_at
        heapq.heappush(self._next, (recorded.due_at, case_id))
        if self._attempts[case_id] < MAX_ATTEMPTS and recorded.due_at < ended + REST_OF_A_DAY:
            self._soon.add(case_id)

    def _report(
        self, claim: Claim, person: Person, number: int, at: datetime
    ) -> tuple[CallReport, datetime]:
        """Hear how the call goes; return what is reported, and when it ended."""
        answer = self._answer(claim.case_id, person.behaviour)
        interview = answer.disposition == "11"
        ended = at + RINGING + (INTERVIEW if interview else SHORT_CALL)
        answers, waiver = None, None
        if interview:
            answers = answers_for(claim.project, answer.outcome, person.facts)
            waiver = ended if _said(claim.project, answer.outcome) in WAIVERS else None
        note = _NOTES.get(answer.disposition, "")
        report = CallReport(
            disposition=answer.disposition,
            idempotency_key=f"{MARK}-{claim.case_id}-{claim.fence}",
            note=f"{MARK}：{note}" if note else "",
            answers=answers,
            window=self._window(ended) if answer.disposition == "31" else None,
            waiver_read_at=waiver,
            number_used=number,
        )
        return report, ended

    def _answer(self, case_id: int, behaviour: Behaviour) -> PhoneAnswer:
        answer = answer_call(behaviour, self._attempts[case_id], self._rng)
        if answer.disposition != "11" or case_id in self._promised:
            return answer
        if behaviour.contact is Contact.ANSWERS and self._rng.random() < ASKS_FOR_LATER:
            self._promised.add(case_id)
            return PhoneAnswer("31")
        return answer

    def _window(self, ended: datetime) -> tuple[datetime, datetime]:
        """Return the time that a person names: an hour, from one to thirty hours from now."""
        start = on_duty(ended + timedelta(hours=float(self._rng.uniform(1, 30))))
        return start, start + timedelta(hours=1)


def answers_for(
    project: Project, outcome: str, facts: frozenset[str]
) -> Mapping[str, Sequence[str]]:
    """Return answers that lead a whole interview to *outcome*, or to what stands for it."""
    return ways_through(project, facts)[_said(project, outcome)]


def _said(project: Project, outcome: str) -> str:
    known = outcome in ways_through(project, frozenset())
    return outcome if known else _IN_THE_SCRIPT[outcome]


@cache
def ways_through(project: Project, facts: frozenset[str]) -> dict[str, Mapping[str, Sequence[str]]]:
    """Return the first way through the script to each outcome of a whole interview."""
    wanted = {row.outcome for row in VERDICTS[project]}
    ways: dict[str, Mapping[str, Sequence[str]]] = {}
    for answers, end in every_path(script_for(project), facts):
        if end.disposition == "11":
            ways.setdefault(end.outcome, answers)
        if ways.keys() == wanted:
            break
    return ways
