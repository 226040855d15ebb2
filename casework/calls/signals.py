"""Signals that interviews may have been made up, from the traces that calls leave.

A signal is a reason to look, and shows what it rests on and from where it counts. It punishes
nobody: the supervisor listens, or has the operator's interviews called again (recalls.py).

Rules on single calls count from fixed thresholds. Comparisons with colleagues are exact tests
(estimation/excess.py); among the operators of one comparison a share of at most 5 % of those
marked is expected to be marked wrongly (Benjamini and Hochberg).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby, pairwise

from casework.calls.schedule import CallingHours, day_of
from estimation.excess import more_often_than_others, more_than_expected
from estimation.multiplicity import adjust

CHARACTERS_A_SECOND = 8.0  # read out faster than that nobody follows; ordinary speech has four
SECONDS_AN_ANSWER = 1.0
FEW_SHORT = 3  # interviews
OVERLAP = timedelta(seconds=5)  # clocks of two servers may differ by less
LEAST_RUN = 5  # equal interviews one after another
RUN_CHANCE = 0.01  # how often a run as long may come by chance in one operator's period
LISTED_WRONGLY = 0.05  # the share that may be marked wrongly in one comparison
LAST = timedelta(minutes=30)  # of a shift
SHORTEST_SHIFT = timedelta(hours=2)
FEW_ANSWERS = 4  # questions of the project below which equal keys say nothing


class SignalKind(StrEnum):
    TOO_SHORT = "too_short"  #: shorter than the script can be read out
    UNREAD = "unread"  #: a sentence marked as read word for word before it can have been
    OVERLAPPING = "overlapping"  #: two calls of one person at one time
    NOT_DIALLED = "not_dialled"  #: a result without a call
    OUTSIDE_HOURS = "outside_hours"  #: an interview when nobody is called
    SAME_ANSWERS = "same_answers"  #: equal interviews one after another
    STRAIGHT_LINE = "straight_line"  #: the first answer to every question, more than others
    MANY_YES = "many_yes"  #: claims found true, more than others find on cases dealt at random
    LATE_BURST = "late_burst"  #: interviews crowd at the end of the shift


@dataclass(frozen=True, slots=True)
class Trace:
    """One closed call, as far as the signals read it."""

    attempt_id: int
    operator_id: int
    project: str
    started_at: datetime
    dialled_at: datetime | None
    ended_at: datetime
    interview: bool
    needs_dial: bool  #: its disposition says what a call brought
    achieved: bool | None  #: whether the claim was found true; None without a verdict
    dealt: bool  #: came up at random, not by an appointment, a push or an earlier call
    answers: tuple[tuple[str, tuple[str, ...]], ...]  #: question and keys, in order
    least_seconds: float  #: below which its questions cannot have been read out
    hours: CallingHours
    unread: bool | None = None  #: marked as read too soon; None without such a sentence

    @property
    def seconds(self) -> float:
        return (self.ended_at - (self.dialled_at or self.started_at)).total_seconds()

    @property
    def first_answers(self) -> bool:
        """Tell whether every question of the project got its first answer."""
        keys = [key for question, key in self.answers if not question.startswith("G")]
        return len(keys) >= FEW_ANSWERS and all(key == ("1",) for key in keys)


@dataclass(frozen=True, slots=True)
class Signal:
    """What was seen of one operator: *count* of *of* calls, and from where that counts."""

    operator_id: int
    kind: SignalKind
    count: int
    of: int
    others: float | None  #: the share among colleagues, where they are compared
    p_value: float | None  #: adjusted for the number of operators compared
    evidence: tuple[int, ...]  #: attempts, the first of them


def least_seconds(texts: Iterable[str]) -> float:
    """Return the time below which the questions *texts* cannot have been read and answered."""
    return sum(len(text) / CHARACTERS_A_SECOND + SECONDS_AN_ANSWER for text in texts)


@dataclass(frozen=True, slots=True)
class _Heard:
    """How many interviews there were of each project, with each set of answers, and by whom."""

    of_project: Counter[tuple[object, ...]]
    with_answers: Counter[tuple[object, ...]]

    @classmethod
    def among(cls, traces: Iterable[Trace]) -> "_Heard":
        interviews = [trace for trace in traces if trace.interview]
        return cls(
            Counter(key for t in interviews for key in ((t.project,), (t.project, t.operator_id))),
            Counter(
                key
                for t in interviews
                for key in ((t.project, t.answers), (t.project, t.answers, t.operator_id))
            ),
        )

    def share_of_others(self, like: Trace) -> float | None:
        """Return the share of colleagues' interviews with the same answers, one more counted in."""
        project, who = like.project, like.operator_id
        others = self.of_project[project,] - self.of_project[project, who]
        equal = (
            self.with_answers[project, like.answers] - self.with_answers[project, like.answers, who]
        )
        return (equal + 1) / (others + 1) if others else None


def find_signals(traces: Sequence[Trace]) -> list[Signal]:
    """Return every signal in *traces*, whatever their order, by operator and kind."""
    ordered = sorted(traces, key=lambda trace: (trace.started_at, trace.attempt_id))
    by_operator: dict[int, list[Trace]] = defaultdict(list)
    for trace in ordered:
        by_operator[trace.operator_id].append(trace)
    heard = _Heard.among(ordered)
    # Few calls are interviews or have a verdict; the rest need not be gone through each time.
    telling = {
        who: [t for t in own if t.interview or t.achieved is not None]
        for who, own in by_operator.items()
    }
    found = [signal for own in by_operator.values() for signal in _of_one(own, heard)]
    found += _straight_lines(telling) + _many_yes(telling) + _late_bursts(by_operator)
    return sorted(
        found, key=lambda signal: (signal.operator_id, list(SignalKind).index(signal.kind))
    )


def _of_one(own: Sequence[Trace], heard: _Heard) -> Iterator[Signal]:
    interviews = [trace for trace in own if trace.interview]
    short = [t for t in interviews if t.seconds < t.least_seconds]
    if len(short) >= FEW_SHORT:
        yield _signal(SignalKind.TOO_SHORT, short, len(interviews))
    marked = [trace for trace in own if trace.unread is not None]
    if unread := [trace for trace in marked if trace.unread]:
        yield _signal(SignalKind.UNREAD, unread, len(marked))
    dialled = [trace for trace in own if trace.dialled_at is not None]
    if both := _overlapping(dialled):
        yield _signal(SignalKind.OVERLAPPING, both, len(dialled))
    results = [trace for trace in own if trace.needs_dial]
    if unmade := [trace for trace in results if trace.dialled_at is None]:
        yield _signal(SignalKind.NOT_DIALLED, unmade, len(results))
    if late := [t for t in interviews if not t.hours.contain(t.dialled_at or t.started_at)]:
        yield _signal(SignalKind.OUTSIDE_HOURS, late, len(interviews))
    if run := _unlikely_run(interviews, heard):
        yield _signal(SignalKind.SAME_ANSWERS, run, len(interviews))


def _signal(
    kind: SignalKind,
    seen: Sequence[Trace],
    of: int,
    *,
    others: float | None = None,
    p_value: float | None = None,
) -> Signal:
    evidence = tuple(trace.attempt_id for trace in seen)
    return Signal(seen[0].operator_id, kind, len(seen), of, others, p_value, evidence)


def _overlapping(dialled: Sequence[Trace]) -> list[Trace]:
    """Return the calls that began while the one before was not over."""
    by_dial = sorted(dialled, key=lambda trace: trace.dialled_at or trace.started_at)
    return [
        after
        for before, after in pairwise(by_dial)
        if before.ended_at - (after.dialled_at or after.started_at) > OVERLAP
    ]


def _unlikely_run(interviews: Sequence[Trace], heard: _Heard) -> list[Trace]:
    """Return the longest run of equal interviews that chance alone would hardly bring.

    With the colleagues' share p of interviews with these answers, a run of L begins at one of n
    places with a chance of at most n * p**L.
    """
    runs: list[list[Trace]] = []
    for project in {trace.project for trace in interviews}:
        own = [trace for trace in interviews if trace.project == project]
        runs += [list(run) for _answers, run in groupby(own, key=lambda trace: trace.answers)]
    unlikely = [
        run
        for run in runs
        if len(run) >= LEAST_RUN
        and (share := heard.share_of_others(run[0])) is not None
        and len(interviews) * share ** len(run) < RUN_CHANCE
    ]
    return max(unlikely, key=len, default=[])


Operators = Mapping[int, Sequence[Trace]]


def _straight_lines(by_operator: Operators) -> list[Signal]:
    return _more_than_others(
        by_operator,
        SignalKind.STRAIGHT_LINE,
        counted=lambda trace: trace.interview,
        hit=lambda trace: trace.first_answers,
    )


def _many_yes(by_operator: Operators) -> list[Signal]:
    return _more_than_others(
        by_operator,
        SignalKind.MANY_YES,
        counted=lambda trace: trace.dealt and trace.achieved is not None,
        hit=lambda trace: bool(trace.achieved),
    )


def _more_than_others(
    by_operator: Operators,
    kind: SignalKind,
    *,
    counted: Callable[[Trace], bool],
    hit: Callable[[Trace], bool],
) -> list[Signal]:
    """Compare each operator with all colleagues, project by project."""
    tries = {who: Counter(t.project for t in own if counted(t)) for who, own in by_operator.items()}
    hits = {
        who: Counter(t.project for t in own if counted(t) and hit(t))
        for who, own in by_operator.items()
    }
    all_tries, all_hits = sum(tries.values(), Counter()), sum(hits.values(), Counter())
    compared = [who for who in by_operator if tries[who] and (all_tries - tries[who])]
    p_values = [
        more_often_than_others(
            [hits[who][p] for p in all_tries],
            [tries[who][p] for p in all_tries],
            [all_hits[p] - hits[who][p] for p in all_tries],
            [all_tries[p] - tries[who][p] for p in all_tries],
        )
        for who in compared
    ]
    found = []
    for who, p_value in _marked(compared, p_values):
        seen = [trace for trace in by_operator[who] if counted(trace) and hit(trace)]
        others = (all_hits - hits[who]).total() / (all_tries - tries[who]).total()
        of = tries[who].total()
        found.append(_signal(kind, seen, of, others=others, p_value=p_value))
    return found


def _late_bursts(by_operator: Operators) -> list[Signal]:
    """Compare the last half hour of each operator's days with the rest of them.

    If interviews came evenly, each of a day would fall into its last half hour with the chance
    that this half hour is of the day's length.
    """
    compared, p_values, bursts = [], [], {}
    for who, own in by_operator.items():
        days = [day for day in _shifts(own) if day.interviews]
        if not days:
            continue
        late = [len(day.late) for day in days]
        all_day, share = [len(day.interviews) for day in days], [day.late_share for day in days]
        compared.append(who)
        p_values.append(more_than_expected(late, all_day, share))
        bursts[who] = ([t for day in days for t in day.late], sum(all_day))
    return [
        _signal(SignalKind.LATE_BURST, *bursts[who], p_value=p_value)
        for who, p_value in _marked(compared, p_values)
    ]


@dataclass(frozen=True, slots=True)
class _Shift:
    interviews: list[Trace]
    late: list[Trace]
    late_share: float


def _shifts(own: Sequence[Trace]) -> Iterator[_Shift]:
    for _day, calls in groupby(own, key=lambda trace: day_of(trace.started_at)):
        of_day = list(calls)
        begin, end = of_day[0].started_at, max(trace.ended_at for trace in of_day)
        if end - begin < SHORTEST_SHIFT:
            continue
        # The last call lies at the end because it is the last: it tells nothing of a burst.
        interviews = [trace for trace in of_day[:-1] if trace.interview]
        late = [trace for trace in interviews if trace.ended_at > end - LAST]
        yield _Shift(interviews, late, LAST / (end - begin))


def _marked(compared: Sequence[int], p_values: Sequence[float]) -> Iterator[tuple[int, float]]:
    """Yield who is worth a look, with the adjusted p-value."""
    for who, adjusted in zip(compared, adjust(p_values, "BH"), strict=True):
        if adjusted <= LISTED_WRONGLY:
            yield who, float(adjusted)
